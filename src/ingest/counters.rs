use std::ops::Deref;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What was received and what became of it. At any time, for each site,
/// `received = committed + duplicate + rejected (all reasons) + in flight`.
#[derive(Clone, Debug)]
pub struct Counters {
    families: Arc<Families>,
}

/// The same, once: clones are one pointer each.
#[derive(Debug)]
pub struct Families {
    /// Frames that clients sent.
    pub received: Family<Site, Counter>,
    /// Frames that Postgres committed.
    pub committed: Family<Site, Counter>,
    /// Frames that were there already.
    pub duplicate: Family<Site, Counter>,
    /// Frames that were not taken, by reason.
    pub rejected: Family<Reject, Counter>,
    /// Frames between arrival and outcome.
    pub in_flight: Family<Site, Gauge>,
    /// The same, of all sites together.
    unsettled: Gauge,
    /// Events in committed frames.
    pub events: Family<Site, Counter>,
    /// Page views that clients opened, or opened again.
    pub page_views: Family<Site, Counter>,
    /// Time from reading a frame to handing its ack to the socket, seconds.
    pub ack_seconds: Histogram,
    /// Time from a batch's first try to its commit, seconds.
    pub commit_seconds: Histogram,
    /// Chunks in a batch.
    pub batch_chunks: Histogram,
    /// Tries of a batch that failed and were tried again.
    pub retries: Counter,
    /// Tries to write a batch or a part of one.
    pub statements: Counter,
    /// Open WebSocket connections.
    pub connections: Gauge,
    /// Connections and requests that were refused, by reason.
    pub refused: Family<Refusal, Counter>,
    /// WebSockets that the collector closed, by code.
    pub closes: Family<Code, Counter>,
    /// Answered POSTs, by status.
    pub posts: Family<Status, Counter>,
}

/// Label of what is counted for each site.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Site {
    /// Its number.
    pub site: i32,
}

/// Label of `rejected`.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Reject {
    /// The site that the frame was sent to.
    pub site: i32,
    /// A word of docs/protocol.md section 3 (`nack`).
    pub reason: &'static str,
}

/// Label of `refused`.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Refusal {
    /// Which limit, or why else.
    pub reason: &'static str,
}

/// Label of `closes`.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Code {
    /// As docs/protocol.md section 8 lists them.
    pub code: u16,
}

/// Label of `posts`.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Status {
    /// Of HTTP.
    pub status: u16,
}

impl Deref for Counters {
    type Target = Families;

    fn deref(&self) -> &Families {
        &self.families
    }
}

impl Counters {
    /// Counters at zero, told to the registry with their help texts.
    pub fn register(registry: &mut Registry) -> Self {
        let families = Families {
            received: Family::default(),
            committed: Family::default(),
            duplicate: Family::default(),
            rejected: Family::default(),
            in_flight: Family::default(),
            unsettled: Gauge::default(),
            events: Family::default(),
            page_views: Family::default(),
            ack_seconds: Histogram::new(exponential_buckets(0.004, 2.0, 14)),
            commit_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            batch_chunks: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            retries: Counter::default(),
            statements: Counter::default(),
            connections: Gauge::default(),
            refused: Family::default(),
            closes: Family::default(),
            posts: Family::default(),
        };
        let c = &families;
        registry.register("mousetrail_frames_received", "Frames that clients sent", c.received.clone());
        registry.register("mousetrail_frames_committed", "Frames that Postgres committed", c.committed.clone());
        registry.register("mousetrail_frames_duplicate", "Frames that were stored already", c.duplicate.clone());
        registry.register("mousetrail_frames_rejected", "Frames that were not taken, by reason", c.rejected.clone());
        registry.register("mousetrail_frames_in_flight", "Frames between arrival and outcome", c.in_flight.clone());
        registry.register("mousetrail_events_committed", "Pointer events in committed frames", c.events.clone());
        registry.register("mousetrail_page_views_opened", "Page views that clients opened, or opened again", c.page_views.clone());
        registry.register("mousetrail_ack_seconds", "Time from reading a frame to sending its ack", c.ack_seconds.clone());
        registry.register("mousetrail_commit_seconds", "Time from a batch's first try to its commit", c.commit_seconds.clone());
        registry.register("mousetrail_batch_chunks", "Chunks in a committed batch", c.batch_chunks.clone());
        registry.register("mousetrail_batch_retries", "Tries of a batch that failed and were tried again", c.retries.clone());
        registry.register("mousetrail_batch_statements", "Tries to write a batch or a part of one", c.statements.clone());
        registry.register("mousetrail_connections", "Open WebSocket connections", c.connections.clone());
        registry.register("mousetrail_connections_refused", "Connections and requests that were refused, by reason", c.refused.clone());
        registry.register("mousetrail_closes", "WebSockets that the collector closed, by code", c.closes.clone());
        registry.register("mousetrail_posts", "Answered POSTs, by status", c.posts.clone());
        Self { families: Arc::new(families) }
    }

    /// A frame arrived.
    pub fn receive(&self, site: i32) {
        self.received.get_or_create(&Site { site }).inc();
        self.in_flight.get_or_create(&Site { site }).inc();
        self.unsettled.inc();
    }

    /// A frame is in Postgres, now or since earlier.
    pub fn store(&self, site: i32, is_new: bool, events: usize) {
        self.in_flight.get_or_create(&Site { site }).dec();
        self.unsettled.dec();
        if is_new {
            self.committed.get_or_create(&Site { site }).inc();
            self.events.get_or_create(&Site { site }).inc_by(events as u64);
        } else {
            self.duplicate.get_or_create(&Site { site }).inc();
        }
    }

    /// A frame was not taken.
    pub fn reject(&self, site: i32, reason: &'static str) {
        self.in_flight.get_or_create(&Site { site }).dec();
        self.unsettled.dec();
        self.rejected.get_or_create(&Reject { site, reason }).inc();
    }

    /// Frames between arrival and outcome, of all sites.
    pub fn in_flight(&self) -> i64 {
        self.unsettled.get()
    }

    /// A connection or request was refused.
    pub fn refuse(&self, reason: &'static str) {
        self.refused.get_or_create(&Refusal { reason }).inc();
    }
}
