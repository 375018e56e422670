use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often something may happen: so many times a second, and so many at once after a pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    interval: Duration,
    burst: Duration,
}

impl Rate {
    /// `count` times each `period`, and `burst` times at once.
    pub(super) fn new(count: u32, period: Duration, burst: u32) -> Self {
        let interval = period / count.max(1);
        Self { interval, burst: interval * burst.max(1) }
    }
}

/// A token bucket as one point in time: when it will be full again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    full_at: Instant,
}

impl Pace {
    /// A full bucket.
    pub(super) fn new(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// When the next token is there: now or earlier if one is left.
    pub(super) fn ready_at(&self, rate: Rate) -> Instant {
        (self.full_at + rate.interval).checked_sub(rate.burst).unwrap_or(self.full_at)
    }

    /// Takes a token, even one that isn't there yet: the caller then waits until `ready_at`.
    pub(super) fn spend(&mut self, rate: Rate, now: Instant) {
        self.full_at = self.full_at.max(now) + rate.interval;
    }
}

/// A bucket for each key. Keys whose bucket is full again take no memory for long.
pub(super) struct Paces<K> {
    rate: Rate,
    paces: Mutex<HashMap<K, Pace>>,
}

/// From so many keys on, full buckets are thrown away.
const TIDY_FROM: usize = 4_096;

impl<K: Hash + Eq> Paces<K> {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, paces: Mutex::default() }
    }

    /// Takes a token of this key; `false` where none is left.
    pub(super) fn spend(&self, key: K, now: Instant) -> bool {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= TIDY_FROM && paces.len() == paces.capacity() {
            paces.retain(|_, pace| pace.full_at > now);
        }
        let pace = paces.entry(key).or_insert_with(|| Pace::new(now));
        let is_left = pace.ready_at(self.rate) <= now;
        if is_left {
            pace.spend(self.rate, now);
        }
        is_left
    }
}

/// How many frames a site may send each minute. A minute begins with the first frame after the one before it.
pub(super) struct Quotas {
    per_minute: u32,
    used: Mutex<HashMap<i32, (Instant, u32)>>,
}

impl Quotas {
    /// 0: no limit.
    pub(super) fn new(per_minute: u32) -> Self {
        Self { per_minute, used: Mutex::default() }
    }

    /// Counts a frame of this site; `false` where its minute is used up.
    pub(super) fn spend(&self, site_id: i32, now: Instant) -> bool {
        if self.per_minute == 0 {
            return true;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (begin, count) = used.entry(site_id).or_insert((now, 0));
        if now.duration_since(*begin) >= Duration::from_secs(60) {
            (*begin, *count) = (now, 0);
        }
        let is_left = *count < self.per_minute;
        *count += u32::from(is_left);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn spent(paces: &Paces<u8>, now: Instant) -> usize {
        (0..10_000).filter(|_| paces.spend(1, now)).count()
    }

    #[test]
    fn capacity_and_refill_are_what_the_units_say() {
        let begin = Instant::now();
        let paces = Paces::new(Rate::new(20, SECOND, 200));
        assert_eq!(spent(&paces, begin), 200, "capacity");
        assert_eq!(spent(&paces, begin), 0);
        assert_eq!(spent(&paces, begin + SECOND), 20, "refill in a second");
        assert_eq!(spent(&paces, begin + 4 * SECOND), 60, "in three seconds more");
        assert_eq!(spent(&paces, begin + 3_600 * SECOND), 200, "never more than the capacity");
        assert!(paces.spend(2, begin + 3_600 * SECOND), "another key has its own");
    }

    #[test]
    fn a_minutes_quota_is_the_number_it_says() {
        let begin = Instant::now();
        let quotas = Quotas::new(10_000);
        let spent = |seconds: u32| (0..30_000).filter(|_| quotas.spend(1, begin + seconds * SECOND)).count();
        assert_eq!([spent(0), spent(30), spent(59), spent(60), spent(61)], [10_000, 0, 0, 10_000, 0]);
        assert!(quotas.spend(2, begin), "another site has its own");
        assert!((0..100_000).all(|_| Quotas::new(0).spend(1, begin)), "0 is no limit");
    }

    #[test]
    fn many_keys_leave_no_memory_behind() {
        let mut now = Instant::now();
        let paces = Paces::new(Rate::new(20, SECOND, 200));
        for key in 0..1_000_000u32 {
            paces.spend(key, now);
            now += Duration::from_millis(1);
        }
        let kept = paces.paces.lock().unwrap().capacity();
        assert!(kept < 20_000, "{kept}");
    }
}
