use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::process::Process;
use super::raw::{BINARY, FIN, Heard, Raw, TEXT, exchange, frame as ws};
use crate::client::frame_bytes;

/// Stands in everything hostile: none of it may get into a log.
const CANARY: &str = "canary7f3a";

/// What breaks logs of careless programs.
fn hostile() -> Vec<String> {
    [
        "\r\n{\"level\":\"INFO\",\"forged\":true}",
        "\n2026-01-01 INFO forged",
        "\u{1b}[2J\u{1b}[31m",
        "\u{1b}]0;title\u{7}",
        "${jndi:ldap://127.0.0.1/a}",
        "\"}\n{\"a\":\"",
        "%s%n%x{}{:?}",
        "\u{2028}\u{2029}\u{85}",
        "\u{202e}\u{200b}",
        "\0\u{8}\u{7f}",
        "'\"\\`$(id)",
        "<script>alert(1)</script>",
    ]
    .map(|text| format!("{CANARY}{text}{CANARY}"))
    .into_iter()
    .chain([format!("{CANARY}{}", "A".repeat(1 << 20))])
    .collect()
}

#[actix_web::test]
async fn b14_nothing_that_a_stranger_sends_gets_into_the_log() {
    let process = Process::start_logging("b14", Some("info,mousetrail=trace"));
    let host = process.url.strip_prefix("http://").unwrap().to_owned();
    let mut tokens = Vec::new();
    for (index, text) in hostile().into_iter().enumerate() {
        // As a header it is sent as it is: what is no header breaks the request.
        for header in [
            "User-Agent",
            "Origin",
            "Referer",
            "Cookie",
            "X-Forwarded-For",
            "Host",
            "Sec-WebSocket-Protocol",
            "Accept-Language",
            text.as_str(),
        ] {
            for path in ["/v1/socket", "/signin", "/nothing"] {
                let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}: {text}\r\nConnection: close\r\n\r\n");
                exchange_large(&process.url, request.as_bytes()).await;
            }
        }
        let encoded: String = text.bytes().take(2_000).map(|byte| format!("%{byte:02x}")).collect();
        for path in [format!("/{encoded}"), format!("/signin?next={encoded}"), format!("/api/v1/{encoded}"), format!("/welcome/{encoded}")]
        {
            exchange_large(&process.url, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await;
        }
        let body = format!("email={encoded}&password={encoded}");
        let request = format!(
            "POST /signin HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange_large(&process.url, request.as_bytes()).await;
        // On the socket, in every text.
        let short: String = text.chars().take(300).collect();
        let mut page = json!({"n": 0, "nonce": format!("{index:022}"), "age_ms": 0, "url": format!("https://shop.example/{short}"), "viewport": [1, 1], "document": [1, 1]});
        for field in ["title", "referrer", "language"] {
            page[field] = json!(short);
        }
        for hello in [
            json!({"type": "hello", "v": 1, "site": process.key, "agent": short, "pages": [page]}),
            json!({"type": "hello", "v": 1, "site": short, "pages": []}),
            json!({"type": short, "v": 1}),
            json!({"type": "hello", "v": short}),
            json!({"type": "hello", "v": 1, "site": process.key, "pages": [{"n": 0, "id": short, "token": short}]}),
            json!({"type": "hello", "v": 1, "site": process.key, "pages": [], "import": {"token": short, "visitor": short, "user_agent": short}}),
        ] {
            let mut raw = Raw::open_with(&process.url, &format!("User-Agent: {CANARY}\r\n")).await;
            raw.say(&hello.to_string()).await;
            let heard = raw.hear_within(std::time::Duration::from_millis(300)).await;
            if let Some(Heard::Text(text)) = heard {
                let message: Value = serde_json::from_str(&text).unwrap();
                tokens.extend(message["token"].as_str().map(str::to_owned));
                raw.send(&ws(FIN | BINARY, &frame_bytes(1))).await;
                raw.send(&ws(FIN | BINARY, &[&[1, 0, 2][..], short.as_bytes()].concat())).await;
                raw.hear().await;
            }
            raw.send(&ws(FIN | TEXT, short.as_bytes())).await;
        }
    }
    assert!(!tokens.is_empty());
    let (code, log) = process.stop();
    assert_eq!(code, Some(0));
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"))).collect();
    println!("b14: {} lines", lines.len());
    assert!(!lines.is_empty() && lines.iter().all(Value::is_object));
    assert!(lines.iter().all(|line| line.get("forged").is_none()));
    for secret in tokens.iter().map(String::as_str).chain([CANARY, "\u{1b}", "panicked", "jndi"]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret:.20}: {:.500}", line.unwrap_or_default());
    }
    // Peers came from all over 127.x.y.z; what it listens on is 127.0.0.1.
    let address = log.lines().find(|line| line.match_indices("127.").any(|(at, _)| !line[at..].starts_with("127.0.0.1")));
    assert!(address.is_none(), "{address:?}");
}

/// A request of which the collector may not read all.
async fn exchange_large(url: &str, request: &[u8]) {
    if request.len() < 200_000 {
        exchange(url, request).await;
    } else {
        let mut stream = super::raw::dial(url).await;
        for piece in request.chunks(8 << 10) {
            if tokio::io::AsyncWriteExt::write_all(&mut stream, piece).await.is_err() {
                break;
            }
        }
    }
}

/// Lines of one second.
const MOST: usize = 100;
const REQUESTS: usize = 3_000;

/// Sends what can't be read, as fast as it is answered. Returns the lines that came of it, by the second, and the log as a whole.
async fn flood(process: Process) -> (BTreeMap<String, usize>, String, f64) {
    for _ in 0..REQUESTS / 10 {
        let garbage = (0..10).map(|_| super::raw::ask(&process.url, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"));
        let answers = futures_util::future::join_all(garbage).await;
        assert!(answers.iter().all(|answer| answer.status == 400));
    }
    let metrics = super::raw::ask(&process.url, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.text();
    let suppressed = metrics.lines().find_map(|line| line.strip_prefix("mousetrail_log_lines_suppressed_total ")).unwrap().parse().unwrap();
    let (code, log) = process.stop();
    assert_eq!(code, Some(0));
    let mut seconds = BTreeMap::new();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        let second = line["timestamp"].as_str().unwrap_or_default().chars().take(19).collect();
        *seconds.entry(second).or_default() += 1;
    }
    (seconds, log, suppressed)
}

#[actix_web::test]
async fn b14_a_flood_of_garbage_does_not_become_a_flood_of_lines() {
    let (seconds, log, suppressed) = flood(Process::start_logging("b14-flood", Some("warn,mousetrail=info"))).await;
    println!("b14: {REQUESTS} requests, lines a second {:?}, {suppressed} suppressed", seconds.values().collect::<Vec<_>>());
    // The bound holds for any second, and what it left out is told by a line of its own.
    assert!(seconds.values().all(|lines| *lines <= MOST + 1), "{seconds:?}");
    assert!(suppressed > 0.0 && log.contains("left out"), "{log:.2000}");
}

#[actix_web::test]
async fn b14_garbage_is_the_strangers_error_and_not_ours() {
    let (seconds, log, _) = flood(Process::start("b14-quiet")).await;
    assert!(seconds.values().sum::<usize>() < 20 && !log.contains("stream error"), "{log:.2000}");
}
