use std::time::Duration;

use actix_codec::Framed;
use anyhow::{Context, bail, ensure};
use awc::BoxedSocket;
use awc::ws::{Codec, Frame, Message};
use futures_util::{SinkExt, StreamExt};

use crate::wire::{ClientMessage, SUBPROTOCOL, ServerMessage};

/// A connection to a collector, as the snippet has it.
pub(super) struct Client {
    socket: Framed<BoxedSocket, Codec>,
    /// How long the collector may take for one answer.
    patience: Duration,
}

impl Client {
    /// Opens the socket below `base`, such as `http://127.0.0.1:8080/v1`.
    pub(super) async fn connect(base: &str, patience: Duration) -> anyhow::Result<Self> {
        let connecting = awc::Client::builder().timeout(patience).finish().ws(format!("{base}/socket")).protocols([SUBPROTOCOL]).connect();
        let (_, socket) =
            tokio::time::timeout(patience, connecting).await.context("no answer in time")?.map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self { socket, patience })
    }

    pub(super) async fn say(&mut self, message: &ClientMessage) -> anyhow::Result<()> {
        self.socket.send(Message::Text(serde_json::to_string(message)?.into())).await.map_err(|error| anyhow::anyhow!("{error}"))
    }

    pub(super) async fn send_frame(&mut self, frame: Vec<u8>) -> anyhow::Result<()> {
        self.socket.send(Message::Binary(frame.into())).await.map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// Waits until everything up to `last` of a page view is committed; `acked` is what was settled before.
    pub(super) async fn hear_acks(&mut self, mut acked: u32, last: u32) -> anyhow::Result<()> {
        while acked < last {
            match self.hear().await? {
                ServerMessage::Ack { seq, .. } => acked = seq,
                ServerMessage::Nack { seq, reason, .. } => bail!("the collector refused frame {seq:?}: {reason}"),
                _ => {}
            }
        }
        ensure!(acked >= last, "not all frames were committed");
        Ok(())
    }

    /// The next message.
    pub(super) async fn hear(&mut self) -> anyhow::Result<ServerMessage> {
        loop {
            match tokio::time::timeout(self.patience, self.socket.next()).await.context("the collector does not answer")? {
                Some(Ok(Frame::Text(text))) => return Ok(serde_json::from_slice(&text)?),
                Some(Ok(Frame::Ping(bytes))) => {
                    self.socket.send(Message::Pong(bytes)).await.map_err(|error| anyhow::anyhow!("{error}"))?;
                }
                Some(Ok(Frame::Close(reason))) => bail!("the collector closed the connection: {reason:?}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => bail!("the connection broke: {error}"),
                None => bail!("the connection broke"),
            }
        }
    }
}
