use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells what time it is: what is judged by the time of day asks it, so that a test can be a day, or a year, ahead. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Self::default()
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Sets this clock, and all its clones, ahead of the machine's (behind it where negative). Nothing but tests does so.
    pub fn shift(&self, ahead: TimeDelta) {
        self.ahead_ms.store(ahead.num_milliseconds(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_is_ahead_with_all_its_clones() {
        let clock = Clock::system();
        let clone = clock.clone();
        clock.shift(TimeDelta::days(400));
        assert!(clone.now() - Utc::now() > TimeDelta::days(399));
    }
}
