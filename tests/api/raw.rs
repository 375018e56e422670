//! Sockets without a library in between: a peer that doesn't read, or stops in the middle of something.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

use super::app::TestApp;

/// A connection from an address of this machine, with as small a buffer for what comes as the system allows.
pub async fn connect_from(app: &TestApp, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    socket.bind((from, 0).into()).unwrap();
    let to: SocketAddr = app.url.strip_prefix("http://").unwrap().parse().unwrap();
    socket.connect(to).await.unwrap()
}

/// A WebSocket whose answer was read as far as its head, and nothing behind it.
pub async fn upgrade(app: &TestApp, from: Ipv4Addr, path: &str, headers: &str) -> TcpStream {
    let mut stream = connect_from(app, from).await;
    let host = app.url.strip_prefix("http://").unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stream
}

/// The head of an answer, byte by byte, so that nothing behind it is taken.
pub async fn head(stream: &mut TcpStream) -> String {
    let (until, mut head) = (Instant::now() + Duration::from_secs(20), Vec::new());
    while !head.ends_with(b"\r\n\r\n") {
        let byte = timeout_at(until, stream.read_u8()).await.expect("a head in time");
        let Ok(byte) = byte else { break };
        head.push(byte);
    }
    String::from_utf8(head).unwrap()
}

/// A masked message of a client, with a mask of zeros.
pub fn message(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut message = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..126 => message.push(0x80 | length as u8),
        length => {
            message.push(0x80 | 126);
            message.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(payload);
    message
}

/// All that still comes, until the other end closes; and whether it did in time.
pub async fn rest(stream: &mut TcpStream, patience: Duration) -> (Vec<u8>, bool) {
    let (until, mut rest, mut piece) = (Instant::now() + patience, Vec::new(), [0; 16 << 10]);
    loop {
        match timeout_at(until, stream.read(&mut piece)).await {
            Ok(Ok(0) | Err(_)) => return (rest, true),
            Ok(Ok(count)) => rest.extend_from_slice(&piece[..count]),
            Err(_) => return (rest, false),
        }
    }
}
