use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::{Counters, Limits, Outcome, Queued, Settled};
use crate::store::{Inserted, NewChunk, Store, StoreError, Verdict};

/// Longest that one try may take: a Postgres that hangs counts as one that is down.
const TRY_LIMIT: Duration = Duration::from_secs(35);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where batches go. The store is one; tests put faults in its place.
pub trait Sink {
    /// Stores all of a batch, but for page views that were erased, or nothing.
    fn insert(&self, chunks: &[&NewChunk]) -> impl Future<Output = Result<Inserted, StoreError>> + Send;
    /// Keeps what can never be stored. `false` where the page view was erased.
    fn quarantine(&self, chunk: &NewChunk, error: &StoreError) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

impl Sink for Store {
    async fn insert(&self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
        self.insert_chunks(chunks).await
    }

    async fn quarantine(&self, chunk: &NewChunk, error: &StoreError) -> Result<bool, StoreError> {
        Store::quarantine(self, chunk, error).await
    }
}

/// Takes frames out of the queue, writes them in batches, and tells their senders. A frame leaves memory only when Postgres has committed it
/// or has it in quarantine.
pub struct Writer<S> {
    sink: S,
    waiting: mpsc::UnboundedReceiver<Queued>,
    limits: Limits,
    counters: Counters,
}

impl<S: Sink> Writer<S> {
    /// A writer at the end of a queue.
    pub fn new(sink: S, waiting: mpsc::UnboundedReceiver<Queued>, limits: Limits, counters: Counters) -> Self {
        Self { sink, waiting, limits, counters }
    }

    /// Writes until `stop` fires, and then what is still in the queue.
    pub async fn run(mut self, stop: CancellationToken) {
        while let Some(first) = self.wait_for_frame(&stop).await {
            self.step(first).await;
        }
    }

    /// The next frame. Once `stop` has fired no new ones get in, and `None` says that all are settled.
    async fn wait_for_frame(&mut self, stop: &CancellationToken) -> Option<Queued> {
        tokio::select! {
            first = self.waiting.recv() => first,
            () = stop.cancelled() => {
                self.waiting.close();
                self.waiting.recv().await
            }
        }
    }

    /// Collects one batch behind its first frame and settles all of it.
    pub async fn step(&mut self, first: Queued) {
        let until = Instant::now() + self.limits.batch_time;
        let mut batch = Batch::default();
        batch.push(first);
        while !batch.is_full(&self.limits) {
            match timeout_at(until, self.waiting.recv()).await {
                Ok(Some(queued)) => batch.push(queued),
                Ok(None) | Err(_) => break,
            }
        }
        self.settle(batch).await;
    }

    async fn settle(&self, mut batch: Batch) {
        let begin = Instant::now();
        self.counters.batch_chunks.observe(batch.len() as f64);
        let mut outcomes = Vec::with_capacity(batch.len());
        let chunks = batch.chunks();
        // Parts still to be written. A part with a bad row in it is halved until the row stands alone.
        let mut parts = vec![chunks.as_slice()];
        while let Some(part) = parts.pop() {
            match self.insert(part).await {
                Ok(inserted) => outcomes.extend(part.iter().map(|chunk| {
                    let outcome = match () {
                        () if inserted.new.contains(&chunk.key()) => Outcome::Committed,
                        () if inserted.forgotten.contains(&chunk.page_view.id) => Outcome::Forgotten,
                        () => Outcome::Duplicate,
                    };
                    (chunk.key(), outcome)
                })),
                Err(error) => match part {
                    [chunk] => {
                        let is_kept = self.quarantine(chunk, &error).await;
                        outcomes.push((chunk.key(), if is_kept { Outcome::Quarantined } else { Outcome::Forgotten }));
                    }
                    _ => {
                        let (left, right) = part.split_at(part.len() / 2);
                        parts.extend([right, left]);
                    }
                },
            }
        }
        self.counters.commit_seconds.observe(begin.elapsed().as_secs_f64());
        for (key, outcome) in outcomes {
            // Whoever sent the same frame besides the first gets it as a duplicate.
            for (queued, outcome) in batch.take(key).into_iter().zip(std::iter::once(outcome).chain(std::iter::repeat(match outcome {
                Outcome::Committed => Outcome::Duplicate,
                other => other,
            }))) {
                self.tell(queued, outcome);
            }
        }
    }

    fn tell(&self, queued: Queued, outcome: Outcome) {
        let site = queued.chunk.page_view.site_id;
        match outcome {
            Outcome::Committed => self.counters.store(site, true, queued.chunk.frame.events.len()),
            Outcome::Duplicate => self.counters.store(site, false, 0),
            Outcome::Quarantined => self.counters.reject(site, "quarantine"),
            Outcome::Forgotten => self.counters.reject(site, "forgotten"),
        }
        // A connection that is gone needs no answer; its frames are stored all the same.
        let _ = queued.reply.send(Settled { key: queued.chunk.key(), outcome, bytes: queued.room.bytes(), since: queued.since });
    }

    /// Tries until Postgres takes the part, or says that it never will.
    async fn insert(&self, part: &[&NewChunk]) -> Result<Inserted, StoreError> {
        let mut pause = FIRST_PAUSE;
        loop {
            self.counters.statements.inc();
            match timeout(TRY_LIMIT, self.sink.insert(part)).await {
                Ok(Ok(inserted)) => return Ok(inserted),
                Ok(Err(error)) if error.verdict() == Verdict::Data => return Err(error),
                Ok(Err(error)) => self.wait(&mut pause, &error.to_string()).await,
                Err(_) => self.wait(&mut pause, "no answer").await,
            }
        }
    }

    async fn quarantine(&self, chunk: &NewChunk, error: &StoreError) -> bool {
        tracing::warn!(
            site_id = chunk.page_view.site_id,
            seq = chunk.frame.seq,
            sqlstate = error.sqlstate(),
            "a frame went into quarantine: Postgres refused what is in it"
        );
        let mut pause = FIRST_PAUSE;
        loop {
            match timeout(TRY_LIMIT, self.sink.quarantine(chunk, error)).await {
                Ok(Ok(is_kept)) => return is_kept,
                Ok(Err(error)) => self.wait(&mut pause, &error.to_string()).await,
                Err(_) => self.wait(&mut pause, "no answer").await,
            }
        }
    }

    /// A growing pause with jitter, so that several collectors don't come back in step.
    async fn wait(&self, pause: &mut Duration, error: &str) {
        self.counters.retries.inc();
        tracing::warn!(error, pause_ms = pause.as_millis() as u64, "Postgres did not take a batch, trying again");
        sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
        *pause = (*pause * 2).min(LONGEST_PAUSE);
    }
}
