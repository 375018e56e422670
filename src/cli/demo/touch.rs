use rand::RngExt;

use super::chance::{around, normal};
use super::tape::State;
use super::window::Window;
use crate::event::Kind;

/// A finger moves this far before the browser takes it for scrolling, px.
const SLOP_PX: f64 = 10.0;
/// Touch screens report 60 times a second.
const REPORT_MS: f64 = 1_000.0 / 60.0;

impl Window<'_> {
    /// Taps at a place in the window.
    pub fn tap(&mut self, client: (f64, f64)) {
        let state = self.touch();
        self.tape.exact(self.now_ms.round() as u32, Kind::Down, client, state);
        self.now_ms += around(self.rng, 45.0, 0.3);
        // The finger's pad rolls a little.
        let rolled = (client.0 + 0.4 * normal(self.rng), client.1 + 0.4 * normal(self.rng));
        self.tape.sample(self.now_ms.round() as u32, rolled, state);
        self.now_ms += around(self.rng, 40.0, 0.3);
        let (at_ms, lifted) = (self.at_ms(), State { buttons: 0, pressure: Some(0), ..state });
        self.tape.exact(at_ms, Kind::Up, client, lifted);
        self.tape.exact(at_ms, Kind::Click, client, lifted);
        self.tape.lift();
    }

    /// Taps again and again, because nothing happens.
    pub fn rage_tap(&mut self, client: (f64, f64)) {
        for _ in 0..self.rng.random_range(4..7) {
            let near = (client.0 + 2.0 * normal(self.rng), client.1 + 2.0 * normal(self.rng));
            self.tap(near);
            self.now_ms += around(self.rng, 120.0, 0.25);
        }
    }

    /// Scrolls by `by_px` in flings: the finger drags the page, lets go, and the page runs out.
    pub fn fling(&mut self, by_px: f64) {
        let end_px = self.scroll_px + by_px;
        while (end_px - self.scroll_px).abs() > 24.0 {
            let before = self.scroll_px;
            let reach_px = around(self.rng, 0.6 * self.viewport.1, 0.35).min((end_px - before).abs());
            self.drag(reach_px.copysign(by_px));
            self.pause(260.0);
            if self.scroll_px == before {
                break;
            }
        }
    }

    fn drag(&mut self, by_px: f64) {
        let state = self.touch();
        let x = self.viewport.0 * self.rng.random_range(0.45..0.85);
        let y = self.viewport.1 * if by_px > 0.0 { self.rng.random_range(0.55..0.85) } else { self.rng.random_range(0.25..0.5) };
        self.tape.exact(self.now_ms.round() as u32, Kind::Down, (x, y), state);
        let mut moved = 0.0;
        while moved < SLOP_PX {
            self.now_ms += REPORT_MS;
            moved += self.rng.random_range(3.0..7.0);
            self.tape.sample(self.now_ms.round() as u32, (x + 0.1 * moved, y - moved.copysign(by_px)), state);
        }
        // From here on the browser scrolls and the page hears no more of this finger.
        self.now_ms += REPORT_MS;
        let client = (x + 0.1 * moved, y - moved.copysign(by_px));
        self.tape.exact(self.now_ms.round() as u32, Kind::Cancel, client, State { buttons: 0, pressure: Some(0), ..state });
        self.tape.lift();
        let length_ms = around(self.rng, 850.0, 0.25);
        self.glide(self.scroll_px + by_px, length_ms);
    }

    /// The next finger, which touches the screen.
    fn touch(&mut self) -> State {
        self.touch_id += 1;
        let pressure = (10_000.0 * self.rng.random_range(0.3..0.7)) as u16;
        State { buttons: 1, pressure: Some(pressure), ..self.state() }
    }
}
