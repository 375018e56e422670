mod batch;
mod counters;
mod queue;
mod reply;
#[cfg(test)]
mod tests;
mod turns;
mod writer;

pub use batch::Limits;
pub use counters::{Code, Counters, Families, Refusal, Reject, Site, Status};
pub use queue::{Full, Pressure, Queue, Room};
pub use reply::{Replies, Reply, replies};
pub use turns::Turn;
pub use writer::{Sink, Writer};

use std::hash::Hash;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use ipnet::IpNet;
use tokio::time::Instant;

use turns::Turns;

use crate::event::{NewPageView, Nonce, PageViewId, Suspect};
use crate::store::Store;
/// What the collector hands through: it knows the store by these types alone.
pub use crate::store::{ChunkKey, Found, IngestSite, Inserted, Kept, NewChunk, NewPart, OpenPageView, StoreError, Verdict, digest};

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in Postgres now.
    Committed,
    /// It was there before.
    Duplicate,
    /// Other bytes stand there under its name; they stay.
    Conflict,
    /// Postgres will never take it; it is in quarantine.
    Quarantined,
    /// Its page view was erased.
    Forgotten,
}

/// Tells the sender of a frame what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which frame.
    pub key: ChunkKey,
    /// What became of it.
    pub outcome: Outcome,
    /// Bytes that it took of its connection's share.
    pub bytes: usize,
    /// When it was read.
    pub since: Instant,
}

/// The way from a socket to the store, for the collector.
#[derive(Clone)]
pub struct Ingest {
    /// Frames wait here for the writer.
    pub queue: Queue,
    /// What was received and what became of it.
    pub counters: Counters,
    store: Store,
    turns: Arc<Turns>,
}

impl Ingest {
    /// The collector's side, and the writer that has to run for anything to be stored.
    pub fn new(store: Store, limits: Limits, counters: Counters) -> (Self, Writer<Store>) {
        let (queue, waiting) = Queue::new(limits.queue_bytes);
        let writer = Writer::new(store.clone(), waiting, limits, counters.clone());
        let turns = Arc::new(Turns::new(store.ingest.options().get_max_connections()));
        (Self { queue, counters, store, turns }, writer)
    }

    /// Waits for the turn of a client that comes `from` there to look into Postgres. All that follows here is done in one.
    pub async fn turn(&self, from: impl Hash) -> Turn<'_> {
        self.turns.take(from).await
    }

    /// The site of a public key.
    pub async fn find_site(&self, public_key: &str) -> Result<Option<IngestSite>, StoreError> {
        self.store.find_ingest_site(public_key).await
    }

    /// The networks whose visits a site doesn't want.
    pub async fn find_ignored_networks(&self, site_id: i32) -> Result<Vec<IpNet>, StoreError> {
        self.store.find_ignored_networks(site_id).await
    }

    /// Creates a page view or finds it again; committed when this returns.
    pub async fn open_page_view(&self, new: &NewPageView, seed: u64) -> Result<Found, StoreError> {
        self.store.open_page_view(new, seed).await
    }

    /// Finds a page view by its id.
    pub async fn find_page_view(&self, id: PageViewId) -> Result<Found, StoreError> {
        self.store.find_page_view(id).await
    }

    /// Erases a page view for good; committed when this returns.
    pub async fn forget_page_view(&self, id: PageViewId) -> Result<(), StoreError> {
        self.store.forget_page_view(id).await
    }

    /// The same for one that is known by its nonce alone, should it be there or still come.
    pub async fn forget_new_page_view(&self, nonce: Nonce, began_at: DateTime<Utc>, seed: u64) -> Result<(), StoreError> {
        self.store.forget_new_page_view(nonce, began_at, seed).await
    }

    /// The site of a public key, for a recording.
    pub async fn find_upload_site(&self, public_key: &str) -> Result<Option<IngestSite>, StoreError> {
        self.store.find_upload_site(public_key).await
    }

    /// Stores a part of a recording, past the queue: committed when this returns.
    pub async fn store_part(&self, new: &NewPart) -> Result<Kept, StoreError> {
        self.store.store_part(new).await
    }

    /// Marks page views that turned out to be suspect after they began.
    pub async fn mark_suspect(&self, ids: &[PageViewId], suspect: Suspect) -> Result<(), StoreError> {
        self.store.mark_suspect(ids, suspect).await
    }

    /// The salt of a day's visitor hashes.
    pub async fn visitor_salt(&self, day: NaiveDate) -> Result<[u8; 32], StoreError> {
        self.store.visitor_salt(day).await
    }
}

/// A frame in the queue.
#[derive(Debug)]
pub struct Queued {
    /// What to store.
    pub chunk: NewChunk,
    /// Who wants to know.
    pub reply: Reply,
    /// Its place in the queue, given back when it is settled.
    pub room: Room,
    /// When it was read.
    pub since: Instant,
}
