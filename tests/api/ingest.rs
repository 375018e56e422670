//! From a frame on the socket to rows in the views.

use mousetrail::event::{Element, ElementBox, ElementFlags, Kind, Pointer, PointerEvent, PointerType};
use mousetrail::wire::{ServerMessage, encode_frame};

use super::app::spawn_app;
use super::client::{Client, Heard, frame, frame_bytes};

#[actix_web::test]
async fn an_acked_frame_stands_in_the_views_with_every_value() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    assert_eq!(
        app.rows("select seq, offset_ms, kind, x, y, buttons, element_id, pointer_type, trusted from pointer_event order by offset_ms")
            .await,
        [
            r#"{"seq":1,"offset_ms":1000,"kind":"move","x":100,"y":200,"buttons":0,"element_id":null,"pointer_type":"mouse","trusted":true}"#,
            r#"{"seq":1,"offset_ms":1040,"kind":"click","x":120,"y":260,"buttons":1,"element_id":3,"pointer_type":"mouse","trusted":true}"#,
            r#"{"seq":1,"offset_ms":1050,"kind":"scroll","x":0,"y":400,"buttons":0,"element_id":null,"pointer_type":"mouse","trusted":true}"#,
            r#"{"seq":1,"offset_ms":1060,"kind":"resize","x":1280,"y":720,"buttons":0,"element_id":null,"pointer_type":"mouse","trusted":true}"#,
        ]
    );
    assert_eq!(
        app.rows("select events, clicks, page_views, duration_ms >= 1060 as long from session").await,
        [r#"{"events":4,"clicks":1,"page_views":1,"long":true}"#]
    );
    assert_eq!(app.rows("select events, clicks, duration_ms from page_view").await, [r#"{"events":4,"clicks":1,"duration_ms":1060}"#]);
    app.finish().await;
}

#[actix_web::test]
async fn touches_pressure_and_untrusted_events_keep_what_few_events_have() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    let base = PointerEvent::new(0, Kind::Down, 10, 10);
    let finger =
        |at_ms, id, pressure| PointerEvent { at_ms, pointer: Pointer { kind: PointerType::Touch, id }, pressure: Some(pressure), ..base };
    let mut sent = frame(1);
    sent.events = vec![base, finger(5, 2, 5_000), finger(6, 3, 10_000), PointerEvent { at_ms: 9, trusted: false, ..base }];
    sent.origin = (10, 10);
    client.send(encode_frame(&sent)).await;
    client.hear_ack(1).await;
    assert_eq!(
        app.rows("select pointer_type, pointer_id, pressure, trusted from pointer_event order by offset_ms").await,
        [
            r#"{"pointer_type":"mouse","pointer_id":0,"pressure":null,"trusted":true}"#,
            r#"{"pointer_type":"touch","pointer_id":2,"pressure":0.5,"trusted":true}"#,
            r#"{"pointer_type":"touch","pointer_id":3,"pressure":1,"trusted":true}"#,
            r#"{"pointer_type":"mouse","pointer_id":0,"pressure":null,"trusted":false}"#,
        ]
    );
    app.finish().await;
}

#[actix_web::test]
async fn an_element_is_named_once_a_page_and_its_latest_box_wins() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    let element = |y| Element {
        number: 3,
        parent: 0,
        flags: ElementFlags::from_bits(ElementFlags::INTERACTIVE).unwrap(),
        rect: ElementBox { x: 100, y, w: 80, h: 30 },
        text_length: 4,
        tag: "button".to_owned(),
        role: String::new(),
        selectors: vec!["#buy".to_owned(), "main > button".to_owned()],
    };
    for (seq, y) in [(1, 240), (2, 250)] {
        let mut sent = frame(seq);
        sent.elements = vec![element(y)];
        client.send(encode_frame(&sent)).await;
        client.hear_ack(seq).await;
    }
    assert_eq!(
        app.rows("select element_id, tag, selector, selectors, x, y, w, h, text_length, interactive, fixed from element").await,
        [
            r##"{"element_id":3,"tag":"button","selector":"#buy","selectors":["#buy","main > button"],"x":100,"y":250,"w":80,"h":30,"text_length":4,"interactive":true,"fixed":false}"##
        ]
    );
    assert_eq!(app.count("select count(*) from core.element_name").await, 1);
    assert_eq!(app.rows("select selector, count(*) from click group by 1").await, [r##"{"selector":"#buy","count":2}"##]);
    app.finish().await;
}

#[actix_web::test]
async fn a_frame_that_is_sent_again_is_acked_again_and_stored_once() {
    let app = spawn_app().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    for seq in [1, 2, 1, 2, 3] {
        client.send(frame_bytes(seq)).await;
    }
    client.hear_ack(3).await;
    // On a second connection at the same time as well.
    let mut second = Client::connect(&app).await;
    second.hello(&app.site.key, vec![super::client::resumed_page(0, &id, &token)]).await;
    second.hear().await;
    second.send(frame_bytes(2)).await;
    second.hear_ack(3).await;
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 3);
    assert_eq!(app.count("select events from session").await, 12);
    assert_eq!(app.metric("mousetrail_frames_duplicate_total").await, 3);
    app.finish().await;
}

#[actix_web::test]
async fn acks_are_cumulative_and_never_pass_a_gap() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(frame_bytes(2)).await;
    assert_eq!(client.hear_within(std::time::Duration::from_millis(500)).await, None, "2 is committed, but 1 is missing");
    client.send(frame_bytes(1)).await;
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Ack { n: 0, seq: 2 }));
    client.send(frame_bytes(100)).await;
    let nack = ServerMessage::Nack { n: 0, seq: Some(100), retry: true, reason: "gap".to_owned() };
    assert_eq!(client.hear().await, Heard::Message(nack));
    app.finish().await;
}

#[actix_web::test]
async fn a_broken_frame_is_refused_for_good_and_the_next_ones_go_on() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    let mut broken = frame_bytes(1);
    broken.pop();
    client.send(broken).await;
    let nack = ServerMessage::Nack { n: 0, seq: Some(1), retry: false, reason: "truncated".to_owned() };
    assert_eq!(client.hear().await, Heard::Message(nack));
    client.send(frame_bytes(2)).await;
    client.hear_ack(2).await;
    client.send(vec![9, 9, 9]).await;
    assert_eq!(client.hear().await, Heard::Close(1002));
    assert_eq!(app.metric("mousetrail_frames_rejected_total").await, 2);
    app.finish().await;
}

#[actix_web::test]
async fn what_postgres_refuses_goes_into_quarantine_and_its_neighbours_are_stored() {
    let app = spawn_app().await;
    app.execute("alter table core.pointer_chunk add constraint no_sixes check (x0 <> 666)").await;
    let (mut client, ..) = Client::welcomed(&app).await;
    for seq in 1..=40 {
        let mut sent = frame(seq);
        if seq == 17 {
            sent.origin = (666, 200);
        }
        client.send(encode_frame(&sent)).await;
    }
    let mut nacks = 0;
    loop {
        match client.hear().await {
            Heard::Message(ServerMessage::Ack { seq: 40, .. }) => break,
            Heard::Message(ServerMessage::Ack { .. }) => {}
            Heard::Message(ServerMessage::Nack { seq, retry: false, reason, .. }) => {
                assert_eq!((seq, reason.as_str()), (Some(17), "quarantine"));
                nacks += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(nacks, 1);
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 39);
    assert_eq!(app.rows("select seq, sqlstate from core.quarantine").await, [r#"{"seq":17,"sqlstate":"23514"}"#]);
    app.finish().await;
}

#[actix_web::test]
async fn a_message_that_is_too_big_closes_the_connection() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(vec![1; 70_000]).await;
    assert_eq!(client.hear().await, Heard::Close(1009));
    app.finish().await;
}
