use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use mousetrail::wire::{Hello, encode_envelope};

use super::process::Process;
use super::raw::{FIN, Heard, PING, Raw, TEXT, ask, frame};
use crate::app::{ORIGIN, spawn_app};

#[actix_web::test]
async fn b6_no_extension_is_agreed_on_and_its_bits_are_refused() {
    let app = spawn_app().await;
    for offer in [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover, permessage-deflate",
        "x-webkit-deflate-frame",
        "permessage-bzip2",
        "garbage;;;=,",
    ] {
        let (mut raw, head) = Raw::upgrade(&app.url, &format!("Origin: {ORIGIN}\r\nSec-WebSocket-Extensions: {offer}\r\n")).await;
        assert!(head.starts_with("HTTP/1.1 101") && !head.to_lowercase().contains("extensions"), "{head}");
        assert!(raw.is_alive().await);
        // A compressed text, as permessage-deflate would have it.
        raw.send(&frame(FIN | 0x40 | TEXT, &[0xaa, 0x56, 0x2a, 0xa9, 0x2c, 0x48, 0x05, 0x00])).await;
        assert_eq!(raw.hear().await, Heard::Close(Some(1002)), "{offer}");
    }
    let mut raw = Raw::open(&app).await;
    raw.send(&frame(FIN | 0x40 | PING, b"")).await;
    assert_eq!(raw.hear().await, Heard::Close(Some(1002)));
    app.finish().await;
}

/// Zeros, packed and packed again as often as it takes. One layer of gzip shrinks a thousandfold at most.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..bytes >> 20 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

#[actix_web::test]
async fn b6_a_bomb_in_a_post_is_put_out_within_its_bound() {
    let process = Process::start("b6");
    let hello = Hello::new(process.key.clone(), Vec::new());
    let honest = encode_envelope(&hello, &[]);
    let host = process.url.strip_prefix("http://").unwrap();
    let post = |body: &[u8]| {
        let head = format!(
            "POST /v1/post HTTP/1.1\r\nHost: {host}\r\nOrigin: {ORIGIN}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&honest).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(ask(&process.url, &post(&packed)).await.status, 200);
    // 300 MiB in 300 KiB; several members, of which each is small; and bombs that a second unpacking would let off.
    let large = bomb(300 << 20);
    let mut twice = GzEncoder::new(Vec::new(), Compression::best());
    twice.write_all(&large).unwrap();
    let members = [bomb(1 << 20), bomb(1 << 20)].concat();
    let before = process.resident();
    for (name, body, statuses) in [
        ("300 MiB", &large, &[413][..]),
        ("a bomb in a bomb", &twice.finish().unwrap(), &[400, 413]),
        ("two members", &members, &[400, 413]),
        ("2 MiB", &bomb(2 << 20), &[413]),
        ("a head alone", &large[..10].to_vec(), &[400]),
        ("cut", &large[..1_000].to_vec(), &[400, 413]),
    ] {
        for _ in 0..5 {
            let answer = ask(&process.url, &post(body)).await;
            assert!(statuses.contains(&answer.status), "{name}: {}", answer.head);
        }
    }
    let grown = process.resident() - before;
    println!("b6: a bomb of {} bytes: memory grew by {} KiB after 30 of them", large.len(), grown / 1_024);
    // What one needs at its peak, and what the allocator keeps of it.
    assert!(grown <= 4 << 20, "{grown} bytes");
    let (code, log) = process.stop();
    assert_eq!((code, log.contains("panicked")), (Some(0), false));
}
