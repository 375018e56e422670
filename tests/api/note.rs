//! What a page says itself, and where in an element a click lands.

use mousetrail::event::{Frame, Kind, Note, PointerEvent};
use mousetrail::wire::encode_frame;

use super::app::{TestApp, spawn_app};
use super::client::{Client, frame, frame_bytes, new_page, new_page_with};
use super::visit::{at, visit_of};

/// A frame of notes, one a ms.
fn said(seq: u32, notes: &[(Kind, &str, &str)]) -> Frame {
    let events = (0..).zip(notes).map(|(at_ms, (kind, ..))| PointerEvent::new(at_ms, *kind, 100, 200)).collect();
    let notes = notes.iter().enumerate();
    let notes = notes.map(|(index, (_, name, value))| Note { index, name: (*name).to_owned(), value: (*value).to_owned() }).collect();
    Frame { events, notes, ..frame(seq) }
}

async fn send(client: &mut Client, frame: Frame) {
    client.send(encode_frame(&frame)).await;
    client.hear_ack(frame.seq).await;
}

async fn identified(app: &TestApp) -> Vec<String> {
    app.texts("select coalesce(identified_as, 'nobody') from session").await
}

#[actix_web::test]
async fn tags_and_custom_events_stand_in_their_views_and_among_the_events() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    send(
        &mut client,
        said(
            1,
            &[
                (Kind::Tag, "plan", "free"),
                (Kind::Event, "buy", r#"{"sku":"a-1","price":9.5,"list":[1,{"deep":"<b>\u0000"}],"cut":"\ud83d"}"#),
                (Kind::Tag, "plan", "pro <script>"),
                (Kind::Event, "login", ""),
                (Kind::Tag, "empty", ""),
            ],
        ),
    )
    .await;
    assert_eq!(
        app.rows("select name, value, offset_ms from tag order by at, name").await,
        [
            r#"{"name":"plan","value":"free","offset_ms":1000}"#,
            r#"{"name":"plan","value":"pro <script>","offset_ms":1002}"#,
            r#"{"name":"empty","value":"","offset_ms":1004}"#,
        ]
    );
    assert_eq!(
        app.rows("select name, props, offset_ms, at = (select started_at from page_view) + offset_ms * interval '1 ms' as timed from custom_event order by at").await,
        [
            r#"{"name":"buy","props":{"cut": "�", "sku": "a-1", "list": [1, {"deep": "<b>�"}], "price": 9.5},"offset_ms":1001,"timed":true}"#,
            r#"{"name":"login","props":null,"offset_ms":1003,"timed":true}"#,
        ]
    );
    assert_eq!(app.texts("select kind from pointer_event order by position").await, ["tag", "event", "tag", "event", "tag"]);
    assert_eq!(app.count("select events from session").await, 5);
    app.finish().await;
}

#[actix_web::test]
async fn notes_of_a_frame_that_is_sent_again_are_stored_once() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    send(&mut client, said(1, &[(Kind::Tag, "plan", "free"), (Kind::Event, "buy", "")])).await;
    for _ in 0..2 {
        // On connections of their own, so that the frame really reaches Postgres again.
        let mut again = Client::connect(&app).await;
        let mut page = new_page(0, 1);
        if let mousetrail::wire::PageState::New(new) = &mut page.state {
            new.age_ms = 1;
        }
        again.hello(&app.site.key, vec![page]).await;
        again.hear().await;
        send(&mut again, said(1, &[(Kind::Tag, "plan", "free"), (Kind::Event, "buy", "")])).await;
    }
    assert_eq!(app.count("select count(*) from core.note").await, 2);
    app.finish().await;
}

#[actix_web::test]
async fn a_session_is_identified_by_its_newest_id_in_whatever_order_the_frames_come() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    send(&mut client, frame(1)).await;
    assert_eq!(identified(&app).await, ["nobody"]);
    // 3 comes before 2.
    client.send(encode_frame(&said(3, &[(Kind::Identify, "third", "")]))).await;
    client.send(encode_frame(&said(2, &[(Kind::Identify, "first", ""), (Kind::Identify, "second", "")]))).await;
    client.hear_ack(3).await;
    assert_eq!(identified(&app).await, ["third"]);
    send(&mut client, said(4, &[(Kind::Identify, "fourth", ""), (Kind::Identify, "fifth \"<b>", "")])).await;
    assert_eq!(identified(&app).await, ["fifth \"<b>"]);
    app.finish().await;
}

#[actix_web::test]
async fn a_click_says_where_in_its_element_it_landed_and_a_resize_the_pixel_ratio() {
    let app = spawn_app().await;
    let mut visit = visit_of("mara").with([
        PointerEvent { spot: (1, 32_767), ..at(0, Kind::Down, 10, 10) },
        PointerEvent { spot: (16_384, 0), ..at(10, Kind::Click, 10, 10) },
        PointerEvent { pixel_ratio: 150, ..at(20, Kind::Resize, 800, 600) },
        at(30, Kind::Move, 11, 11),
        at(6_000, Kind::Click, 11, 11),
    ]);
    visit.elements = Vec::new();
    visit.send(&app).await;
    assert_eq!(
        app.rows("select kind, spot_x, spot_y, pixel_ratio from pointer_event order by offset_ms").await,
        [
            r#"{"kind":"down","spot_x":0,"spot_y":1,"pixel_ratio":null}"#,
            r#"{"kind":"click","spot_x":0.5,"spot_y":null,"pixel_ratio":null}"#,
            r#"{"kind":"resize","spot_x":null,"spot_y":null,"pixel_ratio":1.5}"#,
            r#"{"kind":"move","spot_x":null,"spot_y":null,"pixel_ratio":null}"#,
            r#"{"kind":"click","spot_x":null,"spot_y":null,"pixel_ratio":null}"#,
        ]
    );
    assert_eq!(app.rows("select spot_x, spot_y from click order by at").await[0], r#"{"spot_x":0.5,"spot_y":null}"#);
    // What nothing has takes no room.
    assert_eq!(app.count("select count(*) from core.pointer_chunk where spot_at is null and ratio_at is null").await, 1);
    app.finish().await;
}

#[actix_web::test]
async fn a_page_view_keeps_how_it_began_its_allowed_query_and_its_fragment() {
    let app = spawn_app().await;
    let mut client = Client::connect(&app).await;
    let page = new_page_with(0, 1, |page| {
        page.url = "https://shop.example/app?a=1&b=2#/checkout".to_owned();
        page.via = mousetrail::wire::Via::Restore;
    });
    client.hello(&app.site.key, vec![page, new_page_with(1, 2, |page| page.url = "https://shop.example/app".to_owned())]).await;
    client.hear().await;
    client.hear().await;
    assert_eq!(
        app.rows("select path, query, via from page_view order by query").await,
        [r#"{"path":"/app#/checkout","query":"a=1&b=2","via":"restore"}"#, r#"{"path":"/app","query":null,"via":"load"}"#]
    );
    let wrong =
        r#"{"type":"page","n":9,"nonce":"AAECAwQFBgcICQoLDA0ODw","age_ms":0,"url":"/","via":"magic","viewport":[1,1],"document":[1,1]}"#;
    client.say(wrong).await;
    assert_eq!(client.hear().await, super::client::Heard::Close(1002));
    app.finish().await;
}

#[actix_web::test]
async fn a_note_that_breaks_the_contract_is_refused_and_its_neighbours_are_not() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    for (seq, notes, word) in [
        (1, (Kind::Event, "buy", "[1]"), "text"),
        (2, (Kind::Tag, "", "v"), "text"),
        (3, (Kind::Tag, "n", &"v".repeat(4_097)[..]), "limit"),
    ] {
        client.send(encode_frame(&said(seq, &[notes]))).await;
        let super::client::Heard::Message(mousetrail::wire::ServerMessage::Nack { reason, retry: false, .. }) = client.hear().await else {
            panic!("no nack")
        };
        assert_eq!(reason, word);
        client.hear().await;
    }
    client.send(frame_bytes(4)).await;
    client.hear_ack(4).await;
    app.finish().await;
}
