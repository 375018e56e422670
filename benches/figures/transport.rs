use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mousetrail::wire::{Hello, encode_envelope};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::beside::answer;
use crate::load::ORIGIN;
use crate::proxy::{Proxy, Target};
use crate::times::Times;
use crate::visitor::{Place, Visitor};

/// What Chromium adds to a request of a page, beside Host and Origin.
const BROWSER: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n";
/// What it adds to a fetch.
const FETCH: &str = "Accept: */*\r\nReferer: https://shop.example/\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\n\
    Sec-Fetch-Site: cross-site\r\nsec-ch-ua-platform: \"Linux\"\r\nsec-ch-ua-mobile: ?0\r\n\
    sec-ch-ua: \"Chromium\";v=\"141\", \"Not?A_Brand\";v=\"8\"\r\n";
const FRAMES: usize = 60;

/// The same frames over each way, one at a time: from sending to the ack, and all bytes of TCP payload, both ways, a frame.
///
/// Without TLS, which would cost a new connection one or two more round trips. A proxy can't delay the handshake of TCP, so a client with a new
/// connection waits that round trip before it sends.
pub async fn run(place: &Place) {
    println!("way                        round trip   p50 ms   p99 ms   bytes up   bytes down   (a frame; frames of 24 events)");
    for (index, round_trip_ms) in [0, 20, 100].into_iter().enumerate() {
        let proxy = Proxy::start(Target::Tcp(place.to), 1);
        proxy.both(|faults| faults.delay = Duration::from_millis(round_trip_ms) / 2);
        let far = place.through(proxy.port);
        let base = 9_000 + 10 * index as u32;
        let before = proxy.bytes();
        let mut visitor = Visitor::open(&far, base, BROWSER).await;
        let opened = proxy.bytes();
        let mut times = Times::default();
        for _ in 0..FRAMES {
            let (seq, bytes) = visitor.frame();
            let sent = Instant::now();
            visitor.socket.send_bytes(&bytes).await.unwrap();
            visitor.hear_ack(seq).await;
            times.add(sent.elapsed());
            sleep(Duration::from_millis(rand::random_range(1..20))).await;
        }
        row("WebSocket", round_trip_ms, &times, opened, proxy.bytes());
        println!("  and once, to open it: {} bytes up, {} down", opened.0 - before.0, opened.1 - before.1);
        for (words, is_new) in [("POST, connection kept", false), ("POST, a new connection", true)] {
            let mut visitor = Visitor::open(&far, base + 1 + u32::from(is_new), "").await;
            let hello = visitor.resume(&far);
            let frames: Vec<_> = (0..FRAMES).map(|_| visitor.frame().1).collect();
            let before = proxy.bytes();
            let to = far.to;
            let round_trip = Duration::from_millis(round_trip_ms);
            let times = spawn_blocking(move || posts(to, &hello, frames, is_new.then_some(round_trip))).await.unwrap();
            row(words, round_trip_ms, &times, before, proxy.bytes());
        }
    }
}

fn posts(to: std::net::SocketAddr, hello: &Hello, frames: Vec<Vec<u8>>, handshake: Option<Duration>) -> Times {
    let mut times = Times::default();
    let mut kept = TcpStream::connect(to).unwrap();
    for frame in frames {
        let body = encode_envelope(hello, &[frame]);
        let sent = Instant::now();
        let mut new = None;
        if let Some(handshake) = handshake {
            new = Some(TcpStream::connect(to).unwrap());
            std::thread::sleep(handshake);
        }
        let stream = new.as_mut().unwrap_or(&mut kept);
        let head = format!(
            "POST /v1/post HTTP/1.1\r\nHost: mouse.example\r\nOrigin: {ORIGIN}\r\nContent-Length: {}\r\n{BROWSER}{FETCH}\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        let answer = answer(stream);
        assert!(answer.contains(r#""ack""#), "{answer}");
        times.add(sent.elapsed());
        std::thread::sleep(Duration::from_millis(rand::random_range(1..20)));
    }
    times
}

fn row(words: &str, round_trip_ms: u64, times: &Times, before: (u64, u64), after: (u64, u64)) {
    let each = |before: u64, after: u64| (after - before) as f64 / FRAMES as f64;
    let (up, down) = (each(before.0, after.0), each(before.1, after.1));
    println!("{words:<26} {round_trip_ms:>7} ms {:>8.1} {:>8.1} {up:>10.0} {down:>12.0}", times.ms(0.5), times.ms(0.99));
}
