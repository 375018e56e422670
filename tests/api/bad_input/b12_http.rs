use mousetrail::wire::{Hello, encode_envelope};

use super::raw::{Heard, Raw, ask, exchange, parse};
use crate::admin::browser::sign_in;
use crate::admin::route::{ROUTES, address};
use crate::app::{ORIGIN, TestApp, spawn_app};
use crate::client::new_page;

const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

/// What stands beside the admin: path, and the method that it has.
const PUBLIC: [(&str, &str); 15] = [
    ("/mousetrail.js", "GET"),
    ("/mousetrail-0.0.0-000000000000.js", "GET"),
    ("/v1/socket", "GET"),
    ("/v1/post", "POST"),
    ("/health/live", "GET"),
    ("/health/ready", "GET"),
    ("/metrics", "GET"),
    ("/demo", "GET"),
    ("/demo/shop.css", "GET"),
    ("/demo/shop.js", "GET"),
    ("/demo/pictures.svg", "GET"),
    ("/v1", ""),
    ("/v1/nothing", ""),
    ("/nothing", ""),
    ("/api/v1/nothing", ""),
];

fn host(app: &TestApp) -> &str {
    app.url.strip_prefix("http://").unwrap()
}

#[actix_web::test]
async fn b12_every_route_answers_every_method_and_never_with_5xx() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let cookie = browser.cookie.clone().unwrap();
    let mut paths: Vec<(String, Vec<&str>)> = PUBLIC.iter().map(|(path, method)| ((*path).to_owned(), vec![*method])).collect();
    for (method, _, path, _) in ROUTES {
        let path = address(path, &app);
        // Signing out comes in a test of its own: this one goes on being signed in.
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, methods)) => methods.push(method),
            None => paths.push((path, vec![method])),
        }
    }
    let mut asked = 0;
    for (path, has) in &paths {
        let mut of_get = None;
        for method in METHODS {
            if (method, path.as_str()) == ("POST", "/signout") {
                continue;
            }
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                host(&app)
            );
            let answer = ask(&app.url, request.as_bytes()).await;
            asked += 1;
            let name = format!("{method} {path}: {}", answer.head);
            assert!(answer.status < 500, "{name}");
            match method {
                "GET" => of_get = Some(answer.status),
                "HEAD" => {
                    assert_eq!((Some(answer.status), answer.body.len()), (of_get, 0), "{name}");
                }
                _ if !has.contains(&method) => {
                    assert!(matches!(answer.status, 404 | 405), "{name}");
                    let is_admin = ROUTES.iter().any(|route| address(route.2, &app) == *path);
                    if is_admin && !path.starts_with("/api/") {
                        assert!(answer.text().contains("That can’t be done here"), "{name}\n{}", answer.text());
                    }
                    if is_admin && path.starts_with("/api/") {
                        assert!(answer.text().contains("\"code\":\"method\""), "{name}\n{}", answer.text());
                    }
                    // TRACE must not give back what a browser hides from scripts.
                    assert!(!answer.text().contains(&cookie), "{name}");
                }
                _ => {}
            }
        }
    }
    println!("b12: {} paths, {asked} requests", paths.len());
    app.finish().await;
}

#[actix_web::test]
async fn b12_two_lengths_of_one_request_are_refused_and_nothing_is_smuggled() {
    let app = spawn_app().await;
    let host = host(&app).to_owned();
    let smuggled = format!("GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let length = smuggled.len();
    for (name, lines, body) in [
        ("CL and TE", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 7\r\n", ""),
        ("two equal lengths in a list", "Content-Length: 0, 7\r\n", ""),
        ("a length with a sign", "Content-Length: +0\r\n", ""),
        ("a length below nothing", "Content-Length: -1\r\n", ""),
        ("a length in hex", "Content-Length: 0x0\r\n", ""),
        ("a length that overflows", "Content-Length: 18446744073709551616\r\n", ""),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("chunked, and something", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", "0\r\n\r\n"),
        ("a coding behind a tab", "Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\n"),
        ("a space before the colon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("a folded line", "X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("a bare CR in a line", "X: y\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("a chunk without a size", "Transfer-Encoding: chunked\r\n", "\r\n\r\n"),
        ("a chunk of a size with a sign", "Transfer-Encoding: chunked\r\n", "-1\r\n\r\n"),
        ("a chunk that overflows", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n\r\n"),
    ] {
        let request = format!("POST /v1/post HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n{body}{smuggled}");
        let (received, is_closed) = exchange(&app.url, request.as_bytes()).await;
        let answer = parse(&received).unwrap_or_else(|| panic!("{name}: no answer"));
        assert_eq!(answer.status, 400, "{name}: {}", answer.head);
        assert!(is_closed, "{name}: what follows must not be read as a request");
        assert_eq!(count(&received, b"HTTP/1.1 "), 1, "{name}: {}", String::from_utf8_lossy(&received));
    }
    // The same bytes as a body that is told honestly are just a wrong envelope.
    let honest = format!("POST /v1/post HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{smuggled}");
    assert_eq!(ask(&app.url, honest.as_bytes()).await.status, 400);
    app.finish().await;
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).filter(|window| *window == part).count()
}

#[actix_web::test]
async fn b12_large_and_strange_heads_are_refused_or_do_not_matter() {
    let app = spawn_app().await;
    let host = host(&app).to_owned();
    let junk = "j".repeat(100 << 10);
    for (name, request, statuses) in [
        ("a line of 100 KiB", format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {junk}\r\nConnection: close\r\n\r\n"), &[400, 431][..]),
        ("a path of 100 KiB", format!("GET /{junk} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), &[400, 404, 414]),
        ("10,000 lines", format!("GET / HTTP/1.1\r\nHost: {host}\r\n{}Connection: close\r\n\r\n", "A: b\r\n".repeat(10_000)), &[400, 431]),
        ("150 lines", format!("GET / HTTP/1.1\r\nHost: {host}\r\n{}Connection: close\r\n\r\n", "A: b\r\n".repeat(150)), &[400, 431]),
        ("no version", "GET /\r\n\r\n".to_owned(), &[400]),
        ("a version of the future", format!("GET / HTTP/3.0\r\nHost: {host}\r\n\r\n"), &[400, 505]),
        ("no request", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_owned(), &[400]),
        ("a zero in a line", format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: a\0b\r\nConnection: close\r\n\r\n"), &[400]),
        ("a path that is no path", format!("GET nothing HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), &[303, 400, 404]),
        ("a path with a zero", format!("GET /%00 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), &[404]),
        ("a whole url", format!("GET http://evil.example/signin HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), &[200, 400, 404]),
        ("CONNECT", format!("CONNECT evil.example:80 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), &[400, 403, 404, 405]),
    ] {
        let (received, _) = exchange(&app.url, request.as_bytes()).await;
        let answer = parse(&received).unwrap_or_else(|| panic!("{name}: no answer"));
        assert!(statuses.contains(&answer.status), "{name}: {}", answer.head);
    }
    for junk in
        ["zq9.example", "zq9.example:99999", "zq9 b", "<zq9>", "[::zq9", "\u{7f}", "..", "localhost\\@zq9", "x".repeat(5_000).as_str(), ""]
    {
        for path in ["/signin", "/", "/demo", "/mousetrail.js", "/v1/post", "/nothing"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {junk}\r\nConnection: close\r\n\r\n");
            let answer = ask(&app.url, request.as_bytes()).await;
            assert!(answer.status < 500, "{junk:.20} {path}: {}", answer.head);
            let location = answer.header("location").unwrap_or_default();
            assert!(junk.is_empty() || !location.contains(junk), "{location}");
            assert!(junk.is_empty() || junk == ".." || !answer.text().contains(junk), "{junk:.20} {path}");
        }
    }
    assert_eq!(app.metric("mousetrail_connections").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn b12_a_peer_that_is_no_proxy_does_not_choose_its_own_address() {
    let app = spawn_app().await;
    // From one address: whatever is said of others, it stays one visitor.
    let body = |nonce| encode_envelope(&Hello::new(app.site.key.clone(), vec![new_page(0, nonce)]), &[]);
    let said = [
        "",
        "X-Forwarded-For: 203.0.113.9\r\n",
        "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n",
        "Forwarded: for=203.0.113.9\r\n",
        "X-Real-IP: 203.0.113.9\r\n",
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.77\r\n",
        "X-Forwarded-For: nonsense\r\n",
    ];
    for (nonce, lines) in said.iter().enumerate() {
        let mut request = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("Origin", ORIGIN));
        for line in lines.split_terminator("\r\n") {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.append_header((name, value));
        }
        let answer = request.send_body(body(nonce as u8)).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{lines}");
    }
    assert_eq!(app.count("select count(*) from core.page_view").await, said.len() as i64);
    assert_eq!(app.count("select count(distinct visitor) from core.session").await, 1);
    app.finish().await;
}

#[actix_web::test]
async fn b12_an_upgrade_that_is_none_is_refused_and_has_no_body_of_the_socket() {
    let app = spawn_app().await;
    let good = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "mousetrail.v1"),
    ];
    let request = |name: &str, value: Option<&str>| {
        let lines: String = good
            .iter()
            .filter_map(|(known, usual)| match (*known == name, value) {
                (true, None) => None,
                (true, Some(value)) => Some(format!("{known}: {value}\r\n")),
                _ => Some(format!("{known}: {usual}\r\n")),
            })
            .collect();
        format!("GET /v1/socket HTTP/1.1\r\nHost: {}\r\nOrigin: {ORIGIN}\r\n{lines}\r\n", host(&app))
    };
    for (name, value) in [
        ("Upgrade", None),
        ("Upgrade", Some("h2c")),
        ("Connection", None),
        ("Connection", Some("keep-alive")),
        ("Sec-WebSocket-Version", None),
        ("Sec-WebSocket-Version", Some("12")),
        ("Sec-WebSocket-Version", Some("thirteen")),
        ("Sec-WebSocket-Key", None),
        ("Sec-WebSocket-Protocol", None),
        ("Sec-WebSocket-Protocol", Some("mousetrail.v2")),
        ("Sec-WebSocket-Protocol", Some("MOUSETRAIL.V1")),
    ] {
        let (received, _) = exchange(&app.url, request(name, value).as_bytes()).await;
        let answer = parse(&received).unwrap_or_else(|| panic!("{name} {value:?}: no answer"));
        assert!((400..500).contains(&answer.status), "{name} {value:?}: {}", answer.head);
    }
    let (mut raw, head) = Raw::upgrade(&app.url, &format!("Origin: {ORIGIN}\r\nSec-GPC: 1\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert_eq!(raw.hear().await, Heard::Close(Some(4003)));
    app.finish().await;
}
