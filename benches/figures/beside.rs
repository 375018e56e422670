use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mousetrail::wire::{MAX_PART_BYTES, encode_part};
use tokio::time::sleep;

use crate::crowd::{Crowd, within};
use crate::load::{ORIGIN, Postgres};
use crate::visitor::{Place, Visitor};
use crate::watch::{live_path, session, sign_in};

/// How long each arm of a round runs.
const ARM: Duration = Duration::from_secs(5);
/// Parts of a recording of 20 MB.
const PARTS: u32 = 20;

/// Pointer acks without and with uploads, in turns: as fast as it goes, and at the pace of a good line.
pub async fn upload(place: &Place, rounds: usize) {
    for (words, pause) in [("as fast as it goes, one after another", Duration::ZERO), ("at 4 MB/s", Duration::from_millis(250))] {
        let crowd = Crowd::start(place, 2_000, 100, Duration::from_millis(500));
        let (mut without, mut with, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut number = 4_000;
        for _ in 0..rounds {
            let begin = Instant::now();
            sleep(ARM).await;
            without.push((begin, Instant::now()));
            let mut owners = Vec::new();
            for _ in 0..10 {
                number += 1;
                owners.push(Visitor::open(place, number, "").await);
            }
            let bodies: Vec<_> = owners.iter().map(|owner| owner.resume(place)).collect();
            let stop = Arc::new(AtomicBool::new(false));
            let uploader = {
                let (to, stop) = (place.to, stop.clone());
                thread::spawn(move || {
                    let mut stream = TcpStream::connect(to).unwrap();
                    let mut part = vec![0x5a; MAX_PART_BYTES];
                    part[..3].copy_from_slice(&[0x1f, 0x8b, 8]);
                    rand::fill(&mut part[3..]);
                    let mut count = 0;
                    for hello in bodies {
                        for number in 1..=PARTS {
                            if stop.load(Ordering::Relaxed) {
                                return count;
                            }
                            post(&mut stream, &encode_part(&hello, number, &part));
                            count += part.len();
                            thread::sleep(pause);
                        }
                    }
                    count
                })
            };
            let begin = Instant::now();
            while begin.elapsed() < ARM && !uploader.is_finished() {
                sleep(Duration::from_millis(20)).await;
            }
            with.push((begin, Instant::now()));
            stop.store(true, Ordering::Relaxed);
            bytes += uploader.join().unwrap();
            // What the upload has left behind is not the next arm's.
            sleep(Duration::from_secs(1)).await;
        }
        let seconds: f64 = with.iter().map(|(begin, end)| (*end - *begin).as_secs_f64()).sum();
        let waits = crowd.finish();
        let (without, with) = (within(&waits, &without), within(&waits, &with));
        println!("pointer acks without an upload: {}", without.line());
        println!("pointer acks with uploads of 20 MB {words} ({:.1} MB/s): {}", bytes as f64 / 1e6 / seconds, with.line());
        println!("  p50 x {:.2}, p99 x {:.2}", with.ms(0.5) / without.ms(0.5), with.ms(0.99) / without.ms(0.99));
    }
}

fn post(stream: &mut TcpStream, body: &[u8]) {
    let head = format!("POST /v1/recording HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let answer = answer(stream);
    assert!(answer.contains(r#""part""#), "{answer}");
}

/// Head and body of an answer with a length.
pub fn answer(stream: &mut TcpStream) -> String {
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the collector hung up: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if length.is_some_and(|length: usize| body.len() >= length) {
            return text.into_owned();
        }
    }
}

/// Pointer acks beside a hundred clients that read their acks, and beside the same that don't, with a viewer that doesn't read either.
pub async fn deaf(place: &Place, postgres: &Postgres, rounds: usize) {
    let cookie = sign_in(postgres).await;
    let crowd = Crowd::start(place, 6_000, 100, Duration::from_millis(500));
    let others = Crowd::start(place, 8_000, 100, Duration::from_millis(500));
    let mut watched = Visitor::open(place, 9_990, "").await;
    let watched_session = session(postgres, &watched.id).await;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begin = Instant::now();
        sleep(ARM).await;
        without.push((begin, Instant::now()));
        others.is_deaf.store(true, Ordering::Relaxed);
        let viewer = silent_viewer(place, &cookie, watched_session);
        let begin = Instant::now();
        while begin.elapsed() < ARM {
            let (_, bytes) = watched.frame();
            watched.socket.send_bytes(&bytes).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
        with.push((begin, Instant::now()));
        others.is_deaf.store(false, Ordering::Relaxed);
        drop(viewer);
        watched.hear_ack(watched.movement.seq()).await;
        sleep(Duration::from_secs(1)).await;
    }
    others.finish();
    let waits = crowd.finish();
    let (without, with) = (within(&waits, &without), within(&waits, &with));
    println!("pointer acks beside peers that read: {}", without.line());
    println!("pointer acks beside 100 clients and a viewer that don't: {}", with.line());
    println!("  p50 x {:.2}, p99 x {:.2}", with.ms(0.5) / without.ms(0.5), with.ms(0.99) / without.ms(0.99));
}

/// A live view that is open and never read.
fn silent_viewer(place: &Place, cookie: &str, session: i64) -> TcpStream {
    let mut stream = TcpStream::connect(place.to).unwrap();
    let (to, path) = (place.to, live_path(&place.site));
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {to}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://{to}\r\nCookie: {cookie}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let order = format!(r#"{{"watch":"{session}"}}"#);
    // Masked with zeros.
    stream.write_all(&[&[0x81, 0x80 | order.len() as u8, 0, 0, 0, 0], order.as_bytes()].concat()).unwrap();
    stream
}
