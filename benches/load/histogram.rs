use std::time::Duration;

/// Times in buckets of 5 %, from 10 µs to hours.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    longest: Duration,
}

const FIRST_S: f64 = 1e-5;
const STEP: f64 = 1.05;

impl Histogram {
    /// Counts one time.
    pub fn add(&mut self, time: Duration) {
        let bucket = (time.as_secs_f64() / FIRST_S).max(1.0).log(STEP) as usize;
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.longest = self.longest.max(time);
    }

    /// Takes in what another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.counts.resize(self.counts.len().max(other.counts.len()), 0);
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
    }

    /// The time below which this share of them lies, ms; 0 without any.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen > 0 && seen as f64 >= share * self.total as f64 {
                return (FIRST_S * STEP.powi(bucket as i32 + 1) * 1e3).min(self.max_ms());
            }
        }
        0.0
    }

    /// The longest, ms.
    pub fn max_ms(&self) -> f64 {
        self.longest.as_secs_f64() * 1e3
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.total
    }
}
