use std::time::Duration;

use mousetrail::event::{Frame, Kind, PointerEvent};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// A hand that moves a mouse over a page: makes frames as the snippet cuts them. The same seed makes the same frames.
pub struct Movement {
    random: SmallRng,
    at: (f64, f64),
    speed: (f64, f64),
    seq: u32,
    t0_ms: u32,
}

impl Movement {
    pub fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let at = (random.random_range(0.0..1_400.0), random.random_range(0.0..2_900.0));
        Self { random, at, speed: (0.0, 0.0), seq: 0, t0_ms: 0 }
    }

    /// The next frame of page view `page`: this many events over this time, and how many the client lost before it.
    pub fn frame(&mut self, page: u16, events: usize, span: Duration, dropped: u32) -> Frame {
        let events = events.clamp(1, 4_000);
        let span_ms = (span.as_millis() as u32).clamp(1, 32_000);
        let step = (span_ms / events as u32).max(1).min(32_000 / events as u32);
        let origin = (self.at.0.round() as i32, self.at.1.round() as i32);
        let mut made = Vec::with_capacity(events);
        for index in 0..events {
            // A pull into a random direction and some friction give strokes and rests.
            self.speed.0 = self.speed.0 * 0.8 + self.random.random_range(-14.0..14.0);
            self.speed.1 = self.speed.1 * 0.8 + self.random.random_range(-12.0..12.0);
            self.at.0 = (self.at.0 + self.speed.0).clamp(0.0, 1_439.0);
            self.at.1 = (self.at.1 + self.speed.1).clamp(0.0, 2_999.0);
            let at_ms = (index as u32 * step) as u16;
            made.push(PointerEvent::new(at_ms, Kind::Move, self.at.0.round() as i32, self.at.1.round() as i32));
        }
        if self.random.random_bool(0.2) {
            made.last_mut().expect("at least one").kind = Kind::Click;
        }
        self.seq += 1;
        let t0_ms = self.t0_ms;
        self.t0_ms = (self.t0_ms + span_ms) % 600_000_000;
        let samples = events as u32 * 5;
        Frame { page, seq: self.seq, t0_ms, origin, samples, dropped, tolerance: 20, elements: Vec::new(), events: made, notes: Vec::new() }
    }

    /// Seq of the newest frame.
    pub fn seq(&self) -> u32 {
        self.seq
    }

    /// Time of a page view that goes by without a frame.
    pub fn skip(&mut self, span: Duration) {
        self.t0_ms = (self.t0_ms + span.as_millis() as u32) % 600_000_000;
    }
}
