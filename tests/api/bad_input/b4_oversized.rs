use std::time::Duration;

use super::process::Process;
use super::raw::{BINARY, CONTINUATION, FIN, Heard, Raw, TEXT, frame, head};

/// Connections of a case, so that what one costs shows among the noise.
const CONNECTIONS: usize = 40;
/// What a connection may cost besides what it costs when it is idle: 128 KiB for us, and what the HTTP server below reads ahead: 128 KiB in
/// its own buffer and 32 KiB of payload.
const EXTRA: i64 = (128 + 128 + 32) << 10;

/// What is sent again and again; the close that it leads to, if any; and how often.
struct Case {
    name: &'static str,
    part: Vec<u8>,
    times: usize,
    first: Vec<u8>,
    close: Option<u16>,
}

#[actix_web::test]
async fn b4_what_is_too_big_costs_no_memory() {
    let process = Process::start("b4");
    // What the first connections cost once for all.
    drop(hold(&process, &case("warm", frame(TEXT, b"{"), 1)).await);
    let idle = cost(&process, &case("idle", Vec::new(), 0)).await;
    println!("b4: an idle connection costs {} KiB", idle / 1_024);
    let (mask, block) = ([0; 4], vec![0; 32 << 10]);
    let declared = |first: u8, length: u64| [&head(first, length)[..], &mask].concat();
    for case in [
        Case { close: Some(1009), ..case("a frame of 64 KiB and a byte", frame(FIN | BINARY, &vec![0; 65_537]), 1) },
        Case { close: Some(1009), ..case("a message of 256 KiB and a byte", frame(CONTINUATION, &block), 9) },
        Case {
            close: Some(1009),
            first: declared(FIN | TEXT, (1 << 63) - 1),
            ..case("2^63 - 1 bytes, and some of them", block.clone(), 64)
        },
        Case { close: Some(1002), first: declared(FIN | TEXT, 1 << 63), ..case("2^63 bytes, and some of them", block.clone(), 64) },
        Case { first: declared(FIN | TEXT, 65_536), ..case("a frame of 64 KiB of which all but a byte comes", vec![0; 65_535], 1) },
        Case { first: declared(FIN | TEXT, 65_536), ..case("a frame of 64 KiB of which nothing comes", Vec::new(), 0) },
        case("10,000 continuations of a byte", frame(CONTINUATION, b"x"), 10_000),
        case("10,000 empty continuations", frame(CONTINUATION, b""), 10_000),
        Case { close: Some(1009), ..case("70,000 continuations of a byte", frame(CONTINUATION, b"x"), 70_000) },
    ] {
        let cost = cost(&process, &case).await;
        println!("b4: {}: {} KiB more a connection", case.name, (cost - idle) / 1_024);
        assert!(cost - idle <= EXTRA, "{}: {} bytes a connection", case.name, cost - idle);
    }
    let (code, log) = process.stop();
    assert_eq!(code, Some(0));
    assert!(!log.contains("panicked"), "{log}");
}

/// A part that is sent some times; continuations behind the beginning of a text.
fn case(name: &'static str, part: Vec<u8>, times: usize) -> Case {
    let first = if part.first().is_some_and(|first| first & 0x0f == CONTINUATION) { frame(TEXT, b"") } else { Vec::new() };
    Case { name, part, times, first, close: None }
}

/// Memory a connection of a case.
async fn cost(process: &Process, case: &Case) -> i64 {
    let before = process.resident();
    let held = hold(process, case).await;
    let cost = (process.resident() - before) / CONNECTIONS as i64;
    drop(held);
    // They are gone before the next case begins.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    cost
}

/// Plays a case on many connections at once and holds those that live.
async fn hold(process: &Process, case: &Case) -> Vec<Raw> {
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut raw = Raw::open_with(&process.url, "").await;
        raw.send(&case.first).await;
        let all = case.part.repeat(case.times);
        // In pieces, because a collector that closes does not read the rest.
        for piece in all.chunks(16 << 10) {
            raw.send(piece).await;
        }
        if let Some(code) = case.close {
            let heard = raw.hear().await;
            // With bytes still on their way to a closed socket, the system may answer them with a reset before we read.
            assert!(matches!(heard, Heard::Close(Some(heard)) if heard == code) || heard == Heard::End, "{}: {heard:?}", case.name);
        }
        held.push(raw);
    }
    // The collector has read what was sent when it stands still.
    tokio::time::sleep(Duration::from_millis(300)).await;
    held
}
