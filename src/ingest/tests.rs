use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::registry::Registry;
use proptest::prelude::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Counters, Limits, Outcome, Queue, Queued, Reject, Settled, Sink, Site, Writer, replies};
use crate::event::{Frame, Kind, PageViewId, PointerEvent, SessionId};
use crate::store::{ChunkKey, Inserted, NewChunk, OpenPageView, StoreError};

const SITE: Site = Site { site: 1 };

/// A store in memory that fails as told.
#[derive(Clone, Default)]
struct Faulty {
    stored: Arc<Mutex<HashMap<ChunkKey, i64>>>,
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
        let mut inserted = Inserted::default();
        for chunk in chunks {
            match stored.entry(chunk.key()) {
                Entry::Vacant(entry) => {
                    entry.insert(chunk.digest());
                    inserted.new.insert(chunk.key());
                }
                Entry::Occupied(entry) => {
                    inserted.standing.insert(chunk.key(), Some(*entry.get()));
                }
            }
        }
        if is_lost > 0 { Err(StoreError::Missing("answer")) } else { Ok(inserted) }
    }

    async fn quarantine(&self, chunk: &NewChunk, _: &StoreError) -> Result<bool, StoreError> {
        self.quarantined.lock().unwrap().insert(chunk.frame.seq);
        Ok(true)
    }
}

fn chunk(seq: u32, content: u8) -> NewChunk {
    let id = PageViewId::new(DateTime::UNIX_EPOCH + TimeDelta::days(20_000), 7);
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
    NewChunk { page_view, frame, bytes: vec![content; 40] }
}

/// Sends frames (seq, content) through a writer and returns what their senders heard, in the order of sending, and the counters.
async fn write(sink: impl Sink + Send + Sync + 'static, frames: &[(u32, u8)], limits: Limits) -> (Vec<Settled>, Counters) {
    let counters = Counters::register(&mut Registry::default());
    let (queue, waiting) = Queue::new(limits.queue_bytes);
    let stop = CancellationToken::new();
    let writer = tokio::spawn(Writer::new(sink, waiting, limits, counters.clone()).run(stop.clone()));
    let (reply, mut heard) = replies();
    for (seq, content) in frames {
        counters.receive(1);
        let chunk = chunk(*seq, *content);
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

fn rejected(counters: &Counters, reason: &'static str) -> u64 {
    counters.rejected.get_or_create(&Reject { site: 1, reason }).get()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_frame_is_settled_once_whatever_postgres_does(
        frames in proptest::collection::vec((1u32..40, prop_oneof![9 => Just(0u8), 1 => Just(1)]), 1..80),
        bad in proptest::collection::btree_set(1u32..40, 0..4),
        outages in 0u32..3,
        batch_chunks in 1usize..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sink = Faulty { bad: bad.clone(), outages: Arc::new(Mutex::new(outages)), ..Faulty::default() };
        let limits = Limits { batch_chunks, ..Limits::default() };
        let (settled, counters) = runtime.block_on(write(sink.clone(), &frames, limits));
        prop_assert_eq!(settled.len(), frames.len());
        let sent: BTreeSet<u32> = frames.iter().map(|(seq, _)| *seq).collect();
        let digests = sink.stored.lock().unwrap().clone();
        let stored: BTreeSet<u32> = digests.keys().map(|key| key.1).collect();
        prop_assert_eq!(&stored, &sent.difference(&bad).copied().collect());
        prop_assert_eq!(&*sink.quarantined.lock().unwrap(), &sent.intersection(&bad).copied().collect());
        // Batches keep the order of sending, and within one a name's first frame is answered first.
        for seq in &sent {
            let contents = frames.iter().filter(|(of, _)| of == seq).map(|(_, content)| *content);
            let outcomes: Vec<Outcome> = settled.iter().filter(|one| one.key.1 == *seq).map(|one| one.outcome).collect();
            let first = frames.iter().find(|(of, _)| of == seq).map_or(0, |(_, content)| *content);
            if bad.contains(seq) {
                prop_assert_eq!(outcomes[0], Outcome::Quarantined);
                prop_assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Quarantined | Outcome::Conflict)));
                continue;
            }
            prop_assert_eq!(digests[&chunk(*seq, 0).key()], chunk(*seq, first).digest(), "the first wins");
            for (content, outcome) in contents.zip(&outcomes) {
                prop_assert_eq!(*outcome == Outcome::Conflict, content != first);
            }
            // Not where a commit's answer was lost: then all of them look like duplicates.
            prop_assert!(outcomes.iter().filter(|outcome| **outcome == Outcome::Committed).count() <= 1);
        }
        let [received, committed, duplicate] =
            [&counters.received, &counters.committed, &counters.duplicate].map(|family| family.get_or_create(&SITE).get());
        prop_assert_eq!(received, committed + duplicate + rejected(&counters, "quarantine") + rejected(&counters, "conflict"));
        prop_assert_eq!(counters.in_flight.get_or_create(&SITE).get(), 0);
    }
}

#[tokio::test]
async fn a_bad_row_among_a_thousand_costs_twelve_more_statements_and_no_neighbour() {
    let frames: Vec<(u32, u8)> = (1..=1_000).map(|seq| (seq, 0)).collect();
    for bad in [vec![1], vec![2], vec![517], vec![999], vec![1_000], vec![3, 4, 5], vec![1, 500, 1_000], (1..=1_000).step_by(100).collect()]
    {
        let sink = Faulty { bad: bad.iter().copied().collect(), ..Faulty::default() };
        let (_, counters) = write(sink.clone(), &frames, Limits::default()).await;
        let count = bad.len();
        assert_eq!(
            (counters.committed.get_or_create(&SITE).get(), rejected(&counters, "quarantine")),
            (1_000 - count as u64, count as u64)
        );
        assert_eq!(*sink.quarantined.lock().unwrap(), bad.iter().copied().collect(), "these and no other");
        let statements = *sink.statements.lock().unwrap();
        assert!(statements <= 1 + 12 * count, "{statements} for {bad:?}");
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_without_a_row_to_blame_puts_none_into_quarantine() {
    /// Refuses every statement of more than one row.
    struct Touchy(Faulty);
    impl Sink for Touchy {
        async fn insert(&self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
            if chunks.len() > 1 { Err(StoreError::refusal()) } else { self.0.insert(chunks).await }
        }
        async fn quarantine(&self, chunk: &NewChunk, error: &StoreError) -> Result<bool, StoreError> {
            self.0.quarantine(chunk, error).await
        }
    }
    let sink = Faulty::default();
    let (settled, _) = write(Touchy(sink.clone()), &[(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)], Limits::default()).await;
    assert!(settled.iter().all(|one| one.outcome == Outcome::Committed), "{settled:?}");
    assert!(sink.quarantined.lock().unwrap().is_empty());
}
