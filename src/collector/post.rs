use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::drive::{Driver, Output, peer};
use super::network::Network;
use super::{Close, Collector};
use crate::ingest::{Pressure, Status};
use crate::wire::{EnvelopeError, FrameError, ServerMessage, parse_envelope, unpack};

/// How long a POST waits for its frames to be committed. What is not acked by then the client sends again.
const ANSWER_LIMIT: Duration = Duration::from_secs(25);

/// Frames that may not be read yet, because the queue is nearly full, are looked at again this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Body of an error.
#[derive(Serialize)]
struct ErrorBody {
    r#type: &'static str,
    code: u16,
    reason: String,
}

/// `POST {base}/post`: an envelope of frames, for networks that block WebSockets and for pages that go away.
pub(super) async fn receive(request: HttpRequest, body: web::Bytes, collector: web::Data<Collector>) -> HttpResponse {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match answer(&request, &body, &collector).await {
        Ok(messages) => HttpResponse::Ok().json(messages),
        Err(close) => refuse(close),
    };
    collector.ingest.counters.posts.get_or_create(&Status { status: response.status().as_u16() }).inc();
    open_to(origin, &mut response);
    response
}

/// Lets the page of this origin read an answer, which nobody keeps.
pub(super) fn open_to(origin: Option<header::HeaderValue>, response: &mut HttpResponse) {
    // A page can read the answer; whether its site allows it was checked before.
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Origin"));
    }
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
}

pub(super) fn refuse(close: Close) -> HttpResponse {
    let mut response = HttpResponse::build(close.status());
    // All that can pass: the client tries again.
    if matches!(close.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.insert_header((header::RETRY_AFTER, "2"));
    }
    response.json(ErrorBody { r#type: "error", code: close.code(), reason: close.to_string() })
}

pub(super) fn wrong(error: EnvelopeError) -> Close {
    match &error {
        EnvelopeError::Layout(FrameError::Limit) => Close::TooBig,
        EnvelopeError::Layout(_) => Close::Protocol,
        EnvelopeError::Hello(error) => Close::from(error),
    }
}

async fn answer(request: &HttpRequest, body: &[u8], collector: &Collector) -> Result<Vec<ServerMessage>, Close> {
    if collector.draining.is_cancelled() {
        return Err(Close::Restart);
    }
    let peer = peer(request);
    if !collector.rates.posts.spend(Network::address(peer.address), Instant::now()) {
        collector.ingest.counters.refuse("rate");
        return Err(Close::Policy);
    }
    if collector.ingest.queue.pressure() >= Pressure::Stop {
        return Err(Close::Overload);
    }
    let body = unpack(body).map_err(wrong)?;
    let envelope = parse_envelope(&body).map_err(wrong)?;
    // Who has opted out may still have erased what was collected before.
    if peer.has_opted_out && !envelope.hello.forget {
        return Err(Close::OptOut);
    }
    let mut driver = Driver::new(collector.clone(), peer, None, true);
    let until = Instant::now() + ANSWER_LIMIT;
    let mut messages = Vec::new();
    let actions = driver.session.on_hello(envelope.hello);
    driver.perform(actions);
    let mut frames = envelope.frames.into_iter();
    loop {
        for output in driver.take_output() {
            match output {
                Output::Message(message) => messages.push(message),
                // One broken frame spoils the request, but what came before it is being stored.
                Output::Close(close) => return Err(close),
            }
        }
        // Frames follow when their pages are there.
        if driver.is_settled_in()
            && driver.may_read()
            && let Some(frame) = frames.next()
        {
            driver.on_frame(frame);
            continue;
        }
        if driver.is_idle() {
            return Ok(messages);
        }
        match timeout_at(until.min(Instant::now() + LOOK_AGAIN), driver.next()).await {
            Ok(event) => driver.handle(event),
            Err(_) if Instant::now() >= until => return Ok(messages),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_says_when_to_come_back_and_what_is_final_does_not() {
        for (close, retries) in [
            (Close::Overload, true),
            (Close::Restart, true),
            (Close::Policy, true),
            (Close::Internal, false),
            (Close::OptOut, false),
            (Close::Site, false),
            (Close::TooBig, false),
        ] {
            assert_eq!(refuse(close).headers().contains_key(header::RETRY_AFTER), retries, "{close}");
        }
    }
}
