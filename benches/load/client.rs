use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use awc::ws::{Frame, Message};
use mousetrail::event::{Nonce, PageViewId};
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ResumedPage, ServerMessage, Via, encode_envelope, encode_frame};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::buffer::{Buffer, Held};
use super::ledger::Ledger;
use super::movement::Movement;
use super::report::Tally;
use super::socket::{Refused, Socket};

/// After a mistake of its own a client waits this long.
const MISTAKES: [u16; 4] = [1002, 1003, 1007, 1009];
/// From here on close codes mean: never again.
const FINAL: u16 = 4000;

/// Who a client is and how it behaves.
#[derive(Clone, Debug)]
pub struct Person {
    pub to: SocketAddr,
    /// Source address; `None` leaves it to the system.
    pub from: Option<Ipv4Addr>,
    pub key: String,
    pub origin: String,
    pub seed: u64,
    /// Samples that the device delivers a second; the snippet thins them, we keep all. 0: an idle visitor.
    pub rate_hz: f64,
    pub frame_interval: Duration,
    pub backoff: Backoff,
    /// Pause after a close that says that the client made a mistake.
    pub mistake_pause: Duration,
    pub welcome_limit: Duration,
    pub ack_limit: Duration,
    pub buffer_bytes: usize,
    /// POST what is held while the socket can't be opened.
    pub posts: bool,
}

/// What all clients of a fleet are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// Move and send.
    Move,
    /// Only bring home what is held.
    Rest,
    /// Go away.
    End,
}

/// One visitor with one page view: a client of docs/protocol.md with all its duties.
pub struct Client {
    person: Person,
    ledger: Ledger,
    tally: Tally,
    order: watch::Receiver<Order>,
    random: StdRng,
    movement: Movement,
    buffer: Buffer,
    nonce: Nonce,
    began: Instant,
    /// Id and token, once welcomed.
    page: Option<(PageViewId, String)>,
    next_frame: Instant,
    dropped: u32,
    slow_level: u8,
    tries: u32,
    failed_opens: u32,
    last_try: Option<Instant>,
}

/// How a connection ended.
enum End {
    /// By a close of the collector.
    Closed(u16),
    /// It broke.
    Broken,
    /// We gave up waiting.
    TimedOut,
    /// The collector asked us to come back within this time.
    Drained(Duration),
    /// A frame is to be sent again later.
    Later,
    /// Nothing more to do.
    Done,
    /// The page view is refused, or the client is told never to come again.
    Stopped,
    Refused,
    Unreachable,
}

impl Client {
    pub fn new(person: Person, ledger: Ledger, tally: Tally, order: watch::Receiver<Order>) -> Self {
        let mut random = StdRng::seed_from_u64(person.seed);
        let now = Instant::now();
        Self {
            movement: Movement::new(person.seed),
            buffer: Buffer::new(person.buffer_bytes),
            nonce: Nonce(random.random()),
            began: now,
            // Not all at once.
            next_frame: now + person.frame_interval.mul_f64(random.random()),
            page: None,
            dropped: 0,
            slow_level: 0,
            tries: 0,
            failed_opens: 0,
            last_try: None,
            random,
            person,
            ledger,
            tally,
            order,
        }
    }

    /// Lives until it is told to end, or has nothing left to bring home.
    pub async fn run(mut self) {
        loop {
            let end = self.connection().await;
            let pause = match end {
                End::Done => break,
                End::Stopped => {
                    self.tally.count(|counts| counts.stopped += 1);
                    self.buffer.clear();
                    break;
                }
                End::Closed(code) if code >= FINAL => {
                    self.tally.count(|counts| counts.stopped += 1);
                    break;
                }
                End::Closed(code) if MISTAKES.contains(&code) => {
                    self.tally.count(|counts| counts.errors += 1);
                    self.person.mistake_pause
                }
                End::Drained(within) => within.mul_f64(self.random.random()),
                End::Closed(_) | End::Later | End::Refused => self.backoff(),
                End::Broken | End::Unreachable => {
                    self.failed_opens += 1;
                    self.backoff()
                }
                End::TimedOut => {
                    self.tally.count(|counts| counts.timeouts += 1);
                    self.backoff()
                }
            };
            if !self.pause(pause).await {
                break;
            }
            if self.person.posts && self.failed_opens >= 2 {
                self.post().await;
            }
        }
        let (held, bytes) = (self.buffer.len() as u64, self.buffer.bytes());
        self.tally.count(|counts| {
            counts.held += held;
            counts.most_held_bytes = counts.most_held_bytes.max(bytes);
        });
    }

    fn backoff(&mut self) -> Duration {
        let pause = self.person.backoff.pause(self.tries, self.random.random());
        self.tries += 1;
        pause
    }

    /// The visitor goes on moving meanwhile. False when it is over.
    async fn pause(&mut self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        loop {
            if self.is_done() {
                return false;
            }
            let next = self.next_frame;
            tokio::select! {
                () = sleep_until(until) => return !self.is_done(),
                () = sleep_until(next), if self.is_moving() => self.cut(),
                _ = self.order.changed() => {}
            }
        }
    }

    fn order(&self) -> Order {
        *self.order.borrow()
    }

    fn is_moving(&self) -> bool {
        self.person.rate_hz > 0.0 && self.order() == Order::Move
    }

    fn is_done(&self) -> bool {
        match self.order() {
            Order::Move => false,
            Order::Rest => self.buffer.is_empty() && self.person.rate_hz > 0.0,
            Order::End => true,
        }
    }

    /// Cuts the frame that is due, if there is room for it.
    fn cut(&mut self) {
        let span = self.person.frame_interval;
        self.next_frame += span;
        let now = Instant::now();
        if self.next_frame < now {
            // A late timer does not make a burst of frames.
            self.next_frame = now + span;
        }
        let events = ((self.person.rate_hz * span.as_secs_f64()).round() as usize).max(1);
        let kept = (events >> self.slow_level).max(1);
        if !self.buffer.has_room(kept * 12 + 64) {
            self.dropped += kept as u32;
            self.movement.skip(span);
            self.tally.count(|counts| counts.dropped_events += kept as u64);
            return;
        }
        let frame = self.movement.frame(0, kept, span, std::mem::take(&mut self.dropped));
        let held = Held { seq: frame.seq, bytes: encode_frame(&frame), events: kept as u32, sent_at: None };
        self.buffer.push(held);
        let bytes = self.buffer.bytes();
        self.tally.count(|counts| counts.most_held_bytes = counts.most_held_bytes.max(bytes));
    }

    /// One connection from its begin to its end.
    async fn connection(&mut self) -> End {
        if self.is_done() {
            return End::Done;
        }
        let now = Instant::now();
        let gap = self.last_try.replace(now).map(|last| now - last);
        let is_first = gap.is_none();
        self.tally.count(|counts| {
            counts.connects += 1;
            counts.reconnects += u64::from(!is_first);
            counts.shortest_gap = [counts.shortest_gap, gap].into_iter().flatten().min();
        });
        // Each is a visitor of its own, though many share a network.
        let headers = format!("Origin: {}\r\nUser-Agent: mousetrail-load {}\r\n", self.person.origin, self.person.seed);
        let mut socket = match Socket::connect(self.person.to, self.person.from, &headers).await {
            Ok(socket) => socket,
            Err(Refused::Status(_)) => {
                self.tally.count(|counts| counts.refused += 1);
                return End::Refused;
            }
            Err(Refused::Unreachable(_)) => {
                self.tally.count(|counts| counts.unreachable += 1);
                return End::Unreachable;
            }
        };
        let hello = serde_json::to_string(&ClientMessage::Hello(self.hello())).expect("plain structs always serialise");
        if socket.say(&hello).await.is_err() {
            self.tally.count(|counts| counts.errors += 1);
            return End::Broken;
        }
        let mut talk = Talk { is_welcome: false, sent: 0, deadline: Some(now + self.person.welcome_limit), drain: None };
        let end = self.talk(&mut socket, &mut talk).await;
        if talk.is_welcome {
            self.tally.count(|counts| counts.connections -= 1);
        }
        match end {
            End::Broken => self.tally.count(|counts| counts.errors += 1),
            End::Closed(code) => self.tally.count(|counts| *counts.closes.entry(code).or_default() += 1),
            _ => {
                let _ = socket.send(Message::Close(None)).await;
            }
        }
        // What the close of a drain means.
        match (end, talk.drain) {
            (End::Closed(1012) | End::Broken | End::Later, Some(within)) => End::Drained(within),
            (end, _) => end,
        }
    }

    fn hello(&mut self) -> Hello {
        let state = match &self.page {
            Some((id, token)) => PageState::Resumed(ResumedPage {
                id: id.to_string(),
                token: token.clone(),
                from: self.buffer.first_seq().unwrap_or(self.movement.seq() + 1),
            }),
            None => PageState::New(Box::new(NewPage {
                nonce: self.nonce,
                age_ms: self.began.elapsed().as_millis() as u64,
                began_at: None,
                via: Via::Load,
                session: None,
                url: format!("{}/page/{}", self.person.origin, self.person.seed % 20),
                title: None,
                referrer: None,
                viewport: [1440.0, 900.0],
                document: [1440.0, 3000.0],
                scroll: [0.0; 2],
                screen: None,
                dpr: None,
                pointer: None,
                language: None,
            })),
        };
        let agent = Some("mousetrail-load".to_owned());
        Hello { agent, ..Hello::new(self.person.key.clone(), vec![Page { n: 0, state }]) }
    }

    async fn talk(&mut self, socket: &mut Socket, talk: &mut Talk) -> End {
        loop {
            if self.is_done() {
                return End::Done;
            }
            let (next, deadline) = (self.next_frame, talk.deadline);
            tokio::select! {
                message = socket.next() => {
                    match message {
                        Some(Ok(Frame::Text(text))) => {
                            let Ok(message) = serde_json::from_slice(&text) else { return End::Broken };
                            if let Some(end) = self.hear(message, talk) {
                                return end;
                            }
                        }
                        Some(Ok(Frame::Ping(bytes))) => {
                            if socket.send(Message::Pong(bytes)).await.is_err() {
                                return End::Broken;
                            }
                        }
                        Some(Ok(Frame::Close(reason))) => {
                            let code = reason.as_ref().map_or(1005, |reason| reason.code.into());
                            let _ = socket.send(Message::Close(reason)).await;
                            return End::Closed(code);
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => return End::Broken,
                    }
                }
                () = sleep_until(next), if self.is_moving() => self.cut(),
                () = sleep_until(deadline.unwrap_or(next)), if deadline.is_some() => return End::TimedOut,
                _ = self.order.changed() => {}
            }
            if talk.is_welcome && talk.drain.is_none() && self.pump(socket, talk).await.is_err() {
                return End::Broken;
            }
        }
    }

    /// Sends what this connection has not carried yet.
    async fn pump(&mut self, socket: &mut Socket, talk: &mut Talk) -> std::io::Result<()> {
        let Some((id, _)) = self.page else { return Ok(()) };
        while let Some(held) = self.buffer.after(talk.sent) {
            let is_first = held.sent_at.is_none();
            if is_first {
                self.ledger.sent(id, held.seq, &held.bytes, held.events);
                held.sent_at = Some(std::time::Instant::now());
            }
            talk.sent = held.seq;
            let sent = socket.send_bytes(&held.bytes).await;
            self.tally.count(|counts| {
                counts.sends += 1;
                counts.sent += u64::from(is_first);
            });
            sent?;
            talk.deadline.get_or_insert(Instant::now() + self.person.ack_limit);
        }
        Ok(())
    }

    fn hear(&mut self, message: ServerMessage, talk: &mut Talk) -> Option<End> {
        match message {
            ServerMessage::Welcome { id, token, acked, .. } => {
                let took = self.last_try.map(|at| at.elapsed()).unwrap_or_default();
                let is_first = !std::mem::replace(&mut talk.is_welcome, true);
                self.tally.count(|counts| {
                    counts.connections += u64::from(is_first);
                    counts.welcome.add(took);
                });
                self.failed_opens = 0;
                self.page = Some((id, token));
                self.settle(acked);
                talk.deadline = None;
                None
            }
            ServerMessage::Ack { seq, .. } => {
                // Not a welcome: a collector may welcome a client and then send it away, again and again.
                self.tries = 0;
                self.settle(seq);
                let waits = self.buffer.first_seq().is_some_and(|first| first <= talk.sent);
                talk.deadline = waits.then(|| Instant::now() + self.person.ack_limit);
                // After a drain everything that was read is answered: then it is time to go.
                (talk.drain.is_some() && !waits).then_some(End::Later)
            }
            ServerMessage::Nack { seq: Some(seq), retry: false, .. } => {
                if let (Some((id, _)), Some(_)) = (&self.page, self.buffer.remove(seq)) {
                    self.ledger.nacked(*id, seq);
                    self.tally.count(|counts| counts.nacked += 1);
                }
                None
            }
            ServerMessage::Nack { retry: true, .. } => {
                self.tally.count(|counts| counts.nacked_retry += 1);
                Some(End::Later)
            }
            ServerMessage::Nack { seq: None, .. } => {
                self.tally.count(|counts| counts.refused_pages += 1);
                Some(End::Stopped)
            }
            ServerMessage::Slow { level } => {
                self.slow_level = level;
                self.tally.count(|counts| counts.slow = counts.slow.max(level));
                None
            }
            ServerMessage::Drain { after_ms } => {
                self.tally.count(|counts| counts.drains += 1);
                talk.drain = Some(Duration::from_millis(u64::from(after_ms)));
                None
            }
            ServerMessage::Watch { .. } | ServerMessage::Part { .. } => None,
        }
    }

    /// Everything up to `seq` is settled.
    fn settle(&mut self, seq: u32) {
        let Some((id, _)) = self.page else { return };
        for held in self.buffer.settle(seq) {
            let Some(sent_at) = held.sent_at else { continue };
            self.ledger.acked(id, held.seq);
            self.tally.count(|counts| {
                counts.acked += 1;
                counts.acked_events += u64::from(held.events);
                counts.ack.add(sent_at.elapsed());
            });
        }
    }

    /// Sends what is held by POST, as far as it fits into one.
    async fn post(&mut self) {
        let hello = self.hello();
        let id = match &self.page {
            Some((id, _)) => *id,
            // Without an id the ledger can't name the frames, so the page view is made first.
            None => match self.ask(&encode_envelope(&hello, &[])).await.into_iter().find_map(welcomed) {
                Some((id, token)) => {
                    self.page = Some((id, token));
                    id
                }
                None => return,
            },
        };
        let (hello, mut seq, mut frames, mut bytes) = (self.hello(), 0, Vec::new(), 0);
        while let Some(held) = self.buffer.after(seq) {
            bytes += held.bytes.len();
            if bytes > 60_000 {
                break;
            }
            self.ledger.sent(id, held.seq, &held.bytes, held.events);
            held.sent_at.get_or_insert_with(std::time::Instant::now);
            seq = held.seq;
            frames.push(held.bytes.clone());
        }
        let mut talk = Talk { is_welcome: true, sent: seq, deadline: None, drain: None };
        for message in self.ask(&encode_envelope(&hello, &frames)).await {
            self.hear(message, &mut talk);
        }
    }

    async fn ask(&mut self, body: &[u8]) -> Vec<ServerMessage> {
        self.tally.count(|counts| counts.posts += 1);
        let (port, headers, body) = (self.person.to.port(), format!("Origin: {}\r\n", self.person.origin), body.to_vec());
        let answer = tokio::task::spawn_blocking(move || super::http::post(port, "/v1/post", &headers, &body, Duration::from_secs(35)));
        let Ok(Some(answer)) = answer.await else { return Vec::new() };
        serde_json::from_str(&answer.body).unwrap_or_default()
    }
}

fn welcomed(message: ServerMessage) -> Option<(PageViewId, String)> {
    match message {
        ServerMessage::Welcome { id, token, .. } => Some((id, token)),
        _ => None,
    }
}

/// How far one connection has come.
struct Talk {
    is_welcome: bool,
    /// Highest seq that it carried.
    sent: u32,
    /// When to give up waiting for an answer.
    deadline: Option<Instant>,
    /// Set when the collector asked us to go: nothing more is sent.
    drain: Option<Duration>,
}
