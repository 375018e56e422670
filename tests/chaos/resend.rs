//! D6: every frame is sent several times, in any order, by several connections at once, and counts once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use awc::ws::Frame as Message;
use chrono::Utc;
use futures_util::future::join_all;
use mousetrail::event::{Agent, Device, Extent, NewPageView, Nonce, PageViewId, Place, Via, Visitor};
use mousetrail::ingest::{Counters, Ingest, Limits, NewChunk, OpenPageView, Outcome, Queue, Queued, replies};
use mousetrail::store::{Found, Pools, Store};
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ResumedPage, ServerMessage, encode_frame};
use prometheus_client::registry::Registry;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use tokio_util::sync::CancellationToken;

use crate::kit::{Collector, Launch, Ledger, Movement, ORIGIN, Postgres, Socket, source};

/// Seqs that are under way at a time: a seq may run 64 ahead of those before it.
const WINDOW: u32 = 32;

/// One connection of a page view.
struct Line {
    socket: Socket,
    acked: u32,
}

impl Line {
    /// Says hello with the page, and gives its id and token.
    async fn open(to: SocketAddr, number: usize, key: &str, state: PageState) -> (Self, PageViewId, String) {
        let mut socket = Socket::connect(to, Some(source(number)), &format!("Origin: {ORIGIN}\r\n")).await.unwrap();
        let hello = ClientMessage::Hello(Hello::new(key, vec![Page { n: 0, state }]));
        socket.say(&serde_json::to_string(&hello).unwrap()).await.unwrap();
        let mut line = Self { socket, acked: 0 };
        let ServerMessage::Welcome { id, token, acked, .. } = line.hear().await else { panic!("no welcome") };
        line.acked = acked;
        (line, id, token)
    }

    async fn hear(&mut self) -> ServerMessage {
        loop {
            match tokio::time::timeout(Duration::from_secs(60), self.socket.next()).await.expect("an answer").unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_slice(&text).unwrap(),
                Message::Ping(bytes) => self.socket.send(awc::ws::Message::Pong(bytes)).await.unwrap(),
                Message::Close(reason) => panic!("closed: {reason:?}"),
                _ => {}
            }
        }
    }

    /// Sends these frames and waits until everything up to `last` is acked here.
    async fn carry(&mut self, frames: &[(u32, &[u8])], last: u32) {
        for (_, bytes) in frames {
            self.socket.send_bytes(bytes).await.unwrap();
        }
        while self.acked < last {
            match self.hear().await {
                ServerMessage::Ack { seq, .. } => self.acked = seq,
                ServerMessage::Slow { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// One page view whose frames are all sent by `lines` connections, and some of them again. Returns how often frames were sent.
async fn page_view(to: SocketAddr, key: &str, number: usize, lines: usize, frames: u32, ledger: &Ledger) -> u64 {
    let mut random = StdRng::seed_from_u64(number as u64);
    let new = NewPage {
        nonce: Nonce(random.random()),
        age_ms: 0,
        began_at: None,
        via: mousetrail::wire::Via::Load,
        session: None,
        url: format!("{ORIGIN}/resend"),
        title: None,
        referrer: None,
        viewport: [1440.0, 900.0],
        document: [1440.0, 3000.0],
        scroll: [0.0; 2],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    let (first, id, token) = Line::open(to, number, key, PageState::New(Box::new(new))).await;
    let mut all = vec![first];
    for _ in 1..lines {
        let state = PageState::Resumed(ResumedPage { id: id.to_string(), token: token.clone(), from: 1 });
        all.push(Line::open(to, number, key, state).await.0);
    }
    let (mut movement, mut sends) = (Movement::new(number as u64), 0);
    let mut next = 1;
    while next <= frames {
        let last = (next + WINDOW - 1).min(frames);
        let window: Vec<(u32, Vec<u8>)> =
            (next..=last).map(|seq| (seq, encode_frame(&movement.frame(0, 3, Duration::from_millis(500), 0)))).collect();
        for (seq, bytes) in &window {
            ledger.sent(id, *seq, bytes, 3);
        }
        let shares: Vec<Vec<(u32, &[u8])>> = (0..lines)
            .map(|_| {
                let mut share: Vec<(u32, &[u8])> = window.iter().map(|(seq, bytes)| (*seq, bytes.as_slice())).collect();
                // Up to two more copies a frame over all connections.
                let again: Vec<_> = share.iter().copied().filter(|_| random.random_bool(2.0 / 3.0 / lines as f64)).collect();
                share.extend(again);
                share.shuffle(&mut random);
                share
            })
            .collect();
        sends += shares.iter().map(|share| share.len() as u64).sum::<u64>();
        join_all(all.iter_mut().zip(&shares).map(|(line, share)| line.carry(share, last))).await;
        for (seq, _) in &window {
            ledger.acked(id, *seq);
        }
        next = last + 1;
    }
    sends
}

async fn resend(id: &str, page_views: usize, frames: u32) {
    let postgres = Postgres::start();
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let to = SocketAddr::from(([127, 0, 0, 1], collector.port));
    let (ledger, begin) = (Ledger::new(), Instant::now());
    let key = postgres.site.key.clone();
    let sends: u64 =
        join_all((0..page_views).map(|number| page_view(to, &key, number, 1 + number % 3, frames, &ledger))).await.into_iter().sum();
    let findings = ledger.check(&mut postgres.owner().await).await;
    println!("{id}: {sends} sends of {} frames in {:.0} s: {findings:?}", ledger.len(), begin.elapsed().as_secs_f64());
    findings.assert_clean();
    assert_eq!(findings.stored, page_views * frames as usize, "exactly the distinct frames");
    assert_eq!(findings.acked, findings.stored);
    let metrics = collector.metrics();
    assert_eq!(metrics.sum("mousetrail_frames_received_total") as u64, sends);
    assert_eq!(metrics.sum("mousetrail_frames_committed_total") as usize, findings.stored);
    collector.finish();
}

#[tokio::test]
async fn d6_frames_sent_again_by_several_connections_at_once_count_once() {
    resend("D6", 24, 640).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn d6_a_million_sends_count_each_frame_once() {
    resend("D6", 60, 6_400).await;
}

/// Opens a page view without a socket.
async fn open(store: &Store, site_id: i32, number: u64) -> OpenPageView {
    let mut nonce = [7; 16];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    let new = NewPageView {
        site_id,
        nonce: Nonce(nonce),
        began_at: Utc::now(),
        visitors: [Visitor([9; 8]); 2],
        session_key: None,
        via: Via::Load,
        agent: Agent { device: Device::Desktop, browser: String::new(), os: String::new() },
        place: Place::parse("https://shop.example/resend"),
        title: None,
        referrer: None,
        language: None,
        viewport: Extent::default(),
        document: Extent::default(),
        scroll: Extent::default(),
        screen: None,
        pixel_ratio: None,
        suspect: Default::default(),
        country: None,
    };
    match store.open_page_view(&new, number).await.unwrap() {
        Found::Open(view) => view,
        other => panic!("{other:?}"),
    }
}

/// Sends seqs through a writer of their own, as one collector would; gives what became of each send.
async fn write(store: &Store, chunks: &[NewChunk], batch_chunks: usize) -> Vec<(u32, Outcome)> {
    let limits = Limits { batch_chunks, batch_time: Duration::from_millis(2), ..Limits::default() };
    let (ingest, writer) = Ingest::new(store.clone(), limits, Counters::register(&mut Registry::default()));
    let (stop, (reply, mut heard)) = (CancellationToken::new(), replies());
    let running = tokio::spawn(writer.run(stop.clone()));
    for chunk in chunks {
        ingest.counters.receive(chunk.page_view.site_id);
        let room = ingest.queue.room(Queue::cost(chunk)).await.unwrap();
        ingest.queue.push(Queued { chunk: chunk.clone(), reply: reply.clone(), room, since: tokio::time::Instant::now() }).unwrap();
    }
    stop.cancel();
    running.await.unwrap();
    drop(reply);
    let mut outcomes = Vec::new();
    while let Some(settled) = heard.recv().await {
        outcomes.push((settled.key.1, settled.outcome));
    }
    outcomes
}

/// Two writers, which stand for two collectors, get the same few frames in any order and number.
#[test]
fn d6_two_writers_with_the_same_frames_store_each_once_in_256_cases() {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let postgres = Postgres::start();
    let site_id = postgres.site.site_id;
    // Their rights are those of the real ones, and their pools are their own.
    let stores = {
        let _inside = runtime.enter();
        [Store::new(&postgres.server(), Pools::default()), Store::new(&postgres.server(), Pools::default())]
    };
    let sends = || proptest::collection::vec(1u32..8, 1..20);
    TestRunner::new(Config { cases: 256, failure_persistence: None, ..Config::default() })
        .run(&(sends(), sends(), 1usize..8), |(left, right, batch_chunks)| {
            let (outcomes, rows) = runtime.block_on(async {
                let view = open(&stores[0], site_id, NUMBER.fetch_add(1, Ordering::Relaxed)).await;
                let mut movement = Movement::new(3);
                let frames: BTreeMap<u32, _> =
                    (1..8u32).map(|seq| (seq, movement.frame(0, 1 + seq as usize, Duration::from_millis(500), 0))).collect();
                let chunks = |seqs: &[u32]| -> Vec<NewChunk> {
                    seqs.iter()
                        .map(|seq| NewChunk { page_view: view, frame: frames[seq].clone(), bytes: encode_frame(&frames[seq]) })
                        .collect()
                };
                let (left, right) = (chunks(&left), chunks(&right));
                let (mut outcomes, more) = tokio::join!(write(&stores[0], &left, batch_chunks), write(&stores[1], &right, batch_chunks));
                outcomes.extend(more);
                let rows: (i64, i64, i64, i64) = sqlx::query_as(
                    "select count(*), count(distinct seq), sum(cardinality(dt))::int8,
                            (select events::int8 from core.page_view where page_view_id = $1)
                     from core.pointer_chunk where page_view_id = $1",
                )
                .bind(view.id.get())
                .fetch_one(&mut postgres.owner().await)
                .await
                .unwrap();
                (outcomes, rows)
            });
            let distinct: BTreeSet<u32> = left.iter().chain(&right).copied().collect();
            let events: i64 = distinct.iter().map(|seq| 1 + i64::from(*seq)).sum();
            prop_assert_eq!(rows, (distinct.len() as i64, distinct.len() as i64, events, events));
            prop_assert_eq!(outcomes.len(), left.len() + right.len());
            let committed: Vec<u32> = outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Committed).map(|(seq, _)| *seq).collect();
            prop_assert_eq!(committed.len(), distinct.len(), "each is committed once: {:?}", outcomes);
            prop_assert!(outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Committed | Outcome::Duplicate)));
            Ok(())
        })
        .unwrap();
}
