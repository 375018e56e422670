use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::load::{Fleet, Tally};

/// Feels whether acks come, and remembers the longest time without one.
pub struct Pulse {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Pulse {
    /// Begins now. The clients have to send often enough that a pause means something.
    pub fn of(fleet: &Fleet) -> Self {
        let (stop, tally) = (Arc::new(AtomicBool::new(false)), fleet.tally.clone());
        let is_over = stop.clone();
        Self { stop, thread: thread::spawn(move || feel(&tally, &is_over)) }
    }

    /// The longest pause so far, with one that still lasts. Ends it.
    pub fn longest_pause(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn feel(tally: &Tally, is_over: &AtomicBool) -> Duration {
    let (mut acked, mut since, mut longest) = (tally.counts().acked, Instant::now(), Duration::ZERO);
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(10));
        let now = tally.counts().acked;
        longest = longest.max(since.elapsed());
        if now > acked {
            (acked, since) = (now, Instant::now());
        }
    }
    longest
}
