//! Parts of recordings: big things, over HTTP.

use std::io::Write;
use std::net::Ipv4Addr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use mousetrail::wire::{Hello, MAX_PART_BYTES, Page, ServerMessage, encode_envelope, encode_part};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::app::{ORIGIN, TestApp, add_site, new_database, settings, spawn_app, spawn_app_with};
use super::client::{Client, new_page, resumed_page};
use super::post::{hello, post};
use super::raw;

async fn spawn_recording_app() -> TestApp {
    let mut settings = settings();
    settings.recordings = true;
    spawn_app_with(new_database().await, &settings).await
}

async fn upload(app: &TestApp, origin: &str, body: Vec<u8>) -> (u16, Value) {
    let request = awc::Client::new().post(format!("{}/v1/recording", app.url)).insert_header(("Origin", origin));
    let mut response = request.timeout(Duration::from_secs(20)).send_body(body).await.unwrap();
    let (status, body) = (response.status().as_u16(), response.body().await.unwrap());
    if matches!(status, 429 | 503) {
        assert!(response.headers().contains_key("retry-after"));
    }
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn messages(app: &TestApp, body: Vec<u8>) -> Vec<ServerMessage> {
    let (status, answer) = upload(app, ORIGIN, body).await;
    assert_eq!(status, 200, "{answer}");
    serde_json::from_value(answer).unwrap()
}

fn resume(app: &TestApp, id: &str, token: &str) -> Hello {
    hello(app, vec![resumed_page(5, id, token)])
}

fn nack(reason: &str) -> Vec<ServerMessage> {
    vec![ServerMessage::Nack { n: 5, seq: None, retry: false, reason: reason.to_owned() }]
}

fn stored(part: u32) -> Vec<ServerMessage> {
    vec![ServerMessage::Part { n: 5, part }]
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that begin like gzip, of this length.
fn part_of(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; length];
    bytes[..3].copy_from_slice(&[0x1f, 0x8b, 8]);
    bytes
}

#[actix_web::test]
async fn parts_are_stored_as_sent_once_each_and_the_first_of_a_number_stays() {
    let app = spawn_recording_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let hello = resume(&app, &id, &token);
    let (first, largest) = (gzip(b"a snapshot"), part_of(MAX_PART_BYTES));
    for _ in 0..2 {
        assert_eq!(messages(&app, encode_part(&hello, 1, &first)).await, stored(1));
        assert_eq!(messages(&app, encode_part(&hello, 7, &largest)).await, stored(7));
    }
    assert_eq!(messages(&app, encode_part(&hello, 1, &gzip(b"something else"))).await, nack("conflict"));
    // The same at the same time.
    let again = encode_part(&hello, 2, &first);
    let both = futures_util::join!(messages(&app, again.clone()), messages(&app, again));
    assert_eq!(both, (stored(2), stored(2)));
    let digest = |bytes: &[u8]| Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let expected = [(1, &first), (2, &first), (7, &largest)].map(|(part, bytes)| format!("{part} {} {}", bytes.len(), digest(bytes)));
    let rows = app
        .texts(
            "select format('%s %s %s', part, size, encode(substr(sha256(bytes), 1, 16), 'hex')) from core.recording_part r
             where digest = substr(sha256(bytes), 1, 16) and (site_id, session_id, day) in (select site_id, session_id, day from core.page_view)
             order by part",
        )
        .await;
    assert_eq!(rows, expected);
    app.finish().await;
}

#[actix_web::test]
async fn refusals_are_typed() {
    let app = spawn_recording_app().await;
    let other = add_site(&app.server, "k_other", &[ORIGIN]).await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let part = gzip(b"a snapshot");
    let body = |hello: &Hello| encode_part(hello, 1, &part);
    let good = resume(&app, &id, &token);
    let with = |pages: Vec<Page>| body(&hello(&app, pages));
    for (wrong, reason) in [
        (with(vec![resumed_page(5, &id, "AAAA")]), "token"),
        (with(vec![resumed_page(5, "x", &token)]), "token"),
        (body(&Hello { site: other.key, ..good.clone() }), "token"),
    ] {
        assert_eq!(messages(&app, wrong).await, nack(reason));
    }
    for (origin, body, expected) in [
        ("https://evil.example", body(&good), (403, 4002)),
        (ORIGIN, body(&Hello { site: "k_nobody".to_owned(), ..good.clone() }), (403, 4001)),
        (ORIGIN, with(vec![new_page(5, 1)]), (400, 1002)),
        (ORIGIN, with(Vec::new()), (400, 1002)),
        (ORIGIN, encode_part(&good, 0, &part), (400, 1002)),
        (ORIGIN, encode_part(&good, 1, b"plain"), (400, 1002)),
        (ORIGIN, encode_part(&good, 1, b""), (400, 1002)),
        (ORIGIN, encode_part(&good, 1, b"")[..40].to_vec(), (400, 1002)),
        (ORIGIN, b"\x05hello\x01".to_vec(), (400, 1007)),
        (ORIGIN, Vec::new(), (400, 1002)),
        (ORIGIN, vec![0xff; 10], (400, 1002)),
        (ORIGIN, encode_part(&good, 1, &part_of(MAX_PART_BYTES + 1)), (413, 1009)),
        (ORIGIN, encode_part(&good, 1, &part_of(3 << 20)), (413, 1009)),
    ] {
        let (status, answer) = upload(&app, origin, body).await;
        assert_eq!((status, answer["code"].as_u64().unwrap()), expected, "{answer}");
    }
    // Without a length, too, and before all of it came.
    let mut endless = raw::connect_from(&app, Ipv4Addr::LOCALHOST).await;
    let host = app.url.strip_prefix("http://").unwrap();
    let head = format!("POST /v1/recording HTTP/1.1\r\nHost: {host}\r\nOrigin: {ORIGIN}\r\nTransfer-Encoding: chunked\r\n\r\n");
    endless.write_all(head.as_bytes()).await.unwrap();
    let mut piece = encode_part(&good, 1, &part_of(64 << 10));
    for _ in 0..17 {
        endless.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await.unwrap();
        endless.write_all(&piece).await.unwrap();
        endless.write_all(b"\r\n").await.unwrap();
        piece = vec![0; 64 << 10];
    }
    let head = raw::head(&mut endless).await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert_eq!(app.count("select count(*) from core.recording_part").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn a_page_view_records_a_bounded_amount() {
    let app = spawn_recording_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let hello = resume(&app, &id, &token);
    assert_eq!(messages(&app, encode_part(&hello, 1, &gzip(b"first"))).await, stored(1));
    app.execute("update core.recording_part set size = 64 << 20").await;
    assert_eq!(messages(&app, encode_part(&hello, 2, &gzip(b"second"))).await, nack("limit"));
    assert_eq!(messages(&app, encode_part(&hello, 1, &gzip(b"first"))).await, stored(1), "what is there is there");
    app.finish().await;
}

#[actix_web::test]
async fn an_erased_page_view_leaves_no_recording_and_takes_none() {
    let app = spawn_recording_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let body = encode_part(&resume(&app, &id, &token), 1, &gzip(b"a snapshot"));
    assert_eq!(messages(&app, body.clone()).await, stored(1));
    assert_eq!(app.count("select count(*) from core.recording_part").await, 1);
    let forget = Hello { forget: true, ..resume(&app, &id, &token) };
    post(&app, ORIGIN, encode_envelope(&forget, &[])).await;
    assert_eq!(super::forget::traces(&app, &id).await, [""; 0]);
    assert_eq!(messages(&app, body).await, nack("forgotten"));
    assert_eq!(super::forget::traces(&app, &id).await, [""; 0]);
    app.finish().await;
}

/// An upload that has told its head and then stands still.
async fn hang(app: &TestApp, from: Ipv4Addr, hello: &Hello) -> TcpStream {
    let mut stream = raw::connect_from(app, from).await;
    let body = encode_part(hello, 1, &part_of(1_000));
    let host = app.url.strip_prefix("http://").unwrap();
    let head = format!("POST /v1/recording HTTP/1.1\r\nHost: {host}\r\nOrigin: {ORIGIN}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..body.len() - 1]).await.unwrap();
    stream
}

#[actix_web::test]
async fn four_upload_at_a_time_two_of_one_address_and_frames_do_not_wait_for_them() {
    let app = spawn_recording_app().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    let hello = resume(&app, &id, &token);
    let mut hanging = Vec::new();
    for last in [1, 1, 2, 3] {
        hanging.push(hang(&app, Ipv4Addr::new(127, 0, 0, last), &hello).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    for (last, status) in [(1, "429"), (4, "503")] {
        let mut refused = hang(&app, Ipv4Addr::new(127, 0, 0, last), &hello).await;
        let head = raw::head(&mut refused).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")) && head.contains("retry-after: "), "{head}");
    }
    client.send(super::client::frame_bytes(1)).await;
    client.hear_ack(1).await;
    // Places are given back by those who finish, and by those who go away.
    hanging[0].write_all(b"Z").await.unwrap();
    let head = raw::head(&mut hanging[0]).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    drop(hanging);
    let until = tokio::time::Instant::now() + Duration::from_secs(15);
    while upload(&app, ORIGIN, encode_part(&hello, 2, &part_of(1_000))).await.0 != 200 {
        assert!(tokio::time::Instant::now() < until, "places are given back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.finish().await;
}

#[actix_web::test]
async fn an_upload_that_stands_still_is_given_up() {
    let app = spawn_recording_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let mut stream = hang(&app, Ipv4Addr::LOCALHOST, &resume(&app, &id, &token)).await;
    let head = raw::head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 429"), "{head}");
    app.finish().await;
}

#[actix_web::test]
async fn where_recordings_are_not_wanted_there_is_no_such_route() {
    let app = spawn_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let (status, _) = upload(&app, ORIGIN, encode_part(&resume(&app, &id, &token), 1, &gzip(b"a snapshot"))).await;
    assert_eq!(status, 404);
    assert_eq!(app.count("select count(*) from core.recording_part").await, 0);
    app.finish().await;
}
