use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::{Counters, Limits, Outcome, Queued, Settled};
use crate::store::{ChunkKey, Inserted, NewChunk, Store, StoreError, Verdict};

/// Longest that one try may take: a Postgres that hangs counts as one that is down. The store has the same limit for each of its statements
/// and this one for all that a try does, a missing partition and a connection that is made anew among it.
const TRY_LIMIT: Duration = Duration::from_secs(15);
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

/// What became of a name in a batch.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is stored now.
    New,
    /// It stood there before, with this digest where one is known.
    Standing(Option<i64>),
    /// Postgres will never take it.
    Quarantined,
    /// Its page view was erased.
    Forgotten,
}

/// Takes frames out of the queue, writes them in batches, and tells their senders. A frame leaves memory only when Postgres has committed it
/// or has it in quarantine.
pub struct Writer<S> {
    sink: S,
    waiting: mpsc::UnboundedReceiver<Queued>,
    /// When the writing of the newest batch began.
    began: Instant,
    limits: Limits,
    counters: Counters,
}

impl<S: Sink> Writer<S> {
    /// A writer at the end of a queue.
    pub fn new(sink: S, waiting: mpsc::UnboundedReceiver<Queued>, limits: Limits, counters: Counters) -> Self {
        Self { sink, waiting, began: Instant::now(), limits, counters }
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
    ///
    /// The time runs from the begin of the batch before: a frame that comes while nothing else does is written at once, and under load
    /// batches are as large as if each had waited.
    pub async fn step(&mut self, first: Queued) {
        let until = self.began + self.limits.batch_time;
        let mut batch = Batch::default();
        batch.push(first);
        while !batch.is_full(&self.limits) {
            match timeout_at(until, self.waiting.recv()).await {
                Ok(Some(queued)) => batch.push(queued),
                Ok(None) | Err(_) => break,
            }
        }
        self.began = Instant::now();
        self.settle(batch).await;
    }

    async fn settle(&self, mut batch: Batch) {
        let begin = Instant::now();
        self.counters.batch_chunks.observe(batch.len() as f64);
        let fates = self.write(&batch.chunks()).await;
        self.counters.commit_seconds.observe(begin.elapsed().as_secs_f64());
        for (key, fate) in fates {
            let mut same = batch.take(key).into_iter();
            let Some(first) = same.next() else { continue };
            // What all who sent a frame of this name are compared with. Of outlines the first counts and no other one is wrong.
            let digest = match fate {
                Fate::Standing(digest) => digest,
                _ if same.len() > 0 && !first.chunk.frame.is_outline() => Some(first.chunk.digest()),
                _ => None,
            };
            for (queued, is_first) in std::iter::once(first).zip([true]).chain(same.zip(std::iter::repeat(false))) {
                let outcome = match fate {
                    Fate::Forgotten => Outcome::Forgotten,
                    _ if digest.is_some_and(|digest| digest != queued.chunk.digest()) => Outcome::Conflict,
                    Fate::New if is_first => Outcome::Committed,
                    Fate::New | Fate::Standing(_) => Outcome::Duplicate,
                    Fate::Quarantined => Outcome::Quarantined,
                };
                self.tell(queued, outcome);
            }
        }
    }

    fn tell(&self, queued: Queued, outcome: Outcome) {
        let site = queued.chunk.page_view.site_id;
        match outcome {
            Outcome::Committed => self.counters.store(site, true, queued.chunk.frame.events.len()),
            Outcome::Duplicate => self.counters.store(site, false, 0),
            Outcome::Conflict => self.counters.reject(site, "conflict"),
            Outcome::Quarantined => self.counters.reject(site, "quarantine"),
            Outcome::Forgotten => self.counters.reject(site, "forgotten"),
        }
        // A connection that is gone needs no answer; its frames are stored all the same.
        queued.reply.send(Settled { key: queued.chunk.key(), outcome, bytes: queued.room.bytes(), since: queued.since });
    }

    /// Writes all of a batch, in one statement unless Postgres refuses a row.
    ///
    /// The first row that it refuses is then looked for by halving: the good halves before it are committed on the way, and of a half that is
    /// good the other one is known to be bad without a try. A thousand rows take ten tries, one for the row alone and one for all behind it.
    async fn write(&self, chunks: &[&NewChunk]) -> Vec<(ChunkKey, Fate)> {
        let mut fates = Vec::with_capacity(chunks.len());
        let mut rest = chunks;
        while !rest.is_empty() {
            let Err(error) = self.insert(rest, &mut fates).await else { break };
            // All before `from` are settled, and one of those before `to` is to blame.
            let (mut from, mut to) = (0, rest.len());
            // What Postgres said of the row that stands at `from`, where it was tried alone.
            let mut alone = (to == 1).then_some(error);
            while to - from > 1 {
                let middle = from.midpoint(to);
                match self.insert(&rest[from..middle], &mut fates).await {
                    Ok(()) => from = middle,
                    Err(error) => {
                        to = middle;
                        alone = (to - from == 1).then_some(error);
                    }
                }
            }
            let suspect = &rest[from..to];
            if alone.is_none() {
                // Nothing goes into quarantine for what its neighbours were refused for.
                alone = self.insert(suspect, &mut fates).await.err();
            }
            if let (Some(error), [chunk]) = (alone, suspect) {
                let is_kept = self.quarantine(chunk, &error).await;
                fates.push((chunk.key(), if is_kept { Fate::Quarantined } else { Fate::Forgotten }));
            }
            rest = &rest[to..];
        }
        fates
    }

    /// Tries until Postgres takes the part, or says that it never will.
    async fn insert(&self, part: &[&NewChunk], fates: &mut Vec<(ChunkKey, Fate)>) -> Result<(), StoreError> {
        let inserted = self.try_insert(part).await?;
        fates.extend(part.iter().map(|chunk| {
            let key = chunk.key();
            let fate = match () {
                () if inserted.new.contains(&key) => Fate::New,
                () if inserted.forgotten.contains(&key.0) => Fate::Forgotten,
                () => Fate::Standing(inserted.standing.get(&key).copied().flatten()),
            };
            (key, fate)
        }));
        Ok(())
    }

    async fn try_insert(&self, part: &[&NewChunk]) -> Result<Inserted, StoreError> {
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
