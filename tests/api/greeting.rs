//! What the collector says to good, wrong and silent clients.

use std::time::Duration;

use mousetrail::event::PageViewId;
use mousetrail::wire::ServerMessage;

use super::app::spawn_app;
use super::client::{Client, Heard, frame_bytes, new_page, resumed_page};

#[actix_web::test]
async fn a_hello_with_a_new_page_is_welcomed_with_an_id_of_today() {
    let app = spawn_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let id: PageViewId = id.parse().unwrap();
    assert_eq!(id.day(), chrono::Utc::now().date_naive());
    assert!(!token.is_empty());
    assert_eq!(
        app.rows("select path, host, title, viewport_w, document_h from page_view").await,
        [r#"{"path":"/page","host":"https://shop.example","title":"A page","viewport_w":1440,"document_h":3000}"#]
    );
    app.finish().await;
}

#[actix_web::test]
async fn wrong_greetings_are_closed_with_the_code_of_the_contract() {
    let app = spawn_app().await;
    let key = &app.site.key;
    for (said, code) in [
        (r#"{"type":"hello","v":1,"site":"k_nobody","pages":[]}"#.to_owned(), 4001),
        (format!(r#"{{"type":"hello","v":2,"site":"{key}","pages":[]}}"#), 4000),
        (r#"{"type":"dance"}"#.to_owned(), 1003),
        ("not json".to_owned(), 1007),
        (r#"{"type":"hello"}"#.to_owned(), 1002),
        (r#"{"type":"page","n":0,"id":"1","token":"x"}"#.to_owned(), 1002),
    ] {
        let mut client = Client::connect(&app).await;
        client.say(&said).await;
        assert_eq!(client.hear().await, Heard::Close(code), "{said}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn an_origin_that_the_site_does_not_allow_is_refused() {
    let app = spawn_app().await;
    for origin in [Some("https://evil.example"), Some("http://shop.example"), Some("null"), None] {
        let mut client = Client::connect_from(&app, origin).await;
        client.hello(&app.site.key, vec![new_page(0, 1)]).await;
        assert_eq!(client.hear().await, Heard::Close(4002), "{origin:?}");
    }
    assert_eq!(app.count("select count(*) from page_view").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn a_second_hello_and_a_frame_before_the_hello_are_errors() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.hello(&app.site.key, Vec::new()).await;
    assert_eq!(client.hear().await, Heard::Close(1002));
    let mut client = Client::connect(&app).await;
    client.send(frame_bytes(1)).await;
    assert_eq!(client.hear().await, Heard::Close(1002));
    app.finish().await;
}

#[actix_web::test]
async fn who_says_nothing_is_closed_after_five_seconds() {
    let app = spawn_app().await;
    let mut client = Client::connect(&app).await;
    assert_eq!(client.hear_within(Duration::from_secs(4)).await, None);
    assert_eq!(client.hear_within(Duration::from_secs(4)).await, Some(Heard::Close(1008)));
    app.finish().await;
}

#[actix_web::test]
async fn a_socket_without_the_subprotocol_is_not_opened() {
    let app = spawn_app().await;
    let refused = awc::Client::new().ws(format!("{}/v1/socket", app.url)).connect().await;
    assert!(refused.is_err());
    app.finish().await;
}

#[actix_web::test]
async fn a_repeated_page_message_gets_the_same_page_view_and_a_stranger_another() {
    let app = spawn_app().await;
    let (_, id, _) = Client::welcomed(&app).await;
    let (_, again, _) = Client::welcomed(&app).await;
    assert_eq!(id, again);
    let mut stranger = Client::connect(&app).await;
    stranger.hello(&app.site.key, vec![new_page(0, 2)]).await;
    let Heard::Message(ServerMessage::Welcome { id: other, .. }) = stranger.hear().await else { panic!("no welcome") };
    assert_ne!(id, other.to_string());
    assert_eq!(app.count("select count(*) from page_view").await, 2);
    app.finish().await;
}

#[actix_web::test]
async fn a_page_view_is_resumed_only_with_its_own_token() {
    let app = spawn_app().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    drop(client);
    let mut again = Client::connect(&app).await;
    again.hello(&app.site.key, vec![resumed_page(0, &id, &token)]).await;
    let Heard::Message(ServerMessage::Welcome { acked, .. }) = again.hear().await else { panic!("no welcome") };
    assert_eq!(acked, 1);
    let other = (id.parse::<i64>().unwrap() + 1).to_string();
    for (id, token) in [(&id, "AAAA"), (&other, token.as_str())] {
        let mut thief = Client::connect(&app).await;
        thief.hello(&app.site.key, vec![resumed_page(0, id, token)]).await;
        let refused = ServerMessage::Nack { n: 0, seq: None, retry: false, reason: "token".to_owned() };
        assert_eq!(thief.hear().await, Heard::Message(refused));
        thief.send(frame_bytes(2)).await;
        let refused = ServerMessage::Nack { n: 0, seq: Some(2), retry: false, reason: "page".to_owned() };
        assert_eq!(thief.hear().await, Heard::Message(refused));
    }
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 1);
    app.finish().await;
}

#[actix_web::test]
async fn page_views_of_one_visitor_within_half_an_hour_are_one_session() {
    let app = spawn_app().await;
    for nonce in 1..=3 {
        let mut client = Client::connect(&app).await;
        client.hello(&app.site.key, vec![new_page(0, nonce)]).await;
        client.hear().await;
    }
    assert_eq!(app.rows("select page_views, entry_path from session").await, [r#"{"page_views":3,"entry_path":"/page"}"#]);
    app.execute("update core.session set started_at = started_at - interval '2 h', last_seen_at = last_seen_at - interval '31 min'").await;
    let mut client = Client::connect(&app).await;
    client.hello(&app.site.key, vec![new_page(0, 4)]).await;
    client.hear().await;
    assert_eq!(app.count("select count(*) from session").await, 2);
    app.finish().await;
}
