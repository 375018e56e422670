use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseReason, Session};
use chrono::Utc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::drive::{Driver, Output, peer};
use super::inbound::{Inbound, upgrade};
use super::websocket::Message;
use super::{Close, Collector};
use crate::ingest::Pressure;
use crate::wire::{SUBPROTOCOL, ServerMessage};

const HELLO_LIMIT: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(25);
/// How often liveness and pressure are looked at. While sockets are not read, this is also what looks whether they may be again.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const PONG_LIMIT: Duration = Duration::from_secs(10);
/// How long one message may take to come: who dribbles is closed.
const MESSAGE_LIMIT: Duration = Duration::from_secs(10);
/// How long one message may take to leave: a client that doesn't read is closed.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// How long a client waits at most before it comes back after a drain, ms.
const DRAIN_SPREAD_MS: u32 = 2_000;

/// `GET {base}/socket`: upgrades to a WebSocket and runs its session as a task of its own.
pub(super) async fn open(request: HttpRequest, body: web::Payload, collector: web::Data<Collector>) -> actix_web::Result<HttpResponse> {
    if collector.draining.is_cancelled() || collector.ingest.queue.pressure() == Pressure::Refuse {
        return Ok(HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "2")).finish());
    }
    let (response, session, inbound) = upgrade(&request, body, SUBPROTOCOL).await?;
    if !response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok(HttpResponse::BadRequest().body("ask for the subprotocol mousetrail.v1\n"));
    }
    let peer = peer(&request);
    let has_opted_out = peer.has_opted_out;
    let driver = Driver::new(collector.get_ref().clone(), peer, false);
    let connection = Connection::new(collector.get_ref().clone(), driver, session);
    let task = async move { if has_opted_out { connection.refuse(Close::OptOut).await } else { connection.run(inbound).await } };
    // Tracked, so that the end can wait for it.
    actix_web::rt::spawn(collector.tasks.track_future(task));
    Ok(response)
}

/// One WebSocket: the only place where a session meets I/O.
struct Connection {
    collector: Collector,
    driver: Driver,
    session: Session,
    last_heard: Instant,
    last_ping: Instant,
    /// Since when a message is known to have begun and not ended.
    unfinished_since: Option<Instant>,
    is_draining: bool,
    /// What the client was told last.
    slow_level: u8,
}

impl Connection {
    fn new(collector: Collector, driver: Driver, session: Session) -> Self {
        let now = Instant::now();
        Self { collector, driver, session, last_heard: now, last_ping: now, unfinished_since: None, is_draining: false, slow_level: 0 }
    }

    /// Closes without having heard anything. A browser's script sees the code of a close, but not the status of a refused upgrade.
    async fn refuse(self, close: Close) {
        let _ = timeout(SEND_LIMIT, self.session.close(Some(close.reason()))).await;
    }

    async fn run(mut self, inbound: Inbound) {
        self.collector.ingest.counters.connections.inc();
        let close = self.talk(inbound).await;
        self.collector.ingest.counters.connections.dec();
        if let Some(close) = close {
            let _ = timeout(SEND_LIMIT, self.session.close(Some(close.reason()))).await;
        }
    }

    /// The loop waits on five inputs: the client, the session's own work, the time, the hello's deadline, and the order to drain.
    /// Returns how to close; `None` when the client is gone.
    async fn talk(&mut self, mut inbound: Inbound) -> Option<Close> {
        let begin = Instant::now();
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let draining = self.collector.draining.clone();
        loop {
            let may_read = self.driver.may_read() && !self.is_draining;
            tokio::select! {
                message = inbound.next(), if may_read => match self.on_message(message).await {
                    Heard::Something => {}
                    Heard::End => return None,
                    Heard::Wrong(close) => return Some(close),
                },
                event = self.driver.next() => self.driver.handle(event),
                _ = tick.tick() => {
                    if self.is_dribbling(may_read && inbound.is_unfinished()) {
                        return Some(Close::Policy);
                    }
                    if !self.is_alive().await {
                        return None;
                    }
                    self.tell_pressure().await.ok()?;
                }
                () = sleep_until(begin + HELLO_LIMIT), if !self.driver.session.is_greeted() && may_read => return Some(Close::NoHello),
                () = draining.cancelled(), if !self.is_draining => {
                    self.is_draining = true;
                    self.send(&ServerMessage::Drain { after_ms: DRAIN_SPREAD_MS }).await.ok()?;
                }
            }
            for output in self.driver.take_output() {
                match output {
                    Output::Message(message) => self.send(&message).await.ok()?,
                    Output::Close(close) => return Some(close),
                }
            }
            if self.is_draining && self.driver.is_idle() {
                return Some(Close::Restart);
            }
        }
    }

    async fn on_message(&mut self, message: Option<Result<Message, Close>>) -> Heard {
        self.last_heard = Instant::now();
        self.unfinished_since = None;
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                let actions = self.driver.session.on_frame(&bytes);
                self.driver.perform(actions);
            }
            Some(Ok(Message::Text(text))) => {
                let actions = self.driver.session.on_text(&text, Utc::now());
                self.driver.perform(actions);
            }
            Some(Ok(Message::Ping(bytes))) => {
                if timeout(SEND_LIMIT, self.session.pong(&bytes)).await.map_or(true, |sent| sent.is_err()) {
                    return Heard::End;
                }
            }
            Some(Ok(Message::Pong)) => {}
            Some(Ok(Message::Close(code))) => {
                // Whoever closes hears the same code back (RFC 6455 section 5.5.1).
                let reason = code.map(|code| CloseReason { code: code.into(), description: None });
                let _ = timeout(SEND_LIMIT, self.session.clone().close(reason)).await;
                return Heard::End;
            }
            Some(Err(close)) => return Heard::Wrong(close),
            None => return Heard::End,
        }
        Heard::Something
    }

    /// Has one message been on its way for too long?
    fn is_dribbling(&mut self, is_unfinished: bool) -> bool {
        let now = Instant::now();
        self.unfinished_since = is_unfinished.then(|| self.unfinished_since.unwrap_or(now));
        self.unfinished_since.is_some_and(|since| now - since > MESSAGE_LIMIT)
    }

    /// Pings a silent client, and gives it up when it stays silent.
    async fn is_alive(&mut self) -> bool {
        let now = Instant::now();
        // While we don't read, silence is ours.
        if !self.driver.may_read() {
            self.last_heard = now;
        }
        if now - self.last_heard > PING_EVERY + PONG_LIMIT {
            return false;
        }
        if now - self.last_heard < PING_EVERY || now - self.last_ping < PING_EVERY {
            return true;
        }
        self.last_ping = now;
        matches!(timeout(SEND_LIMIT, self.session.ping(b"")).await, Ok(Ok(())))
    }

    /// Asks the client to coarsen while the queue fills, and to go back when it empties.
    async fn tell_pressure(&mut self) -> Result<(), ()> {
        let level = self.collector.ingest.queue.pressure().slow_level();
        if level == self.slow_level || !self.driver.session.is_admitted() {
            return Ok(());
        }
        self.slow_level = level;
        self.send(&ServerMessage::Slow { level }).await
    }

    async fn send(&mut self, message: &ServerMessage) -> Result<(), ()> {
        match timeout(SEND_LIMIT, self.session.text(message.to_text())).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(()),
        }
    }
}

/// What a message was.
enum Heard {
    Something,
    End,
    Wrong(Close),
}
