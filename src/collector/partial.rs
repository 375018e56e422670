use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::Stream;
use tokio::time::Instant;

/// When the message that is not whole yet began to arrive.
#[derive(Clone, Default)]
pub(super) struct Partial {
    since: Rc<Cell<Option<Instant>>>,
}

impl Partial {
    /// When it began; `None` while nothing has come since the last whole message.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since.get()
    }

    /// A message is whole.
    pub(super) fn end(&self) {
        self.since.set(None);
    }

    /// Time in which nothing is read doesn't count.
    pub(super) fn forgive(&self, now: Instant) {
        self.since.set(self.since.get().map(|_| now));
    }

    /// The same body, watched.
    pub(super) async fn watch(&self, request: &HttpRequest, body: web::Payload) -> actix_web::Result<web::Payload> {
        let watched = Watched { body, since: Rc::clone(&self.since) };
        web::Payload::from_request(request, &mut dev::Payload::Stream { payload: Box::pin(watched) }).await
    }
}

struct Watched {
    body: web::Payload,
    since: Rc<Cell<Option<Instant>>>,
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.body).poll_next(context);
        if let Poll::Ready(Some(Ok(_))) = &polled
            && self.since.get().is_none()
        {
            self.since.set(Some(Instant::now()));
        }
        polled
    }
}
