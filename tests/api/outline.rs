//! The structure of a page, told once.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use mousetrail::event::{Element, ElementBox, ElementFlags, Frame};
use mousetrail::wire::{MAX_ENVELOPE_BYTES, ServerMessage, encode_envelope, encode_frame};

use super::app::{ORIGIN, TestApp, spawn_app};
use super::client::{Client, Heard, frame, new_page, resumed_page};
use super::post::{hello, post};

fn outline(texts: &[&str]) -> Vec<u8> {
    let elements = (1..)
        .zip(texts)
        .map(|(number, selector)| Element {
            number,
            parent: 0,
            flags: ElementFlags::default(),
            rect: ElementBox { x: 0, y: 40 * i32::from(number), w: 300, h: 30 },
            text_length: 9,
            tag: "p".to_owned(),
            role: String::new(),
            selectors: vec![(*selector).to_owned()],
        })
        .collect();
    encode_frame(&Frame { seq: 0, t0_ms: 800, origin: (0, 0), samples: 0, tolerance: 0, elements, events: Vec::new(), ..frame(1) })
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn send(app: &TestApp, frames: &[Vec<u8>]) -> Vec<ServerMessage> {
    let (status, answer) = post(app, ORIGIN, gzip(&encode_envelope(&hello(app, vec![new_page(0, 1)]), frames))).await;
    assert_eq!(status, 200, "{answer}");
    serde_json::from_value(answer).unwrap()
}

#[actix_web::test]
async fn an_outline_is_acked_by_itself_stored_once_and_later_boxes_win() {
    let app = spawn_app().await;
    let messages = send(&app, &[outline(&["#a", "#b"])]).await;
    assert!(matches!(&messages[..], [ServerMessage::Welcome { acked: 0, .. }, ServerMessage::Ack { n: 0, seq: 0 }]), "{messages:?}");
    let mut moved = frame(1);
    moved.elements = vec![Element {
        number: 1,
        parent: 0,
        flags: ElementFlags::default(),
        rect: ElementBox { x: 5, y: 5, w: 5, h: 5 },
        text_length: 9,
        tag: "p".to_owned(),
        role: String::new(),
        selectors: vec!["#a".to_owned()],
    }];
    // Another outline, in the order of a client that sends everything again: it changes nothing.
    let messages = send(&app, &[outline(&["#other", "#names", "#too"]), encode_frame(&moved)]).await;
    assert_eq!(messages[1..], [ServerMessage::Ack { n: 0, seq: 0 }, ServerMessage::Ack { n: 0, seq: 1 }]);
    assert_eq!(
        app.rows("select element_id, selector, x, y from element order by 1").await,
        [r##"{"element_id":1,"selector":"#a","x":5,"y":5}"##, r##"{"element_id":2,"selector":"#b","x":0,"y":80}"##]
    );
    assert_eq!(app.count("select count(*) from core.element_name").await, 2);
    assert_eq!(
        app.rows("select seq, offset_ms from core.element_box order by seq").await,
        [r#"{"seq":0,"offset_ms":800}"#, r#"{"seq":1,"offset_ms":null}"#]
    );
    // An outline is no event: neither the ack order nor the sums know of it.
    assert_eq!(app.rows("select events, duration_ms from page_view").await, [r#"{"events":4,"duration_ms":1060}"#]);
    assert_eq!(app.count("select count(*) from frame").await, 1);
    assert_eq!(app.metric("mousetrail_frames_committed_total").await, 2);
    assert_eq!(app.metric("mousetrail_frames_duplicate_total").await, 1);
    app.finish().await;
}

#[actix_web::test]
async fn an_outline_alone_leaves_the_session_as_it_was() {
    let app = spawn_app().await;
    send(&app, &[outline(&["#a"])]).await;
    assert_eq!(app.rows("select events, duration_ms from session").await, [r#"{"events":0,"duration_ms":0}"#]);
    app.finish().await;
}

#[actix_web::test]
async fn an_outline_on_the_socket_closes_it_and_one_of_a_strange_page_is_refused() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(outline(&["#a"])).await;
    assert_eq!(client.hear().await, Heard::Close(1002));
    let (_, answer) = post(&app, ORIGIN, encode_envelope(&hello(&app, Vec::new()), &[outline(&["#a"])])).await;
    assert_eq!(
        serde_json::from_value::<Vec<ServerMessage>>(answer).unwrap(),
        [ServerMessage::Nack { n: 0, seq: Some(0), retry: false, reason: "page".to_owned() }]
    );
    assert_eq!(app.count("select count(*) from core.element_box").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn an_outline_in_quarantine_does_not_change_what_is_settled() {
    let app = spawn_app().await;
    app.execute("alter table core.element_box add constraint no_outline check (seq > 0)").await;
    let messages = send(&app, &[outline(&["#a"]), encode_frame(&frame(1))]).await;
    let nack = ServerMessage::Nack { n: 0, seq: Some(0), retry: false, reason: "quarantine".to_owned() };
    assert!(messages.contains(&nack), "{messages:?}");
    let Some(ServerMessage::Welcome { id, token, .. }) = messages.first() else { panic!("no welcome") };
    let mut client = Client::connect(&app).await;
    client.hello(&app.site.key, vec![resumed_page(0, &id.to_string(), token)]).await;
    let Heard::Message(ServerMessage::Welcome { acked, .. }) = client.hear().await else { panic!("no welcome") };
    assert_eq!(acked, 1);
    app.finish().await;
}

#[actix_web::test]
async fn a_body_that_is_gzip_is_bounded_as_it_unpacks() {
    let app = spawn_app().await;
    let mut broken = gzip(&encode_envelope(&hello(&app, Vec::new()), &[]));
    broken.truncate(broken.len() - 9);
    for (body, expected) in [
        (gzip(&vec![0; MAX_ENVELOPE_BYTES + 1]), (413, 1009)),
        (gzip(&vec![b' '; 200 << 20]), (413, 1009)),
        (broken, (400, 1002)),
        (gzip(b""), (400, 1002)),
        // Not unpacked a second time.
        (gzip(&gzip(&encode_envelope(&hello(&app, Vec::new()), &[]))), (400, 1002)),
    ] {
        let (status, answer) = post(&app, ORIGIN, body).await;
        assert_eq!((status, answer["code"].as_u64().unwrap()), expected, "{answer}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn a_hello_of_31_bytes_is_not_taken_for_gzip() {
    let app = spawn_app().await;
    let mut plain = encode_envelope(&hello(&app, Vec::new()), &[]);
    // The length of gzip's first byte, and the JSON that can follow it.
    plain[0] = 0x1f;
    assert_eq!(plain[1], b'{');
    let (status, _) = post(&app, ORIGIN, plain).await;
    assert_eq!(status, 400, "read as an envelope that is too short for its JSON");
    app.finish().await;
}
