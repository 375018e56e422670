use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What was received and what became of it. At any time
/// `received = committed + duplicate + rejected (all reasons) + in flight`.
#[derive(Clone, Debug)]
pub struct Counters {
    /// Frames that clients sent.
    pub received: Counter,
    /// Frames that Postgres committed.
    pub committed: Counter,
    /// Frames that were there already.
    pub duplicate: Counter,
    /// Frames that were not taken, by reason.
    pub rejected: Family<Reject, Counter>,
    /// Frames between arrival and outcome.
    pub in_flight: Gauge,
    /// Events in committed frames.
    pub events: Counter,
    /// Time from a batch's first try to its commit, seconds.
    pub commit_seconds: Histogram,
    /// Chunks in a batch.
    pub batch_chunks: Histogram,
    /// Tries of a batch that failed and were tried again.
    pub retries: Counter,
    /// Open WebSocket connections.
    pub connections: Gauge,
}

/// Label of `rejected`.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Reject {
    /// A word of docs/protocol.md section 3 (`nack`).
    pub reason: &'static str,
}

impl Counters {
    /// Counters at zero, told to the registry with their help texts.
    pub fn register(registry: &mut Registry) -> Self {
        let counters = Self {
            received: Counter::default(),
            committed: Counter::default(),
            duplicate: Counter::default(),
            rejected: Family::default(),
            in_flight: Gauge::default(),
            events: Counter::default(),
            commit_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            batch_chunks: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            retries: Counter::default(),
            connections: Gauge::default(),
        };
        let c = &counters;
        registry.register("mousetrail_frames_received", "Frames that clients sent", c.received.clone());
        registry.register("mousetrail_frames_committed", "Frames that Postgres committed", c.committed.clone());
        registry.register("mousetrail_frames_duplicate", "Frames that were stored already", c.duplicate.clone());
        registry.register("mousetrail_frames_rejected", "Frames that were not taken, by reason", c.rejected.clone());
        registry.register("mousetrail_frames_in_flight", "Frames between arrival and outcome", c.in_flight.clone());
        registry.register("mousetrail_events_committed", "Pointer events in committed frames", c.events.clone());
        registry.register("mousetrail_commit_seconds", "Time from a batch's first try to its commit", c.commit_seconds.clone());
        registry.register("mousetrail_batch_chunks", "Chunks in a committed batch", c.batch_chunks.clone());
        registry.register("mousetrail_batch_retries", "Tries of a batch that failed and were tried again", c.retries.clone());
        registry.register("mousetrail_connections", "Open WebSocket connections", c.connections.clone());
        counters
    }

    /// A frame arrived.
    pub fn receive(&self) {
        self.received.inc();
        self.in_flight.inc();
    }

    /// A frame is in Postgres, now or since earlier.
    pub fn store(&self, is_new: bool, events: usize) {
        self.in_flight.dec();
        if is_new {
            self.committed.inc();
            self.events.inc_by(events as u64);
        } else {
            self.duplicate.inc();
        }
    }

    /// A frame was not taken.
    pub fn reject(&self, reason: &'static str) {
        self.in_flight.dec();
        self.rejected.get_or_create(&Reject { reason }).inc();
    }
}
