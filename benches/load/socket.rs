use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use actix_codec::Framed;
use awc::ws::{Codec, Frame, Message};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// The origin that test sites allow.
pub const ORIGIN: &str = "https://shop.example";
/// How long connecting, upgrading and sending may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A WebSocket to a collector, from a source address of choice.
pub struct Socket {
    framed: Framed<TcpStream, Codec>,
}

/// Why there is no WebSocket.
#[derive(Debug)]
pub enum Refused {
    /// Nobody took the connection, or it ended before an answer.
    Unreachable(io::Error),
    /// The collector answered, but not with 101.
    Status(u16),
}

impl Socket {
    /// Connects to `to` from `from` (any address where `None`) and asks for the upgrade, with further headers, each with its `\r\n`.
    pub async fn connect(to: SocketAddr, from: Option<Ipv4Addr>, headers: &str) -> Result<Self, Refused> {
        timeout(LIMIT, Self::open(to, from, headers)).await.unwrap_or_else(|_| Err(Refused::Unreachable(io::ErrorKind::TimedOut.into())))
    }

    async fn open(to: SocketAddr, from: Option<Ipv4Addr>, headers: &str) -> Result<Self, Refused> {
        let mut stream = tcp(to, from).await.map_err(Refused::Unreachable)?;
        let request = format!(
            "GET /v1/socket HTTP/1.1\r\nHost: {to}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mousetrail.v1\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.map_err(Refused::Unreachable)?;
        // Byte by byte, so that nothing of the first message is taken.
        let mut head = Vec::with_capacity(256);
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.map_err(Refused::Unreachable)?);
        }
        let head = String::from_utf8_lossy(&head);
        match head.split_whitespace().nth(1).and_then(|status| status.parse().ok()) {
            Some(101) => Ok(Self { framed: Framed::new(stream, Codec::new().max_size(256 << 10).client_mode()) }),
            status => Err(Refused::Status(status.unwrap_or(0))),
        }
    }

    /// Sends a text message.
    pub async fn say(&mut self, text: &str) -> io::Result<()> {
        self.send(Message::Text(text.to_owned().into())).await
    }

    /// Sends a frame.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.send(Message::Binary(bytes.to_vec().into())).await
    }

    /// Sends any message.
    pub async fn send(&mut self, message: Message) -> io::Result<()> {
        match timeout(LIMIT, self.framed.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(io::Error::other(format!("{error}"))),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// The next message as it came; `None` when the connection has ended. Can be dropped and called again without loss.
    pub async fn next(&mut self) -> Option<Result<Frame, io::Error>> {
        self.framed.next().await.map(|message| message.map_err(|error| io::Error::other(format!("{error}"))))
    }

    /// The TCP connection below.
    pub fn stream(&self) -> &TcpStream {
        self.framed.io_ref()
    }
}

/// A TCP connection from a source address of choice.
pub async fn tcp(to: SocketAddr, from: Option<Ipv4Addr>) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(from) = from {
        socket.bind(SocketAddr::from((from, 0)))?;
    }
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
