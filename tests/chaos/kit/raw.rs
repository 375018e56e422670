use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mousetrail::event::Nonce;
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, Via};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::ORIGIN;

/// How long an upgrade may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A WebSocket as bare TCP, for what no honest client does.
pub struct Raw {
    pub stream: TcpStream,
}

impl Raw {
    /// Asks for the upgrade. `receive_buffer`: how much the kernel takes for a client that doesn't read, bytes.
    pub async fn connect(to: SocketAddr, from: Ipv4Addr, receive_buffer: Option<u32>) -> io::Result<Self> {
        timeout(LIMIT, Self::open(to, from, receive_buffer)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn open(to: SocketAddr, from: Ipv4Addr, receive_buffer: Option<u32>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let mut stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /v1/socket HTTP/1.1\r\nHost: {to}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mousetrail.v1\r\nOrigin: {ORIGIN}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::with_capacity(256);
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        match head.starts_with(b"HTTP/1.1 101") {
            true => Ok(Self { stream }),
            false => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }

    /// Says hello with a new page view and reads on until it is welcome.
    pub async fn greet(&mut self, key: &str, seed: u64) -> io::Result<()> {
        self.stream.write_all(&masked(0x81, hello(key, seed).as_bytes())).await?;
        let (mut heard, mut buffer) = (Vec::<u8>::new(), [0; 1_024]);
        while !heard.windows(9).any(|part| part == b"\"welcome\"") {
            let count = timeout(LIMIT, self.stream.read(&mut buffer)).await.map_err(|_| io::ErrorKind::TimedOut)??;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            heard.extend(&buffer[..count]);
        }
        Ok(())
    }
}

/// A frame as a client sends it: `first` is its first byte (0x81 text, 0x82 binary, 0x89 ping). The mask is zero, so the payload stands as it is.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=65_535 => bytes.extend([0xfe, (length >> 8) as u8, length as u8]),
        length => bytes.extend([&[0xff][..], &(length as u64).to_be_bytes()].concat()),
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// The hello of a new page view.
pub fn hello(key: &str, seed: u64) -> String {
    let page = NewPage {
        nonce: Nonce(u128::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: format!("{ORIGIN}/page/raw"),
        title: None,
        referrer: None,
        viewport: [1_440.0, 900.0],
        document: [1_440.0, 3_000.0],
        scroll: [0.0; 2],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    let hello = Hello::new(key, vec![Page { n: 0, state: PageState::New(Box::new(page)) }]);
    serde_json::to_string(&ClientMessage::Hello(hello)).expect("plain structs always serialise")
}
