use std::pin::pin;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseReason, Session};
use tokio::time::{Instant, sleep_until, timeout};

use super::drive::{Driver, Output, peer};
use super::gate::Full;
use super::inbound::{Inbound, upgrade};
use super::pace::Pace;
use super::websocket::Message;
use super::{Close, Collector};
use crate::ingest::{Code, Pressure};
use crate::wire::{SUBPROTOCOL, ServerMessage};

/// How often pressure is looked at, and whether a message has been on its way for too long.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The same while there is pressure, and while frames may not be read.
const LOOK_CLOSELY: Duration = Duration::from_secs(1);
/// How long one message may take to leave: a client that doesn't read is closed.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// How long a client waits at most before it comes back after a drain, ms.
const DRAIN_SPREAD_MS: u32 = 2_000;

/// `GET {base}/socket`: upgrades to a WebSocket and runs its session as a task of its own.
pub(super) async fn open(request: HttpRequest, body: web::Payload, collector: web::Data<Collector>) -> actix_web::Result<HttpResponse> {
    if collector.draining.is_cancelled() {
        return Ok(refuse(&collector, StatusCode::SERVICE_UNAVAILABLE, "stopping"));
    }
    if collector.ingest.queue.pressure() >= Pressure::Stop {
        return Ok(refuse(&collector, StatusCode::SERVICE_UNAVAILABLE, "overload"));
    }
    let peer = peer(&request);
    let pass = match collector.gate.enter(peer.address) {
        Ok(pass) => pass,
        Err(full @ Full::All) => return Ok(refuse(&collector, StatusCode::SERVICE_UNAVAILABLE, full.word())),
        Err(full) => return Ok(refuse(&collector, StatusCode::TOO_MANY_REQUESTS, full.word())),
    };
    let (response, session, inbound) = upgrade(&request, body, SUBPROTOCOL).await?;
    if !response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok(HttpResponse::BadRequest().body("ask for the subprotocol mousetrail.v1\n"));
    }
    let has_opted_out = peer.has_opted_out;
    let driver = Driver::new(collector.get_ref().clone(), peer, Some(pass), false);
    // Boxed: a future holds what it is given by value twice, and there are many of these.
    let mut connection = Box::new(Connection::new(collector.get_ref().clone(), driver, session, inbound));
    let task = async move {
        match has_opted_out {
            true => connection.refuse(Close::OptOut).await,
            false => connection.run().await,
        }
    };
    // Tracked, so that the end can wait for it.
    actix_web::rt::spawn(collector.tasks.track_future(task));
    Ok(response)
}

/// A browser doesn't show its script why an upgrade failed: the snippet tries again, and sends by POST after a few failures.
fn refuse(collector: &Collector, status: StatusCode, reason: &'static str) -> HttpResponse {
    collector.ingest.counters.refuse(reason);
    HttpResponse::build(status).insert_header((header::RETRY_AFTER, "2")).finish()
}

/// One WebSocket: the only place where a session meets I/O.
struct Connection {
    collector: Collector,
    driver: Driver,
    session: Session,
    /// When the client has to have said hello.
    hello_by: Instant,
    /// When pressure is looked at next.
    look_at: Instant,
    last_heard: Instant,
    /// When the ping was sent that has no answer yet.
    pinged: Option<Instant>,
    inbound: Inbound,
    pace: Pace,
    is_draining: bool,
    /// What the client was told last.
    slow_level: u8,
}

impl Connection {
    fn new(collector: Collector, driver: Driver, session: Session, inbound: Inbound) -> Self {
        let now = Instant::now();
        Self {
            hello_by: now + collector.limits.hello_timeout,
            look_at: now + LOOK_EVERY.min(collector.limits.message_timeout),
            last_heard: now,
            pinged: None,
            inbound,
            pace: Pace::new(now),
            is_draining: false,
            slow_level: 0,
            collector,
            driver,
            session,
        }
    }

    /// Closes without having heard anything. A browser's script sees the code of a close, but not the status of a refused upgrade.
    async fn refuse(&mut self, close: Close) {
        self.collector.ingest.counters.refuse("opt_out");
        self.end(close).await;
    }

    async fn run(&mut self) {
        self.collector.ingest.counters.connections.inc();
        let close = self.talk().await;
        self.collector.ingest.counters.connections.dec();
        if let Some(close) = close {
            self.end(close).await;
        }
    }

    async fn end(&mut self, close: Close) {
        self.collector.ingest.counters.closes.get_or_create(&Code { code: close.code() }).inc();
        let _ = timeout(SEND_LIMIT, self.session.clone().close(Some(close.reason()))).await;
    }

    /// The loop waits on four inputs: the client, the session's own work, the time, and the order to drain.
    /// Returns how to close; `None` when the client is gone.
    async fn talk(&mut self) -> Option<Close> {
        let draining = self.collector.draining.clone();
        let mut look = pin!(sleep_until(self.look_at));
        loop {
            let now = Instant::now();
            let may_read = self.may_read(now);
            look.as_mut().reset(self.next_look(now, may_read));
            tokio::select! {
                message = self.inbound.next(), if may_read => match self.on_message(message).await {
                    Heard::Something => {}
                    Heard::End => return None,
                    Heard::Wrong(close) => return Some(close),
                },
                event = self.driver.next() => self.driver.handle(event),
                () = &mut look => match self.look().await {
                    Heard::Something => {}
                    Heard::End => return None,
                    Heard::Wrong(close) => return Some(close),
                },
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

    /// Frames of this client may be read as long as its own share, the queue and its pace let them.
    fn may_read(&self, now: Instant) -> bool {
        !self.is_held_up() && self.ready_at() <= now
    }

    /// Do we leave the client unread for a reason that isn't its pace?
    fn is_held_up(&self) -> bool {
        self.is_draining || !self.driver.may_read()
    }

    /// When the client may send its next message. What it sends before stays unread, so that it waits at the client's end.
    fn ready_at(&self) -> Instant {
        self.pace.ready_at(self.collector.frame_rate)
    }

    /// When something is due, if nothing happens before.
    fn next_look(&self, now: Instant, may_read: bool) -> Instant {
        let limits = &self.collector.limits;
        if !may_read {
            let ready_at = self.ready_at();
            return self.look_at.min(if ready_at > now { ready_at } else { now + LOOK_CLOSELY });
        }
        let hello = (!self.driver.session.is_greeted()).then_some(self.hello_by);
        let message = self.inbound.since().map(|since| since + limits.message_timeout);
        let alive = self.pinged.map_or(self.last_heard + limits.ping, |pinged| pinged + limits.pong);
        [hello, message, Some(alive)].into_iter().flatten().fold(self.look_at, Instant::min)
    }

    /// Does what is due.
    async fn look(&mut self) -> Heard {
        let now = Instant::now();
        if self.is_held_up() {
            // Silence is ours. Not where a client is only too fast: one that pings all the time would never have to say hello.
            (self.last_heard, self.pinged, self.hello_by) = (now, None, now + self.collector.limits.hello_timeout);
            self.inbound.forgive(now);
        }
        let limits = self.collector.limits;
        if !self.driver.session.is_greeted() && now >= self.hello_by {
            return Heard::Wrong(Close::NoHello);
        }
        if self.inbound.since().is_some_and(|since| now >= since + limits.message_timeout) {
            return Heard::Wrong(Close::Policy);
        }
        match self.pinged {
            Some(pinged) if now >= pinged + limits.pong => return Heard::End,
            None if now >= self.last_heard + limits.ping => {
                self.pinged = Some(now);
                if !matches!(timeout(SEND_LIMIT, self.session.ping(b"")).await, Ok(Ok(()))) {
                    return Heard::End;
                }
            }
            _ => {}
        }
        if now >= self.look_at && self.tell_pressure(now).await.is_err() {
            return Heard::End;
        }
        Heard::Something
    }

    /// Asks the client to coarsen while the queue fills, and to go back when it empties.
    async fn tell_pressure(&mut self, now: Instant) -> Result<(), ()> {
        let pressure = self.collector.ingest.queue.pressure();
        let wait = if pressure > Pressure::Calm { LOOK_CLOSELY } else { LOOK_EVERY };
        self.look_at = now + wait.min(self.collector.limits.message_timeout);
        let level = pressure.slow_level();
        if level == self.slow_level || self.driver.session.admission().is_none() {
            return Ok(());
        }
        self.slow_level = level;
        self.send(&ServerMessage::Slow { level }).await
    }

    async fn on_message(&mut self, message: Option<Result<Message, Close>>) -> Heard {
        let now = Instant::now();
        (self.last_heard, self.pinged) = (now, None);
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                // An import is the operator's own, and as fast as Postgres takes it.
                if !self.driver.session.admission().is_some_and(|admission| admission.is_import) {
                    self.pace.spend(self.collector.frame_rate, now);
                }
                self.driver.on_frame(&bytes);
            }
            Some(Ok(Message::Text(text))) => {
                let actions = self.driver.session.on_text(&text, self.collector.clock.now());
                self.driver.perform(actions);
            }
            Some(Ok(Message::Ping(bytes))) => {
                // A ping asks for an answer, so it waits for its turn like a frame: who doesn't read would otherwise pile up pongs here.
                self.pace.spend(self.collector.frame_rate, now);
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
