use std::collections::BTreeSet;

use mousetrail::event::{Kind, PointerEvent};
use mousetrail::wire::{decode_frame, encode_frame, parse_client, peek_key};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::process::Process;
use super::raw::{BINARY, FIN, Heard, Raw, frame as ws};
use crate::client::frame;

/// Frames of one page view: as many as fit well below every limit of a connection.
const FRAMES: u32 = 150;

#[actix_web::test]
async fn b2_twenty_thousand_mutated_frames_are_judged_one_by_one() {
    run("b2", 20_000).await;
}

#[actix_web::test]
#[ignore = "T1: a million frames take minutes"]
async fn b2_a_million_mutated_frames_are_judged_one_by_one() {
    run("b2-million", 1_000_000).await;
}

async fn run(folder: &str, total: u32) {
    let process = Process::start(folder);
    let seed = rand::random();
    println!("b2: seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (mut sent, mut stored, mut refused, mut warm) = (0, 0, 0, None);
    while sent < total {
        let page_view = PageView::play(&process, &mut random).await;
        sent += FRAMES + 1;
        stored += page_view.stored.len();
        refused += FRAMES as usize - page_view.stored.len();
        if warm.is_none() && sent > total / 4 {
            warm = Some(process.resident());
        }
    }
    let grown = process.resident() - warm.unwrap();
    let rows: usize = process.query("select count(*) from core.pointer_chunk").parse().unwrap();
    let wrong = process.query("select count(*) from core.quarantine");
    println!("b2: {sent} frames, {stored} stored, {refused} refused, memory grew by {} KiB", grown / 1_024);
    assert_eq!(rows, stored, "every row is one that was to be stored");
    assert_eq!(wrong, "0", "what decodes can be stored");
    assert!(stored > 0 && refused > 0);
    assert!(grown < 10 << 20, "{grown} bytes more than after a quarter");
    let (code, log) = process.stop();
    assert_eq!(code, Some(0));
    assert!(!log.contains("panicked"), "{log}");
}

/// What one page view had to lead to.
struct PageView {
    stored: BTreeSet<u32>,
}

impl PageView {
    async fn play(process: &Process, random: &mut StdRng) -> Self {
        let mut raw = Raw::open_with(&process.url, "").await;
        let nonce: String = (0..22).map(|_| char::from(b'a' + random.random_range(0..26))).collect();
        raw.say(&format!(
            r#"{{"type":"hello","v":1,"site":"{}","pages":[{{"n":0,"nonce":"{nonce}","age_ms":0,"url":"https://shop.example/","viewport":[1,1],"document":[1,1]}}]}}"#,
            process.key
        ))
        .await;
        let Heard::Text(welcome) = raw.hear().await else { panic!("no welcome") };
        assert!(welcome.contains("welcome"), "{welcome}");
        let (mut stored, mut nacks) = (BTreeSet::new(), BTreeSet::new());
        for seq in 1..=FRAMES {
            let bytes = mutated(seq, random);
            match decode_frame(&bytes) {
                Ok(_) => {
                    stored.insert(seq);
                }
                Err(error) => {
                    nacks.insert((seq, error.word()));
                }
            }
            raw.send(&ws(FIN | BINARY, &bytes)).await;
        }
        // Every seq is settled, one way or the other.
        let mut acked = 0;
        while acked < FRAMES {
            let Heard::Text(text) = raw.hear().await else { panic!("the connection is to live on") };
            let message: serde_json::Value = serde_json::from_str(&text).unwrap();
            match message["type"].as_str() {
                Some("ack") => acked = message["seq"].as_u64().unwrap() as u32,
                Some("nack") => {
                    let (seq, reason) = (message["seq"].as_u64().unwrap() as u32, message["reason"].as_str().unwrap());
                    assert!(nacks.iter().any(|nack| *nack == (seq, reason)), "{text}");
                    nacks.retain(|nack| nack.0 != seq);
                }
                _ => {}
            }
        }
        assert!(nacks.is_empty(), "never said: {nacks:?}");
        // The last message breaks the connection, with the code of the table.
        let (bytes, code) = last_words(random);
        raw.send(&bytes).await;
        assert_eq!(raw.hear().await, Heard::Close(Some(code)), "{bytes:?}");
        Self { stored }
    }
}

/// A frame with this seq of which anything behind the seq may be wrong.
fn mutated(seq: u32, random: &mut StdRng) -> Vec<u8> {
    let mut frame = frame(seq);
    for at_ms in 0..random.random_range(0..8) {
        let kind = Kind::from_code(random.random_range(0..21)).unwrap();
        frame.events.push(PointerEvent::new(60 + at_ms, kind, random.random_range(0..2_000), random.random_range(0..2_000)));
    }
    let mut bytes = encode_frame(&frame);
    let key = if seq < 128 { 3 } else { 4 };
    assert_eq!(peek_key(&bytes).map(|key| key.seq), Some(seq));
    for _ in 0..random.random_range(0..4) {
        let at = random.random_range(key..=bytes.len());
        match random.random_range(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            1 if at < bytes.len() => bytes[at] = random.random(),
            2 => bytes.truncate(at),
            3 => {
                let end = random.random_range(at..=bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            4 => {
                let end = random.random_range(at..=bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let edges: [&[u8]; 5] = [b"\x00", b"\xff\xff\x03", b"\xff\xff\xff\xff\x0f", b"\x80\x00", b"\xff\xff\xff\xff\xff"];
                bytes.splice(at..at, edges[random.random_range(0..5)].iter().copied());
            }
        }
    }
    bytes
}

/// A message that ends the connection, and with which code.
fn last_words(random: &mut StdRng) -> (Vec<u8>, u16) {
    let text = r#"{"type":"page","n":1,"nonce":"AAECAwQFBgcICQoLDA0ODw","age_ms":0,"url":"/","viewport":[1,1],"document":[1,1]}"#;
    match random.random_range(0..6) {
        // A frame whose seq can't be read.
        0 => (ws(FIN | BINARY, &[1, 0, 0xff, 0xff, 0xff, 0xff, 0xff]), 1002),
        1 => (ws(FIN | BINARY, &[random.random_range(2..=255), 0, 1]), 1002),
        // An outline, which comes by POST only.
        2 => (ws(FIN | BINARY, &[1, 0, 0]), 1002),
        3 => (ws(FIN | BINARY, &vec![1; 65_537]), 1009),
        4 => (ws(FIN | 1, b"\xff"), 1007),
        _ => loop {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random_range(0x20..0x7f);
            }
            let text = String::from_utf8(bytes).unwrap();
            if let Err(error) = parse_client(&text) {
                break (ws(FIN | 1, text.as_bytes()), mousetrail::collector::Close::from(&error).code());
            }
        },
    }
}
