use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::app::{ORIGIN, TestApp};

pub const PATIENCE: Duration = Duration::from_secs(20);

pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;
/// The last frame of its message.
pub const FIN: u8 = 0x80;

/// A connection from an address of its own, so that no limit of addresses is in the way of what a test is about.
pub async fn dial(url: &str) -> TcpStream {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let address = Ipv4Addr::new(127, 1 + (number >> 16) as u8, (number >> 8) as u8, 1 + (number % 250) as u8);
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((address, 0).into()).unwrap();
    socket.connect(url.strip_prefix("http://").unwrap().parse().unwrap()).await.unwrap()
}

/// What came over a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Text(String),
    Pong(Vec<u8>),
    Close(Option<u16>),
    /// The connection is gone.
    End,
}

/// A WebSocket on which a test writes every byte itself.
pub struct Raw {
    pub stream: TcpStream,
    received: Vec<u8>,
}

impl Raw {
    pub async fn open(app: &TestApp) -> Self {
        Self::open_with(&app.url, "").await
    }

    /// With more lines in the head of the request.
    pub async fn open_with(url: &str, lines: &str) -> Self {
        let (raw, head) = Self::upgrade(url, &format!("Origin: {ORIGIN}\r\n{lines}")).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        raw
    }

    /// The same, whatever the answer is. Returns its head.
    pub async fn upgrade(url: &str, lines: &str) -> (Self, String) {
        let mut stream = dial(url).await;
        let host = url.strip_prefix("http://").unwrap();
        let request = format!(
            "GET /v1/socket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mousetrail.v1\r\n{lines}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut raw = Self { stream, received: Vec::new() };
        let head = loop {
            if let Some(end) = raw.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break raw.received.drain(..end + 4).collect::<Vec<_>>();
            }
            assert!(raw.receive().await, "no answer to an upgrade");
        };
        (raw, String::from_utf8(head).unwrap())
    }

    /// Writes bytes. A collector that has closed already is no error here.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the collector reads");
    }

    pub async fn say(&mut self, text: &str) {
        self.send(&frame(FIN | TEXT, text.as_bytes())).await;
    }

    /// The next message from the collector. Its pings are passed over.
    pub async fn hear(&mut self) -> Heard {
        self.hear_within(PATIENCE).await.expect("the collector says something")
    }

    pub async fn hear_within(&mut self, patience: Duration) -> Option<Heard> {
        timeout(patience, async {
            loop {
                if let Some((opcode, payload)) = self.take_frame() {
                    match opcode {
                        TEXT => return Heard::Text(String::from_utf8(payload).unwrap()),
                        PONG => return Heard::Pong(payload),
                        CLOSE => return Heard::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
                        _ => continue,
                    }
                }
                if !self.receive().await {
                    return Heard::End;
                }
            }
        })
        .await
        .ok()
    }

    /// Does the collector still talk to us?
    pub async fn is_alive(&mut self) -> bool {
        self.send(&frame(FIN | PING, b"alive?")).await;
        self.hear().await == Heard::Pong(b"alive?".to_vec())
    }

    async fn receive(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.received).await, Ok(1..))
    }

    /// A frame of a server: whole, not masked.
    fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let [first, second, ..] = self.received[..] else { return None };
        assert_eq!((first & 0xf0, second & 0x80), (FIN, 0), "the collector sends whole frames without a mask");
        let (head, length) = match second {
            126 => (4, usize::from(u16::from_be_bytes(self.received.get(2..4)?.try_into().unwrap()))),
            127 => (10, u64::from_be_bytes(self.received.get(2..10)?.try_into().unwrap()) as usize),
            length => (2, usize::from(length)),
        };
        if self.received.len() < head + length {
            return None;
        }
        let payload = self.received[head..head + length].to_vec();
        self.received.drain(..head + length);
        Some((first & 0x0f, payload))
    }
}

/// A client's frame: `first` holds opcode and flags.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = head(first, payload.len() as u64);
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(0..).map(|(byte, at)| byte ^ mask[at % 4]));
    bytes
}

/// The head of a client's frame, up to its mask.
pub fn head(first: u8, length: u64) -> Vec<u8> {
    match length {
        0..=125 => vec![first, 0x80 | length as u8],
        126..=65_535 => [&[first, 0xfe][..], &(length as u16).to_be_bytes()].concat(),
        _ => [&[first, 0xff][..], &length.to_be_bytes()].concat(),
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Writes bytes to a connection of their own and reads what comes back until its end, or until nothing comes for a while: (answers, is the
/// connection closed).
pub async fn exchange(url: &str, bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = dial(url).await;
    let _ = timeout(PATIENCE, stream.write_all(bytes)).await.expect("the collector reads");
    let mut received = Vec::new();
    loop {
        // The first byte may take its time, the rest comes at once.
        let patience = if received.is_empty() { PATIENCE } else { Duration::from_millis(150) };
        match timeout(patience, stream.read_buf(&mut received)).await {
            Ok(Ok(1..)) => {}
            Ok(_) => return (received, true),
            Err(_) => return (received, false),
        }
    }
}

/// One request, one answer; `Connection: close` has to be among the request's lines.
pub async fn ask(url: &str, request: &[u8]) -> Answer {
    let mut stream = dial(url).await;
    let _ = timeout(PATIENCE, stream.write_all(request)).await.expect("the collector reads");
    let mut received = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut received)).await.expect("the collector closes the connection");
    parse(&received).unwrap_or_else(|| panic!("no answer to {}", String::from_utf8_lossy(&request[..request.len().min(300)])))
}

pub fn parse(received: &[u8]) -> Option<Answer> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
    let status = head.strip_prefix("http/1.1 ")?.get(..3)?.parse().ok()?;
    Some(Answer { status, head, body: received[end + 4..].to_vec() })
}
