use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use chrono::Utc;
use prometheus_client::registry::Registry;
use proptest::prelude::*;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Counters, Limits, Outcome, Queue, Queued, Reject, Settled, Sink, Site, Writer};
use crate::event::{Frame, Kind, PageViewId, PointerEvent, SessionId};
use crate::store::{ChunkKey, Inserted, NewChunk, OpenPageView, StoreError};

const SITE: Site = Site { site: 1 };

/// A store in memory that fails as told.
#[derive(Clone, Default)]
struct Faulty {
    stored: Arc<Mutex<HashSet<ChunkKey>>>,
    quarantined: Arc<Mutex<BTreeSet<u32>>>,
    /// Seqs that it refuses for what is in them.
    bad: BTreeSet<u32>,
    /// Outages still to come: each fails one statement. Every second one commits all the same, and only the answer is lost.
    outages: Arc<Mutex<u32>>,
    statements: Arc<Mutex<usize>>,
}

impl Sink for Faulty {
    async fn insert(&self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
        *self.statements.lock().unwrap() += 1;
        assert!(chunks.is_sorted_by(|a, b| a.key() < b.key()), "sorted by key, without duplicates");
        if chunks.iter().any(|chunk| self.bad.contains(&chunk.frame.seq)) {
            return Err(StoreError::refusal());
        }
        let is_lost = {
            let mut outages = self.outages.lock().unwrap();
            let now = *outages;
            *outages = now.saturating_sub(1);
            now
        };
        if is_lost > 0 && is_lost % 2 == 1 {
            return Err(StoreError::Missing("connection"));
        }
        let mut stored = self.stored.lock().unwrap();
        let new = chunks.iter().map(|chunk| chunk.key()).filter(|key| stored.insert(*key)).collect();
        if is_lost > 0 { Err(StoreError::Missing("answer")) } else { Ok(Inserted { new, ..Inserted::default() }) }
    }

    async fn quarantine(&self, chunk: &NewChunk, _: &StoreError) -> Result<bool, StoreError> {
        self.quarantined.lock().unwrap().insert(chunk.frame.seq);
        Ok(true)
    }
}

fn chunk(seq: u32) -> NewChunk {
    let id = PageViewId::new(Utc::now(), 7);
    let session_id = SessionId::new(Utc::now(), 7);
    let page_view = OpenPageView { id, site_id: 1, page_id: 1, session_id, device: 0, began_at: Utc::now(), settled: 0 };
    let events = vec![PointerEvent::new(0, Kind::Move, 0, 0)];
    let frame = Frame {
        page: 0,
        seq,
        t0_ms: 0,
        origin: (0, 0),
        samples: 1,
        dropped: 0,
        tolerance: 20,
        elements: Vec::new(),
        events,
        notes: Vec::new(),
    };
    NewChunk { page_view, frame, bytes: vec![0; 40] }
}

/// Sends the seqs through a writer and returns what their senders heard, in the order of sending, and the counters.
async fn write(sink: Faulty, seqs: &[u32], limits: Limits) -> (Vec<Settled>, Counters) {
    let counters = Counters::register(&mut Registry::default());
    let (queue, waiting) = Queue::new(limits.queue_bytes);
    let stop = CancellationToken::new();
    let writer = tokio::spawn(Writer::new(sink, waiting, limits, counters.clone()).run(stop.clone()));
    let (reply, mut heard) = mpsc::unbounded_channel();
    for seq in seqs {
        counters.receive(1);
        let chunk = chunk(*seq);
        let room = queue.room(Queue::cost(&chunk)).await.unwrap();
        queue.push(Queued { chunk, reply: reply.clone(), room, since: Instant::now() }).unwrap();
    }
    stop.cancel();
    writer.await.unwrap();
    drop(reply);
    let mut settled = Vec::new();
    while let Some(one) = heard.recv().await {
        settled.push(one);
    }
    assert_eq!(queue.bytes(), 0, "all room is given back");
    (settled, counters)
}

fn rejected(counters: &Counters) -> u64 {
    counters.rejected.get_or_create(&Reject { site: 1, reason: "quarantine" }).get()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_frame_is_settled_once_whatever_postgres_does(
        seqs in proptest::collection::vec(1u32..40, 1..80),
        bad in proptest::collection::btree_set(1u32..40, 0..4),
        outages in 0u32..3,
        batch_chunks in 1usize..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sink = Faulty { bad: bad.clone(), outages: Arc::new(Mutex::new(outages)), ..Faulty::default() };
        let limits = Limits { batch_chunks, ..Limits::default() };
        let (settled, counters) = runtime.block_on(write(sink.clone(), &seqs, limits));
        prop_assert_eq!(settled.len(), seqs.len());
        let sent: BTreeSet<u32> = seqs.iter().copied().collect();
        let stored: BTreeSet<u32> = sink.stored.lock().unwrap().iter().map(|key| key.1).collect();
        prop_assert_eq!(&stored, &sent.difference(&bad).copied().collect());
        prop_assert_eq!(&*sink.quarantined.lock().unwrap(), &sent.intersection(&bad).copied().collect());
        for one in &settled {
            prop_assert_eq!(one.outcome == Outcome::Quarantined, bad.contains(&one.key.1));
        }
        let [received, committed, duplicate] =
            [&counters.received, &counters.committed, &counters.duplicate].map(|family| family.get_or_create(&SITE).get());
        prop_assert_eq!(received, committed + duplicate + rejected(&counters));
        prop_assert_eq!(counters.in_flight.get_or_create(&SITE).get(), 0);
    }
}

#[tokio::test]
async fn a_bad_row_among_a_thousand_costs_few_statements_and_no_neighbour() {
    let sink = Faulty { bad: BTreeSet::from([517]), ..Faulty::default() };
    let seqs: Vec<u32> = (1..=1_000).collect();
    let (_, counters) = write(sink.clone(), &seqs, Limits::default()).await;
    assert_eq!((counters.committed.get_or_create(&SITE).get(), rejected(&counters)), (999, 1));
    // Halving: two statements a level, ten levels.
    assert!(*sink.statements.lock().unwrap() <= 21, "{}", sink.statements.lock().unwrap());
}
