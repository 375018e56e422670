//! O7: a queue that was full to the brim always empties, however batches are set.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use mousetrail::config::{LimitOptions, Limits, Options};
use mousetrail::event::{Frame, Kind, PageViewId, PointerEvent, SessionId};
use mousetrail::ingest::{ChunkKey, Counters, NewChunk, OpenPageView, Pressure, Queue, Queued, Sink, StoreError, Writer, replies};
use mousetrail::store::Inserted;
use prometheus_client::registry::Registry;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// What a drain may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A Postgres that is away, and then back and quick.
#[derive(Clone, Default)]
struct Away {
    is_back: Arc<AtomicBool>,
    stored: Arc<Mutex<HashSet<ChunkKey>>>,
}

impl Sink for Away {
    async fn insert(&self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
        if !self.is_back.load(Ordering::Relaxed) {
            return Err(StoreError::Missing("connection"));
        }
        let mut inserted = Inserted::default();
        let mut stored = self.stored.lock().unwrap();
        inserted.new.extend(chunks.iter().map(|chunk| chunk.key()).filter(|key| stored.insert(*key)));
        Ok(inserted)
    }

    async fn quarantine(&self, _: &NewChunk, _: &StoreError) -> Result<bool, StoreError> {
        unreachable!("nothing is wrong with these frames")
    }
}

fn chunk(seq: u32, bytes: usize) -> NewChunk {
    let id = PageViewId::new(DateTime::UNIX_EPOCH + TimeDelta::days(20_000), 7);
    let session_id = SessionId::new(Utc::now(), 7);
    let page_view = OpenPageView { id, site_id: 1, page_id: 1, session_id, device: 0, began_at: Utc::now(), settled: 0 };
    let frame = Frame {
        page: 0,
        seq,
        t0_ms: 0,
        origin: (0, 0),
        samples: 1,
        dropped: 0,
        tolerance: 20,
        elements: Vec::new(),
        events: vec![PointerEvent::new(0, Kind::Move, 0, 0)],
        notes: Vec::new(),
    };
    NewChunk { page_view, frame, bytes: vec![0; bytes] }
}

/// Any values; the configuration says which of them can work.
fn draw(random: &mut StdRng) -> Limits {
    loop {
        let limits = LimitOptions {
            queue_mib: Some(random.random_range(0..6)),
            batch_chunks: Some([0, 1, 7, 1_000, 1_000_000][random.random_range(0..5)]),
            batch_kib: Some([0, 1, 60, 512, 1_024, 1_536, 2_560, 8_192][random.random_range(0..8)]),
            batch_ms: Some([0, 1, 50, 700, 5_000, 60_000][random.random_range(0..6)]),
            ..LimitOptions::default()
        };
        if let Ok(settings) = (Options { limits, ..Options::default() }).settle() {
            return settings.limits;
        }
    }
}

/// Fills the queue while Postgres is away, with senders who wait beyond it. The time from its return until everybody has his answer.
async fn drain(limits: &Limits, frame_bytes: usize) -> Duration {
    let counters = Counters::register(&mut Registry::default());
    let (queue, waiting) = Queue::new(limits.queue_bytes());
    let batches = mousetrail::ingest::Limits {
        queue_bytes: limits.queue_bytes(),
        batch_chunks: limits.batch_chunks,
        batch_bytes: limits.batch_bytes(),
        batch_time: limits.batch_time(),
    };
    let (sink, stop) = (Away::default(), CancellationToken::new());
    let writer = tokio::spawn(Writer::new(sink.clone(), waiting, batches, counters).run(stop.clone()));
    let (reply, mut settled) = replies();
    let fits = limits.queue_bytes() / Queue::cost(&chunk(1, frame_bytes));
    // As many as fit, and some who wait.
    let count = fits as u32 + 20;
    let (sender, sends) = (queue.clone(), reply);
    let pushes = tokio::spawn(async move {
        for seq in 1..=count {
            let chunk = chunk(seq, frame_bytes);
            let room = sender.room(Queue::cost(&chunk)).await.unwrap();
            sender.push(Queued { chunk, reply: sends.clone(), room, since: Instant::now() }).unwrap();
        }
    });
    while queue.pressure() < Pressure::Full {
        sleep(Duration::from_millis(1)).await;
    }
    sink.is_back.store(true, Ordering::Relaxed);
    let begin = Instant::now();
    for _ in 0..count {
        timeout(LIMIT + Duration::from_secs(5), settled.recv()).await.expect("it does not hang").expect("the writer runs");
    }
    let took = begin.elapsed();
    pushes.await.unwrap();
    assert_eq!((queue.bytes(), sink.stored.lock().unwrap().len()), (0, count as usize));
    stop.cancel();
    writer.await.unwrap();
    took
}

#[tokio::test]
async fn o7_from_full_to_empty_in_thirty_seconds_with_any_batches_that_the_configuration_takes() {
    let seed = 7;
    let mut random = StdRng::seed_from_u64(seed);
    let cases: Vec<_> = (0..100).map(|_| (draw(&mut random), [1_000, 8_000, 65_000][random.random_range(0..3)])).collect();
    let drains = stream::iter(cases).map(|(limits, frame_bytes)| async move {
        let took = drain(&limits, frame_bytes).await;
        let Limits { queue_mib, batch_chunks, batch_kib, batch_ms, .. } = limits;
        assert!(took <= LIMIT, "seed {seed}: {took:?} with {queue_mib} MiB, batches of {batch_chunks}, {batch_kib} KiB, {batch_ms} ms");
        took
    });
    // Most of the time is spent waiting for the timer of a last batch, so many of them can wait together.
    let times: Vec<_> = drains.buffer_unordered(50).collect().await;
    println!("O7: {} configurations, longest drain {:?}", times.len(), times.iter().max());
    assert_eq!(times.len(), 100);
}
