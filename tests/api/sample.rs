//! A site that wants a share of its sessions.

use mousetrail::event::SessionKey;
use mousetrail::wire::{Hello, ServerMessage, encode_envelope};

use super::app::{ORIGIN, TestApp, spawn_app};
use super::client::{Client, Heard, frame_bytes, new_page, new_page_with};
use super::post::{hello, post};

fn sampled(app: &TestApp, sample: f64, pages: Vec<mousetrail::wire::Page>) -> Hello {
    Hello { sample, ..hello(app, pages) }
}

async fn rows(app: &TestApp) -> i64 {
    let tables = app
        .texts(
            "select c.relname::text from pg_class c where relnamespace = 'core'::regnamespace and relkind in ('r', 'p') and not relispartition
             and relname not in ('site', 'secret', 'visitor_salt')",
        )
        .await;
    let mut sum = 0;
    for table in tables {
        sum += app.count(&format!("select count(*) from core.{table}")).await;
    }
    sum
}

#[actix_web::test]
async fn a_session_that_is_not_wanted_is_told_so_and_leaves_no_row() {
    let app = spawn_app().await;
    let mut client = Client::connect(&app).await;
    client.hello_with(sampled(&app, 0.0, vec![new_page(0, 1)])).await;
    let nack = ServerMessage::Nack { n: 0, seq: None, retry: false, reason: "sample".to_owned() };
    assert_eq!(client.hear().await, Heard::Message(nack.clone()));
    client.send(frame_bytes(1)).await;
    assert_eq!(client.hear().await, Heard::Message(nack.clone()));
    let (status, answer) = post(&app, ORIGIN, encode_envelope(&sampled(&app, 0.0, vec![new_page(0, 2)]), &[frame_bytes(1)])).await;
    assert_eq!((status, serde_json::from_value::<Vec<ServerMessage>>(answer).unwrap()), (200, vec![nack.clone(), nack]));
    assert_eq!(rows(&app).await, 0);
    client.hello_with(sampled(&app, 1.0, vec![])).await;
    app.finish().await;
}

#[actix_web::test]
async fn the_share_of_sessions_is_the_share_that_was_asked_for_and_each_is_in_or_out_as_a_whole() {
    let app = spawn_app().await;
    let mut answers = Vec::new();
    for tab in 0..200u8 {
        let mut client = Client::connect(&app).await;
        let page = |n| {
            new_page_with(n, n as u8, |page| {
                page.nonce.0[0] = tab;
                page.session = Some(SessionKey([tab; 16]));
            })
        };
        client.hello_with(sampled(&app, 0.5, vec![page(0), page(1)])).await;
        let mut both = Vec::new();
        for _ in 0..2 {
            both.push(matches!(client.hear().await, Heard::Message(ServerMessage::Welcome { .. })));
        }
        assert_eq!(both[0], both[1]);
        answers.push(both[0]);
    }
    let count = answers.iter().filter(|is_in| **is_in).count();
    assert!((75..=125).contains(&count), "{count}");
    assert_eq!(app.count("select count(*) from session").await, count as i64);
    app.finish().await;
}

#[actix_web::test]
async fn a_share_outside_0_to_1_is_an_error() {
    let app = spawn_app().await;
    for sample in ["-0.1", "1.1", "\"1\"", "null"] {
        let mut client = Client::connect(&app).await;
        client.say(&format!(r#"{{"type":"hello","v":1,"site":"{}","sample":{sample},"pages":[]}}"#, app.site.key)).await;
        assert_eq!(client.hear().await, Heard::Close(1002), "{sample}");
    }
    app.finish().await;
}
