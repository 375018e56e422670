//! The way over HTTP.

use mousetrail::wire::{Hello, ServerMessage, encode_envelope};
use serde_json::Value;

use super::app::{ORIGIN, TestApp, spawn_app};
use super::client::{frame_bytes, new_page, resumed_page};

pub async fn post(app: &TestApp, origin: &str, body: Vec<u8>) -> (u16, Value) {
    let request = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("Origin", origin));
    let mut response = request.content_type("text/plain").send_body(body).await.unwrap();
    let allowed = response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(allowed.as_deref(), Some(origin));
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.body().await.unwrap()).unwrap())
}

pub fn hello(app: &TestApp, pages: Vec<mousetrail::wire::Page>) -> Hello {
    Hello::new(&app.site.key, pages)
}

#[actix_web::test]
async fn one_envelope_creates_the_page_view_and_stores_its_frames() {
    let app = spawn_app().await;
    let body = encode_envelope(&hello(&app, vec![new_page(0, 1)]), &[frame_bytes(1), frame_bytes(2)]);
    for _ in 0..2 {
        // The second time is the same beacon again, or the same frames after the socket took them.
        let (status, answer) = post(&app, ORIGIN, body.clone()).await;
        assert_eq!(status, 200);
        let messages: Vec<ServerMessage> = serde_json::from_value(answer).unwrap();
        assert!(matches!(&messages[0], ServerMessage::Welcome { n: 0, .. }));
        assert_eq!(messages.last(), Some(&ServerMessage::Ack { n: 0, seq: 2 }));
    }
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 2);
    assert_eq!(app.count("select events from session").await, 8);
    app.finish().await;
}

#[actix_web::test]
async fn an_envelope_can_resume_a_page_view() {
    let app = spawn_app().await;
    let (_, answer) = post(&app, ORIGIN, encode_envelope(&hello(&app, vec![new_page(0, 1)]), &[frame_bytes(1)])).await;
    let (id, token) = (answer[0]["id"].as_str().unwrap().to_owned(), answer[0]["token"].as_str().unwrap().to_owned());
    let (status, answer) = post(&app, ORIGIN, encode_envelope(&hello(&app, vec![resumed_page(0, &id, &token)]), &[frame_bytes(2)])).await;
    assert_eq!((status, answer[0]["acked"].as_u64()), (200, Some(1)));
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 2);
    app.finish().await;
}

#[actix_web::test]
async fn wrong_envelopes_get_a_typed_answer() {
    let app = spawn_app().await;
    let mut nobody = hello(&app, Vec::new());
    nobody.site = "k_nobody".to_owned();
    for (origin, body, expected) in [
        (ORIGIN, encode_envelope(&nobody, &[]), (403, 4001)),
        ("https://evil.example", encode_envelope(&hello(&app, Vec::new()), &[]), (403, 4002)),
        (ORIGIN, b"\x05hello".to_vec(), (400, 1007)),
        (ORIGIN, Vec::new(), (400, 1002)),
        (ORIGIN, vec![0xff; 10], (400, 1002)),
    ] {
        let (status, answer) = post(&app, origin, body).await;
        assert_eq!((status, answer["code"].as_u64().unwrap()), expected, "{answer}");
    }
    app.finish().await;
}
