//! Watching visitors while they move.

use std::net::Ipv4Addr;
use std::time::Duration;

use actix_codec::Framed;
use awc::BoxedSocket;
use awc::error::WsClientError;
use awc::ws::{Codec, Frame, Message};
use futures_util::{SinkExt, StreamExt};
use mousetrail::event::{Element, ElementBox, ElementFlags};
use mousetrail::store::PgRole;
use mousetrail::wire::{ServerMessage, encode_envelope, encode_frame};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use super::admin::browser::{Browser, sign_in, visit};
use super::app::{ORIGIN, TestApp, add_site, settings, spawn_app, spawn_app_with};
use super::client::{Client, Heard, frame, frame_bytes, new_page, resumed_page};
use super::post::{hello, post};
use super::raw;

const PATIENCE: Duration = Duration::from_secs(20);

/// What a viewer gets.
#[derive(Debug, PartialEq)]
enum Shown {
    Said(Value),
    Frame { page_view: String, bytes: Vec<u8> },
    Closed(u16),
}

/// Somebody who has the live view of a site open.
struct Viewer {
    socket: Framed<BoxedSocket, Codec>,
}

impl Viewer {
    async fn open(app: &TestApp, browser: &Browser) -> Self {
        let mut viewer = Self { socket: connect(app, browser, app.site.site_id, Some(&app.url)).await.unwrap() };
        assert!(matches!(viewer.see().await, Shown::Said(said) if said["type"] == "visitors"));
        viewer
    }

    async fn ask(&mut self, order: &Value) {
        self.socket.send(Message::Text(order.to_string().into())).await.unwrap();
    }

    async fn watch(&mut self, session: &str) {
        self.ask(&json!({ "watch": session })).await;
        let watching = Shown::Said(json!({ "type": "watching", "session_id": session }));
        loop {
            match self.see().await {
                shown if shown == watching => return,
                Shown::Said(said) if said["type"] == "arrived" || said["type"] == "left" => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn see(&mut self) -> Shown {
        self.see_within(PATIENCE).await.expect("something is shown")
    }

    /// Reads what is there, and so answers the collector's pings: who doesn't for 10 s is closed as silent.
    async fn catch_up(&mut self) {
        while let Some(shown) = self.see_within(Duration::from_millis(1)).await {
            assert!(!matches!(shown, Shown::Closed(_)), "{shown:?}");
        }
    }

    async fn see_within(&mut self, patience: Duration) -> Option<Shown> {
        let until = Instant::now() + patience;
        loop {
            match tokio::time::timeout_at(until, self.socket.next()).await.ok()? {
                Some(Ok(Frame::Text(text))) => return Some(Shown::Said(serde_json::from_slice(&text).unwrap())),
                Some(Ok(Frame::Binary(bytes))) => {
                    let (id, bytes) = bytes.split_first_chunk::<8>().unwrap();
                    return Some(Shown::Frame { page_view: i64::from_be_bytes(*id).to_string(), bytes: bytes.to_vec() });
                }
                Some(Ok(Frame::Ping(said))) => self.socket.send(Message::Pong(said)).await.unwrap(),
                Some(Ok(Frame::Close(reason))) => return Some(Shown::Closed(reason.map_or(1005, |reason| reason.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Some(Shown::Closed(1006)),
            }
        }
    }
}

async fn connect(
    app: &TestApp,
    browser: &Browser,
    site_id: i32,
    origin: Option<&str>,
) -> Result<Framed<BoxedSocket, Codec>, WsClientError> {
    let mut request = awc::Client::new().ws(format!("{}/api/v1/sites/{site_id}/live", app.url));
    if let Some(cookie) = &browser.cookie {
        request = request.set_header("cookie", cookie.as_str());
    }
    if let Some(origin) = origin {
        request = request.set_header("origin", origin);
    }
    request.connect().await.map(|(_, socket)| socket)
}

fn status<T>(answer: Result<T, WsClientError>) -> u16 {
    match answer {
        Ok(_) => 101,
        Err(WsClientError::InvalidResponseStatus(status)) => status.as_u16(),
        Err(other) => panic!("{other}"),
    }
}

/// The session of the only page view.
async fn session(app: &TestApp) -> String {
    app.texts("select session_id::text from core.session").await.remove(0)
}

#[actix_web::test]
async fn a_viewer_sees_who_comes_what_they_do_before_it_is_committed_and_that_they_leave() {
    let app = spawn_app().await;
    let mut viewer = Viewer::open(&app, &sign_in(&app).await).await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    let session = session(&app).await;
    let Shown::Said(said) = viewer.see().await else { panic!("nobody came") };
    assert_eq!((&said["type"], &said["page_view_id"], &said["session_id"]), (&json!("arrived"), &json!(id), &json!(session)));
    assert_eq!((&said["device"], said["page_id"].is_i64(), said["since"].is_string()), (&json!("desktop"), true, true));
    // Nobody watches yet.
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    viewer.watch(&session).await;
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Watch { on: true }));

    // No commit is possible meanwhile.
    let mut owner = app.server.connect(PgRole::Owner).await.unwrap();
    sqlx::raw_sql("begin; lock table core.pointer_chunk in share row exclusive mode").execute(&mut owner).await.unwrap();
    client.send(frame_bytes(2)).await;
    assert_eq!(viewer.see().await, Shown::Frame { page_view: id.clone(), bytes: frame_bytes(2) });
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 1);
    sqlx::raw_sql("commit").execute(&mut owner).await.unwrap();
    client.hear_ack(2).await;
    // What comes by POST is shown as well.
    post(&app, ORIGIN, encode_envelope(&hello(&app, vec![resumed_page(0, &id, &token)]), &[frame_bytes(3)])).await;
    assert_eq!(viewer.see().await, Shown::Frame { page_view: id.clone(), bytes: frame_bytes(3) });

    viewer.ask(&json!({ "unwatch": session })).await;
    assert_eq!(viewer.see().await, Shown::Said(json!({ "type": "unwatched", "session_id": session })));
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Watch { on: false }));
    // The socket does not know what came by POST: it is sent again, and shown to nobody any more.
    client.send(frame_bytes(3)).await;
    client.hear_ack(3).await;
    drop(client);
    assert_eq!(viewer.see().await, Shown::Said(json!({ "type": "left", "page_view_id": id })));
    app.finish().await;
    assert_eq!(viewer.see().await, Shown::Closed(1012));
}

#[actix_web::test]
async fn the_last_watcher_that_goes_takes_the_order_back_however_he_goes() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let (mut one, mut two) = (Viewer::open(&app, &browser).await, Viewer::open(&app, &browser).await);
    let (mut client, ..) = Client::welcomed(&app).await;
    let session = session(&app).await;
    one.see().await;
    two.see().await;
    one.watch(&session).await;
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Watch { on: true }));
    two.watch(&session).await;
    drop(one);
    assert_eq!(client.hear_within(Duration::from_millis(300)).await, None);
    drop(two);
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Watch { on: false }));
    app.finish().await;
}

#[actix_web::test]
async fn a_session_of_another_site_shows_nothing() {
    let app = spawn_app().await;
    let other = add_site(&app.server, "k_other", &[ORIGIN]).await;
    let browser = sign_in(&app).await;
    let mut viewer = Viewer { socket: connect(&app, &browser, other.site_id, Some(&app.url)).await.unwrap() };
    assert_eq!(viewer.see().await, Shown::Said(json!({ "type": "visitors", "total": 0, "page_views": [] })));
    let (mut client, ..) = Client::welcomed(&app).await;
    viewer.watch(&session(&app).await).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    assert_eq!(viewer.see_within(Duration::from_millis(300)).await, None);
    assert_eq!(status(connect(&app, &browser, 999_999, Some(&app.url)).await), 404);
    app.finish().await;
}

#[actix_web::test]
async fn a6_a_view_opens_for_pages_of_this_origin_alone_and_for_nobody_without_a_session() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let own = app.url.as_str();
    let host = own.strip_prefix("http://").unwrap();
    let wrong = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        format!("{own}.evil.tld"),
        format!("http://evil-{host}"),
        format!("http://evil.example/{host}"),
        format!("http://{host}@evil.example"),
        format!("https://{host}"),
        format!("ws://{host}"),
        "http://127.0.0.1".to_owned(),
        "http://127.0.0.1:1".to_owned(),
        format!("HTTP://{host}"),
        format!("{own}."),
        format!("{own}/"),
        host.to_owned(),
    ];
    for origin in wrong.iter().map(|origin| Some(origin.as_str())).chain([None]) {
        assert_eq!(status(connect(&app, &browser, app.site.site_id, origin).await), 403, "{origin:?}");
    }
    assert_eq!(status(connect(&app, &visit(&app), app.site.site_id, Some(own)).await), 401);
    assert_eq!(status(connect(&app, &browser, app.site.site_id, Some(own)).await), 101);
    app.finish().await;
}

#[actix_web::test]
async fn a7_a_view_closes_within_two_seconds_of_a_sign_out() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    let mut viewer = Viewer::open(&app, &browser).await;
    assert_eq!(viewer.see_within(Duration::from_secs(4)).await, None, "it stays open while he is signed in");
    browser.submit("/signout", &[]).await;
    let begin = Instant::now();
    assert_eq!(viewer.see().await, Shown::Closed(1008));
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    app.finish().await;
}

#[actix_web::test]
async fn what_is_no_order_ends_a_view_and_the_thirteenth_visit_is_refused() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    for wrong in ["", "{}", "[]", r#"{"watch":7}"#, r#"{"watch":"x"}"#, r#"{"watch":"-1"}"#, r#"{"listen":"1"}"#, &"x".repeat(2_000)] {
        let mut viewer = Viewer::open(&app, &browser).await;
        viewer.socket.send(Message::Text(wrong.to_owned().into())).await.unwrap();
        assert_eq!(viewer.see().await, Shown::Closed(1002), "{wrong:.20}");
    }
    let mut viewer = Viewer::open(&app, &browser).await;
    for session in 1..=12 {
        viewer.watch(&session.to_string()).await;
    }
    viewer.watch("3").await;
    viewer.ask(&json!({ "watch": "13" })).await;
    assert_eq!(viewer.see().await, Shown::Said(json!({ "type": "refused", "session_id": "13", "reason": "limit" })));
    app.finish().await;
}

#[actix_web::test]
async fn sixty_four_may_watch_and_the_next_one_has_to_wait() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let mut viewers = Vec::new();
    for _ in 0..64 {
        viewers.push(Viewer::open(&app, &browser).await);
    }
    assert_eq!(status(connect(&app, &browser, app.site.site_id, Some(&app.url)).await), 429);
    viewers.pop();
    let until = Instant::now() + PATIENCE;
    while status(connect(&app, &browser, app.site.site_id, Some(&app.url)).await) != 101 {
        assert!(Instant::now() < until, "the place is given back");
        sleep(Duration::from_millis(50)).await;
    }
    app.finish().await;
}

/// A frame of about 30 KiB.
fn big_frame(seq: u32) -> Vec<u8> {
    let element = |number| Element {
        number,
        parent: 0,
        flags: ElementFlags::default(),
        rect: ElementBox { x: 0, y: 0, w: 1, h: 1 },
        text_length: 0,
        tag: "p".to_owned(),
        role: String::new(),
        selectors: vec!["a".repeat(250)],
    };
    let mut frame = frame(seq);
    frame.elements = (1..=120).map(element).collect();
    encode_frame(&frame)
}

#[actix_web::test]
async fn o10_a_viewer_that_never_reads_costs_little_and_is_closed_and_nobody_waits_for_clients_that_read_no_acks() {
    let mut settings = settings();
    settings.limits.max_connections_per_address = 1_000;
    settings.limits.max_connections_per_prefix = 1_000;
    let app = spawn_app_with(super::app::new_database().await, &settings).await;
    let browser = sign_in(&app).await;
    let mut good = Viewer::open(&app, &browser).await;
    let (mut client, ..) = Client::welcomed(&app).await;
    let session = session(&app).await;
    good.see().await;
    let cookie = browser.cookie.as_deref().unwrap();
    let path = format!("/api/v1/sites/{}/live", app.site.site_id);
    let mut silent = raw::upgrade(&app, Ipv4Addr::LOCALHOST, &path, &format!("Origin: {}\r\nCookie: {cookie}\r\n", app.url)).await;
    silent.write_all(&raw::message(1, json!({ "watch": session }).to_string().as_bytes())).await.unwrap();
    let begin = Instant::now();
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Watch { on: true }));

    // A hundred visitors that say a lot and never read an ack.
    let mut deaf = Vec::new();
    for number in 0..100u8 {
        let mut socket = raw::upgrade(
            &app,
            Ipv4Addr::LOCALHOST,
            "/v1/socket",
            &format!("Origin: {ORIGIN}\r\nSec-WebSocket-Protocol: mousetrail.v1\r\n"),
        )
        .await;
        let hello = mousetrail::wire::ClientMessage::Hello(hello(&app, vec![new_page(0, 100 + number)]));
        socket.write_all(&raw::message(1, serde_json::to_string(&hello).unwrap().as_bytes())).await.unwrap();
        deaf.push(socket);
    }
    // Their welcomes wait with them.
    while app.count("select count(*) from core.page_view").await < 101 {
        assert!(begin.elapsed() < Duration::from_secs(8), "all of them are welcome");
        good.catch_up().await;
        sleep(Duration::from_millis(50)).await;
    }
    let flood = Instant::now();
    let mut waits = Vec::new();
    let mut closed_after = None;
    for seq in 1.. {
        // At about 300 KiB a second: what may wait for a viewer is full within a second.
        let sent = Instant::now();
        client.send(big_frame(seq)).await;
        for socket in &mut deaf {
            if let Err(error) = socket.write_all(&raw::message(2, &frame_bytes(seq))).await {
                panic!("{error} at {seq}: {}", String::from_utf8_lossy(&raw::rest(socket, PATIENCE).await.0));
            }
        }
        loop {
            match client.hear().await {
                Heard::Message(ServerMessage::Ack { seq: acked, .. }) if acked >= seq => break,
                Heard::Message(ServerMessage::Watch { on: false }) => closed_after = Some(begin.elapsed()),
                Heard::Message(ServerMessage::Ack { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        waits.push(sent.elapsed());
        good.catch_up().await;
        if closed_after.is_some() || begin.elapsed() > Duration::from_secs(30) {
            break;
        }
        sleep(Duration::from_millis(100).saturating_sub(sent.elapsed())).await;
    }
    let closed_after = closed_after.expect("the silent viewer is closed, and with it the last watcher");
    let after_flood = begin.elapsed() - flood.elapsed();
    assert!(closed_after > Duration::from_secs(9) && closed_after - after_flood < Duration::from_secs(12), "{closed_after:?}");
    // Everything that was ever handed to its socket: none of it was confirmed.
    let (got, is_closed) = raw::rest(&mut silent, PATIENCE).await;
    assert!(is_closed, "and its connection is gone");
    assert!(got.len() > 60 << 10 && got.len() <= 128 << 10, "{} bytes", got.len());
    waits.sort();
    println!("o10: {} acks, p50 {:?}, p99 {:?}", waits.len(), waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    assert!(waits[waits.len() * 99 / 100] < Duration::from_secs(2), "debug build, beside other tests");
    // Whoever reads is served as before.
    good.catch_up().await;
    drop(deaf);
    good.watch(&session).await;
    client.send(frame_bytes(waits.len() as u32 + 1)).await;
    loop {
        match good.see().await {
            Shown::Frame { bytes, .. } => break assert_eq!(bytes, frame_bytes(waits.len() as u32 + 1)),
            Shown::Said(_) => {}
            closed @ Shown::Closed(_) => panic!("{closed:?}"),
        }
    }
    app.finish().await;
}
