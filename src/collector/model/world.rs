use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::registry::Registry;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, advance};
use tokio_util::sync::CancellationToken;

use super::client::{CAP, Carried, Client, frame};
use super::postgres::Postgres;
use super::{Content, Step};
use crate::collector::Tokens;
use crate::collector::refusal::Refusal;
use crate::collector::session::{Action, Admission, Session};
use crate::event::{PageViewId, SessionId};
use crate::ingest::{Counters, Limits, OpenPageView, Queue, Queued, Replies, Reply, Site, Writer, replies};
use crate::wire::ServerMessage;

/// Page views of the client.
pub(super) const PAGES: u16 = 2;
const SITE: Site = Site { site: 1 };

/// A collector between its start and its end.
struct Collector {
    counters: Counters,
    queue: Queue,
    writer: JoinHandle<()>,
    /// Names that came into its queue.
    came: HashSet<(u16, u32)>,
}

/// One connection: both of its ends, and what is on its way.
struct Connection {
    session: Session,
    reply: Reply,
    settled: Replies,
    carried: Carried,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<ServerMessage>,
}

/// Everything.
pub(super) struct World {
    client: Client,
    postgres: Postgres,
    collector: Collector,
    connections: [Option<Connection>; 2],
    /// Frames that the collector has refused for good, and said so.
    refused: HashSet<(u16, u32)>,
    /// Frames that it called new, in all its lives.
    committed: u64,
    now: DateTime<Utc>,
}

impl Collector {
    fn start(postgres: &Postgres) -> Self {
        let counters = Counters::register(&mut Registry::default());
        let limits = Limits { batch_chunks: 6, ..Limits::default() };
        let (queue, waiting) = Queue::new(limits.queue_bytes);
        let writer = Writer::new(postgres.clone(), waiting, limits, counters.clone());
        Self { counters, queue, writer: tokio::spawn(writer.run(CancellationToken::new())), came: HashSet::new() }
    }
}

impl World {
    pub(super) fn new() -> Self {
        let postgres = Postgres::default();
        Self {
            client: Client::default(),
            collector: Collector::start(&postgres),
            postgres,
            connections: [None, None],
            refused: HashSet::new(),
            committed: 0,
            now: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000),
        }
    }

    pub(super) async fn take(&mut self, step: Step) {
        match step {
            Step::Cut { page, content } => self.client.cut(page, content),
            Step::Connect(which) => self.connect(which),
            Step::Disconnect(which) => self.connections[which] = None,
            Step::Deliver { connection, ahead } => {
                let next = self.connections[connection].as_mut().and_then(|connection| {
                    let at = ahead.min(connection.up.len().saturating_sub(1));
                    connection.up.remove(at)
                });
                if let Some(bytes) = next {
                    self.deliver(connection, &bytes).await;
                }
            }
            Step::Double(which) => {
                if let Some(connection) = &mut self.connections[which]
                    && let Some(first) = connection.up.front().cloned()
                {
                    connection.up.push_back(first);
                }
            }
            Step::Hear(which) => self.hear(which),
            Step::LoseAnswer(which) => {
                if let Some(connection) = &mut self.connections[which]
                    // A connection without its welcome says nothing at all, so nothing of it is lost on the way.
                    && !matches!(connection.down.front(), Some(ServerMessage::Welcome { .. }))
                {
                    connection.down.pop_front();
                }
            }
            Step::Meddle { connection, which } => self.meddle(connection, which).await,
            Step::Fault(fault) => self.postgres.state().faults.push_back(fault),
            Step::Pass(ms) => advance(Duration::from_millis(ms)).await,
            Step::Restart => self.restart().await,
            Step::Forget(page) => self.postgres.state().forget(self.id(page)),
        }
        self.settle().await;
    }

    /// The id of a page view, as its nonce gives it.
    fn id(&self, page: u16) -> PageViewId {
        PageViewId::new(self.now, u64::from(page) + 1)
    }

    fn connect(&mut self, which: usize) {
        if self.connections[which].is_some() {
            return;
        }
        let (reply, settled) = replies();
        let session = Session::new(Tokens::new([1; 32]), self.collector.counters.clone(), false);
        let connection = Connection { session, reply, settled, carried: Carried::default(), up: VecDeque::new(), down: VecDeque::new() };
        let connection = self.connections[which].insert(connection);
        let actions = connection.session.on_text(&self.client.introduction("k"), self.now);
        self.perform(which, actions);
    }

    /// Does what a session decided. Only looks into the store happen here; frames are handed on by `deliver`.
    fn perform(&mut self, which: usize, actions: Vec<Action>) -> Vec<Action> {
        let mut todo = VecDeque::from(actions);
        let mut rest = Vec::new();
        while let Some(action) = todo.pop_front() {
            let Some(connection) = &mut self.connections[which] else { return rest };
            let more = match action {
                Action::Admit(_) => {
                    let admission = Admission { site_id: 1, is_import: false, sample: 1.0, is_forgetting: false };
                    connection.session.on_admission(Ok(admission), self.now)
                }
                Action::Open { n, .. } | Action::Resume { n, .. } => {
                    let view = open(&self.postgres, PageViewId::new(self.now, u64::from(n) + 1), self.now);
                    connection.session.on_opened(n, view, self.now)
                }
                Action::Send(message) => {
                    connection.down.push_back(message);
                    self.promise(which);
                    Vec::new()
                }
                Action::Close(close) => panic!("the client is honest, but was closed with {close}"),
                other => {
                    rest.push(other);
                    Vec::new()
                }
            };
            todo.extend(more);
        }
        rest
    }

    /// The collector reads a frame.
    async fn deliver(&mut self, which: usize, bytes: &[u8]) {
        let Some(connection) = &mut self.connections[which] else { return };
        let actions = connection.session.on_frame(bytes);
        for action in self.perform(which, actions) {
            let Action::Submit(chunk) = action else { panic!("{action:?}") };
            let Some(connection) = &self.connections[which] else { return };
            self.collector.came.insert((chunk.frame.page, chunk.frame.seq));
            let room = self.collector.queue.room(Queue::cost(&chunk)).await.unwrap();
            let queued = Queued { chunk: *chunk, reply: connection.reply.clone(), room, since: Instant::now() };
            self.collector.queue.push(queued).unwrap();
        }
    }

    /// Sends other bytes under the name of a frame that the collector has had.
    async fn meddle(&mut self, which: usize, index: usize) {
        let mut names: Vec<(u16, u32)> = {
            let state = self.postgres.state();
            let is_stored = |page, seq| state.stored.contains_key(&(self.id(page), seq));
            let has_come = |(page, seq): &&(u16, u32)| self.collector.came.contains(&(*page, *seq)) || is_stored(*page, *seq);
            self.client.cut.keys().filter(has_come).copied().collect()
        };
        names.sort_unstable();
        let Some((page, seq)) = (!names.is_empty()).then(|| names[index % names.len()]) else { return };
        self.deliver(which, &frame(page, seq, Content::Good, 7)).await;
    }

    fn hear(&mut self, which: usize) {
        let Some(connection) = &mut self.connections[which] else { return };
        let Some(message) = connection.down.pop_front() else { return };
        if !self.client.hear(message, &mut connection.carried) {
            self.connections[which] = None;
        }
    }

    async fn restart(&mut self) {
        self.count_committed();
        self.connections = [None, None];
        self.collector.writer.abort();
        let _ = (&mut self.collector.writer).await;
        self.collector = Collector::start(&self.postgres);
    }

    fn count_committed(&mut self) {
        self.committed += self.collector.counters.committed.get_or_create(&SITE).get();
    }

    /// Lets the writer and the sessions do what they can without time passing, and the client send what it may.
    async fn settle(&mut self) {
        for _ in 0..12 {
            yield_now().await;
        }
        for which in 0..2 {
            while let Some(connection) = &mut self.connections[which]
                && let Some(settled) = connection.settled.try_recv()
            {
                let actions = connection.session.on_settled(settled);
                let rest = self.perform(which, actions);
                assert!(rest.is_empty(), "{rest:?}");
            }
            if let Some(connection) = &mut self.connections[which] {
                connection.up.extend(self.client.pump(&mut connection.carried).into_iter().map(|held| held.bytes));
            }
        }
    }

    /// The collector has just said something: is it true?
    fn promise(&mut self, which: usize) {
        let Some(message) = self.connections[which].as_ref().and_then(|connection| connection.down.back()) else { return };
        match *message {
            ServerMessage::Nack { n, seq: Some(seq), retry: false, .. } => {
                self.refused.insert((n, seq));
            }
            ServerMessage::Welcome { n, acked: seq, .. } | ServerMessage::Ack { n, seq } => {
                assert!(seq > 0 || matches!(message, ServerMessage::Welcome { .. }), "nobody sent an outline");
                let (id, state) = (self.id(n), self.postgres.state());
                if state.forgotten.contains(&id) {
                    return;
                }
                for seq in 1..=seq {
                    let is_stored = state.stored.get(&(id, seq)) == Some(&self.client.cut[&(n, seq)].digest);
                    let is_kept = is_stored || state.quarantined.contains(&(id, seq));
                    assert!(is_kept || self.refused.contains(&(n, seq)), "{message:?}, but {seq} is not stored");
                }
            }
            _ => {}
        }
    }

    /// What holds at any time.
    pub(super) fn check(&mut self) {
        assert!(self.client.held.len() <= CAP);
        let counters = &self.collector.counters;
        let [received, committed, duplicate] =
            [&counters.received, &counters.committed, &counters.duplicate].map(|family| family.get_or_create(&SITE).get());
        let rejected: u64 =
            REASONS.iter().map(|reason| counters.rejected.get_or_create(&crate::ingest::Reject { site: 1, reason }).get()).sum();
        let in_flight = u64::try_from(counters.in_flight()).unwrap();
        assert_eq!(received, committed + duplicate + rejected + in_flight, "nothing disappears");
        assert_eq!(in_flight == 0, self.collector.queue.bytes() == 0, "what is under way has its room");
        let state = self.postgres.state();
        assert!(!state.has_wronged, "a frame that nothing is wrong with is in quarantine");
        if state.forgotten.is_empty() {
            assert!(self.committed + committed <= state.stored.len() as u64, "no frame is new twice");
        }
        let first: HashMap<_, _> = self.client.cut.values().map(|held| ((self.id(held.page), held.seq), held.digest)).collect();
        for (key, digest) in &state.stored {
            // Under a name whose frame is in quarantine, other bytes are judged anew.
            assert!(first.get(key) == Some(digest) || state.quarantined.contains(key), "{key:?} is altered");
        }
    }

    /// Faults stop. Now everything that the client holds has to arrive, and all that two connections carry has to be answered on each of them.
    pub(super) async fn drain(&mut self) {
        self.postgres.state().faults.clear();
        // A try that hangs ends, and the longest pause after it.
        for _ in 0..3 {
            self.take(Step::Pass(16_000)).await;
        }
        // Each hello can pass over a frame that was refused without a trace in the store.
        for _ in 0..self.client.cut.len() + 2 {
            self.connections = [None, None];
            self.connect(0);
            self.connect(1);
            for _ in 0..4 {
                for which in 0..2 {
                    self.run_dry(which).await;
                }
                self.take(Step::Pass(60)).await;
                self.check();
            }
            for connection in self.connections.iter().flatten() {
                let unanswered = self.client.unanswered(&connection.carried);
                assert!(unanswered.is_empty(), "{unanswered:?} were never answered");
            }
            if self.client.held.is_empty() {
                break;
            }
        }
        for which in 0..2 {
            self.resend(which).await;
        }
        assert!(
            self.client.held.is_empty(),
            "held for ever: {:?}",
            self.client.held.iter().map(|held| (held.page, held.seq)).collect::<Vec<_>>()
        );
        assert_eq!((self.collector.counters.in_flight(), self.collector.queue.bytes()), (0, 0), "nothing is stuck");
        let state = self.postgres.state();
        for held in self.client.cut.values().filter(|held| !self.client.pages[&held.page].is_refused) {
            let key = (self.id(held.page), held.seq);
            let is_there = state.stored.get(&key) == Some(&held.digest);
            assert!(
                is_there
                    || state.quarantined.contains(&key)
                    || state.forgotten.contains(&key.0)
                    || self.refused.contains(&(held.page, held.seq)),
                "{key:?} is lost"
            );
        }
    }

    /// What was acked on a connection comes on it again, as from a client that never heard the ack: it is answered again.
    async fn resend(&mut self, which: usize) {
        let Some(connection) = &self.connections[which] else { return };
        let acked = connection.carried.acked.iter().map(|(page, seq)| (*page, *seq));
        let acked: Vec<_> = acked.filter(|(page, seq)| *seq > 0 && !self.client.pages[page].is_refused).collect();
        for (page, seq) in acked {
            let bytes = self.client.cut[&(page, seq)].bytes.clone();
            self.deliver(which, &bytes).await;
            // The writer has to see it before the time of its batch can pass.
            self.settle().await;
            self.take(Step::Pass(60)).await;
            let Some(connection) = &mut self.connections[which] else { return };
            let answers: Vec<ServerMessage> = connection.down.drain(..).collect();
            let is_answer = |message: &ServerMessage| match message {
                ServerMessage::Ack { n, seq: of } => *n == page && *of >= seq,
                ServerMessage::Nack { n, .. } => *n == page,
                _ => false,
            };
            assert!(answers.iter().any(is_answer), "({page}, {seq}) came again and got {answers:?}");
        }
    }

    /// Delivers all that is on its way, in both directions.
    async fn run_dry(&mut self, which: usize) {
        for _ in 0..8 * CAP {
            let Some(connection) = &self.connections[which] else { return };
            if !connection.down.is_empty() {
                self.take(Step::Hear(which)).await;
            } else if !connection.up.is_empty() {
                self.take(Step::Deliver { connection: which, ahead: 0 }).await;
            } else {
                return;
            }
        }
    }
}

/// Why frames are refused here.
const REASONS: [&str; 6] = ["conflict", "quarantine", "forgotten", "truncated", "gap", "page"];

fn open(postgres: &Postgres, id: PageViewId, now: DateTime<Utc>) -> Result<OpenPageView, Refusal> {
    let state = postgres.state();
    if state.forgotten.contains(&id) {
        return Err(Refusal::Forgotten);
    }
    Ok(OpenPageView {
        id,
        site_id: 1,
        page_id: 1,
        session_id: SessionId::new(now, 1),
        device: 0,
        began_at: now,
        settled: state.settled(id),
    })
}
