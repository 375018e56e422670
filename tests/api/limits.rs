//! Who may take how much: by address, prefix and site. Nothing that was acknowledged, and nothing that a client still holds, is lost by it.

use std::time::{Duration, Instant};

use actix_web::http::header;
use mousetrail::config::{Limits, Options, Settings};
use mousetrail::wire::ServerMessage;

use super::app::{ORIGIN, TestApp, new_database, settings, spawn_app_with};
use super::client::{Client, Heard, frame_bytes, new_page};

async fn spawn(change: impl FnOnce(&mut Limits)) -> TestApp {
    let mut settings = settings();
    change(&mut settings.limits);
    spawn_app_with(new_database().await, &settings).await
}

/// The status of an upgrade that says to come from `forwarded`, and the connection where there is one.
async fn upgrade(app: &TestApp, forwarded: Option<&str>) -> Result<Client, u16> {
    let mut request = awc::Client::new().ws(format!("{}/v1/socket", app.url)).origin(ORIGIN).protocols(["mousetrail.v1"]);
    if let Some(forwarded) = forwarded {
        request = request.set_header("x-forwarded-for", forwarded);
    }
    match request.connect().await {
        Ok((_, socket)) => Ok(Client::on(socket)),
        Err(awc::error::WsClientError::InvalidResponseStatus(status)) => Err(status.as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// Tries until the collector has seen that somebody left.
async fn upgrade_soon(app: &TestApp) -> Client {
    let begin = Instant::now();
    loop {
        match upgrade(app, None).await {
            Ok(client) => return client,
            Err(status) => assert!(begin.elapsed() < Duration::from_secs(5), "still {status}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn connections_beyond_the_limit_of_an_address_are_refused_and_who_leaves_makes_room() {
    let app = spawn(|limits| limits.max_connections_per_address = 3).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(upgrade(&app, None).await.ok().unwrap());
    }
    assert_eq!(upgrade(&app, None).await.err(), Some(429));
    // What a stranger says of himself doesn't count.
    assert_eq!(upgrade(&app, Some("203.0.113.7")).await.err(), Some(429));
    assert_eq!(app.metric("mousetrail_connections_refused_total").await, 2);
    open.pop();
    upgrade_soon(&app).await;
    app.finish().await;
}

#[actix_web::test]
async fn behind_a_trusted_proxy_each_visitor_counts_for_himself() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let options = Options { listen: Some(listen), trusted_proxies: Some(vec!["127.0.0.0/8".to_owned()]), ..Options::default() };
    let mut settings: Settings = options.settle().unwrap();
    (settings.limits.max_connections_per_address, settings.limits.max_connections_per_prefix) = (1, 2);
    let app = spawn_app_with(new_database().await, &settings).await;
    let mut open = Vec::new();
    for address in ["192.0.2.1", "192.0.2.2", "198.51.100.1"] {
        open.push(upgrade(&app, Some(address)).await.ok().unwrap());
    }
    assert_eq!(upgrade(&app, Some("198.51.100.1")).await.err(), Some(429), "the same address");
    assert_eq!(upgrade(&app, Some("6.6.6.6, 198.51.100.1")).await.err(), Some(429), "what the client wrote before the proxy did");
    assert_eq!(upgrade(&app, Some("192.0.2.3")).await.err(), Some(429), "the same prefix");
    app.finish().await;
}

#[actix_web::test]
async fn a_full_collector_answers_503_and_a_full_site_closes_with_1013() {
    let app = spawn(|limits| (limits.max_connections, limits.max_connections_per_site) = (3, 1)).await;
    let (_first, ..) = Client::welcomed(&app).await;
    let mut second = Client::connect(&app).await;
    second.hello(&app.site.key, vec![new_page(0, 2)]).await;
    assert_eq!(second.hear().await, Heard::Close(1013));
    drop(second);
    let _others = [upgrade_soon(&app).await, upgrade_soon(&app).await];
    assert_eq!(upgrade(&app, None).await.err(), Some(503));
    let ready = awc::Client::new().get(format!("{}/health/live", app.url)).send().await.unwrap();
    assert_eq!(ready.status().as_u16(), 200, "other requests are still answered");
    app.finish().await;
}

#[actix_web::test]
async fn frames_that_come_too_fast_wait_and_none_is_lost() {
    let app = spawn(|limits| (limits.frames_per_second, limits.frames_burst) = (50, 20)).await;
    let (mut client, ..) = Client::welcomed(&app).await;
    let begin = Instant::now();
    for seq in 1..=60 {
        client.send(frame_bytes(seq)).await;
    }
    client.hear_ack(60).await;
    let took = begin.elapsed().as_secs_f64();
    assert!((0.75..5.0).contains(&took), "40 frames beyond the burst take 0.8 s, not {took}");
    app.finish().await;
}

#[actix_web::test]
async fn o5_a_sites_quota_counts_frames_as_they_arrive_and_refuses_the_rest_for_later() {
    // A database that takes nothing: the quota may not depend on what was committed.
    let app = spawn(|limits| (limits.frames_per_minute_per_site, limits.frames_burst) = (1_000, 10_000)).await;
    let mut clients = Vec::new();
    for nonce in 1..=10 {
        let mut client = Client::connect(&app).await;
        client.hello(&app.site.key, vec![new_page(0, nonce)]).await;
        assert!(matches!(client.hear().await, Heard::Message(ServerMessage::Welcome { .. })));
        clients.push(client);
    }
    let mut owner = app.server.connect(mousetrail::store::PgRole::Owner).await.unwrap();
    sqlx::raw_sql("begin; lock table core.pointer_chunk in access exclusive mode").execute(&mut owner).await.unwrap();
    for client in &mut clients {
        for seq in 1..=120 {
            client.send(frame_bytes(seq)).await;
        }
    }
    for client in &mut clients {
        while let Some(heard) = client.hear_within(Duration::from_millis(200)).await {
            match heard {
                Heard::Message(ServerMessage::Nack { retry, reason, .. }) => assert_eq!((retry, reason.as_str()), (true, "quota")),
                Heard::Close(1008) => break,
                other => panic!("{other:?}"),
            }
        }
    }
    let begin = Instant::now();
    while app.metric("mousetrail_frames_received_total").await <= 1_000 {
        assert!(begin.elapsed() < Duration::from_secs(20), "all frames are read");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let accepted = app.metric("mousetrail_frames_in_flight").await;
    assert_eq!(accepted, 1_000, "nothing was committed, and the quota held all the same");
    sqlx::raw_sql("rollback").execute(&mut owner).await.unwrap();
    app.finish().await;
}

#[actix_web::test]
async fn posts_and_page_views_of_one_address_are_counted() {
    let app = spawn(|limits| (limits.posts_per_second, limits.page_views_per_minute) = (1, 2)).await;
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let response = awc::Client::new().post(format!("{}/v1/post", app.url)).send_body("x").await.unwrap();
        statuses.push((response.status().as_u16(), response.headers().contains_key(header::RETRY_AFTER)));
    }
    assert_eq!(statuses[..10], [(400, false); 10]);
    assert_eq!(statuses[11], (429, true));
    let mut heard = Vec::new();
    for nonce in 1..=3 {
        let mut client = Client::connect(&app).await;
        client.hello(&app.site.key, vec![new_page(0, nonce)]).await;
        heard.push(matches!(client.hear().await, Heard::Message(ServerMessage::Welcome { .. })));
    }
    assert_eq!(heard, [true, true, false]);
    assert_eq!(app.metric("mousetrail_closes_total").await, 1);
    app.finish().await;
}

#[actix_web::test]
async fn who_begins_a_message_has_to_end_it() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = spawn(|limits| (limits.message_timeout_s, limits.hello_timeout_s) = (1, 30)).await;
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /v1/socket HTTP/1.1\r\nHost: {address}\r\nOrigin: {ORIGIN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mousetrail.v1\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 1_024];
    let read = stream.read(&mut answer).await.unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 101"));
    // The head of a masked text message of 100 bytes, and then a byte each 300 ms.
    stream.write_all(&[0x81, 0x80 | 100, 1, 2, 3, 4]).await.unwrap();
    let begin = Instant::now();
    let close = loop {
        let _ = stream.write_all(b"x").await;
        match tokio::time::timeout(Duration::from_millis(300), stream.read(&mut answer)).await {
            Ok(Ok(read)) => break answer[..read].to_vec(),
            Ok(Err(error)) => panic!("{error}"),
            Err(_) => assert!(begin.elapsed() < Duration::from_secs(5), "still open"),
        }
    };
    assert_eq!(&close[..4], &[0x88, 7, 0x03, 0xf0], "close 1008");
    app.finish().await;
}
