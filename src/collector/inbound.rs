use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use actix_ws::{MessageStream, Session};
use futures_util::Stream;
use tokio::time::Instant;

use super::Close;
use super::websocket::{Message, Reader};

/// The messages of a client, as they come.
pub(super) struct Inbound {
    payload: dev::Payload,
    /// Bytes that came and are not read yet.
    bytes: Bytes,
    reader: Reader,
    /// When the message that is not whole yet began to arrive.
    since: Option<Instant>,
    /// Ends when the way to the client is gone.
    gone: MessageStream,
}

/// Answers an upgrade: the response, the way to the client, and what comes from it.
pub(super) async fn upgrade(
    request: &HttpRequest,
    body: web::Payload,
    subprotocol: &str,
) -> actix_web::Result<(HttpResponse, Session, Inbound)> {
    // `actix-ws` gets a body that says nothing: what comes is read by our own reader.
    let silence: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(futures_util::stream::pending());
    let mut silence = dev::Payload::Stream { payload: silence };
    let silence = web::Payload::from_request(request, &mut silence).await?;
    let (response, session, gone) = actix_ws::handle_with_protocols(request, silence, &[subprotocol])?;
    Ok((response, session, Inbound { payload: body.into_inner(), bytes: Bytes::new(), reader: Reader::default(), since: None, gone }))
}

impl Inbound {
    /// The next message, or how to close for what came instead. `None`: the client is gone. Can be dropped and called again without loss.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Close>> {
        poll_fn(|cx| {
            loop {
                match self.reader.read(&mut self.bytes) {
                    Ok(Some(message)) => {
                        self.since = None;
                        return Poll::Ready(Some(Ok(message)));
                    }
                    Ok(None) if self.reader.is_unfinished() => self.since = self.since.or_else(|| Some(Instant::now())),
                    Ok(None) => {}
                    Err(close) => return Poll::Ready(Some(Err(close))),
                }
                match Pin::new(&mut self.payload).poll_next(cx) {
                    Poll::Ready(Some(Ok(bytes))) => self.bytes = bytes,
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
                    Poll::Pending => break,
                }
            }
            Pin::new(&mut self.gone).poll_next(cx).map(|_| None)
        })
        .await
    }

    /// When the message began that is not whole yet; `None` where none has begun.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Time in which nothing is read doesn't count.
    pub(super) fn forgive(&mut self, now: Instant) {
        self.since = self.since.map(|_| now);
    }
}
