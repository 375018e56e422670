use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;

use super::histogram::Histogram;

/// What clients count while they run.
#[derive(Clone, Default)]
pub struct Tally {
    inner: Arc<Mutex<Counts>>,
}

/// The counts themselves.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub connections: u64,
    pub sent: u64,
    pub sends: u64,
    pub acked: u64,
    pub acked_events: u64,
    pub nacked: u64,
    pub nacked_retry: u64,
    pub refused_pages: u64,
    pub dropped_events: u64,
    pub held: u64,
    pub most_held_bytes: usize,
    pub connects: u64,
    pub reconnects: u64,
    pub refused: u64,
    pub unreachable: u64,
    pub errors: u64,
    pub timeouts: u64,
    pub stopped: u64,
    pub slow: u8,
    pub drains: u64,
    pub posts: u64,
    pub closes: BTreeMap<u16, u64>,
    pub ack: Histogram,
    pub welcome: Histogram,
    pub shortest_gap: Option<Duration>,
}

impl Tally {
    /// Changes the counts.
    pub fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.inner.lock().unwrap());
    }

    /// The counts at the moment.
    pub fn counts(&self) -> Counts {
        self.inner.lock().unwrap().clone()
    }

    /// Forgets the times so far: what is measured from now on is of now.
    pub fn reset_times(&self) {
        self.count(|counts| counts.ack = Histogram::default());
    }

    /// As a report.
    pub fn report(&self) -> Report {
        let counts = self.counts();
        Report {
            connections: counts.connections,
            sent: counts.sent,
            sends: counts.sends,
            acked: counts.acked,
            acked_events: counts.acked_events,
            nacked: counts.nacked,
            nacked_retry: counts.nacked_retry,
            refused_pages: counts.refused_pages,
            dropped_events: counts.dropped_events,
            held: counts.held,
            most_held_bytes: counts.most_held_bytes,
            connects: counts.connects,
            reconnects: counts.reconnects,
            refused: counts.refused,
            unreachable: counts.unreachable,
            errors: counts.errors,
            timeouts: counts.timeouts,
            stopped: counts.stopped,
            slow: counts.slow,
            drains: counts.drains,
            posts: counts.posts,
            closes: counts.closes,
            ack_p50_ms: round(counts.ack.quantile_ms(0.5)),
            ack_p99_ms: round(counts.ack.quantile_ms(0.99)),
            ack_max_ms: round(counts.ack.max_ms()),
            welcome_p99_ms: round(counts.welcome.quantile_ms(0.99)),
            shortest_gap_ms: counts.shortest_gap.map(|gap| round(gap.as_secs_f64() * 1e3)),
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// What a fleet did, as one JSON line.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Connections that are open and welcomed now.
    pub connections: u64,
    /// Frames sent, each counted once, and with those sent again.
    pub sent: u64,
    pub sends: u64,
    pub acked: u64,
    pub acked_events: u64,
    /// Frames refused for good.
    pub nacked: u64,
    /// Frames to be sent again later.
    pub nacked_retry: u64,
    /// Page views refused as a whole.
    pub refused_pages: u64,
    /// Events that clients dropped because their buffers were full.
    pub dropped_events: u64,
    /// Frames that clients still hold.
    pub held: u64,
    /// The most that one client held.
    pub most_held_bytes: usize,
    pub connects: u64,
    pub reconnects: u64,
    /// Upgrades answered by another status than 101.
    pub refused: u64,
    /// Connections that nobody took.
    pub unreachable: u64,
    /// Connections that broke, without a close, or by a close that says that somebody made a mistake.
    pub errors: u64,
    /// Welcomes and acks that did not come in time.
    pub timeouts: u64,
    /// Clients told to stop for ever.
    pub stopped: u64,
    /// Highest level of `slow`.
    pub slow: u8,
    pub drains: u64,
    pub posts: u64,
    /// Closes by the collector, by code.
    pub closes: BTreeMap<u16, u64>,
    /// From the first sending of a frame to its ack.
    pub ack_p50_ms: f64,
    pub ack_p99_ms: f64,
    pub ack_max_ms: f64,
    /// From connecting to the welcome.
    pub welcome_p99_ms: f64,
    /// Shortest time between two tries of one client to connect.
    pub shortest_gap_ms: Option<f64>,
}

impl Report {
    /// One line of JSON.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("plain structs always serialise")
    }
}
