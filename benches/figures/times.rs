use std::time::Duration;

/// Times that were measured. All of them are kept: ratios of 10 % are to be seen.
#[derive(Default, Clone)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time below which this share of them lies, ms.
    pub fn ms(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }

    pub fn line(&self) -> String {
        format!("p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms ({} frames)", self.ms(0.5), self.ms(0.99), self.ms(1.0), self.count())
    }
}
