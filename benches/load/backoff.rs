use std::time::Duration;

/// Full jitter: a random time between 0 and `min(longest, first * 2^tries)`, as docs/protocol.md section 6 says.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

impl Backoff {
    /// What the protocol asks for: 1 s to 60 s.
    pub const PROTOCOL: Self = Self { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
    /// For tests that must not take minutes.
    pub const QUICK: Self = Self { first: Duration::from_millis(200), longest: Duration::from_secs(2) };

    /// The pause before the next try, with `random` from 0 to 1.
    pub fn pause(&self, tries: u32, random: f64) -> Duration {
        self.first.saturating_mul(1u32.checked_shl(tries).unwrap_or(u32::MAX)).min(self.longest).mul_f64(random)
    }
}
