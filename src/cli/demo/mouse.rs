use rand::RngExt;

use super::chance::{around, normal};
use super::motion::Stroke;
use super::person::Hand;
use super::tape::State;
use super::window::Window;
use crate::event::Kind;

/// What one notch of a wheel scrolls, px, and how long browsers take to show it, ms.
const NOTCH: (f64, f64) = (100.0, 130.0);

impl Window<'_> {
    /// Moves the mouse to a place in the window, which lies in a target `width_px` wide.
    pub fn point(&mut self, to: (f64, f64), width_px: f64) {
        self.arrive();
        let stroke = Stroke::new(self.rng, self.client, to, width_px.max(6.0), self.person.pace);
        self.follow(&stroke);
    }

    /// Moves the mouse along the line that is read.
    pub fn trace(&mut self, to: (f64, f64), length_ms: f64) {
        self.arrive();
        self.follow(&Stroke::slow(self.client, to, length_ms));
    }

    /// Presses and releases the left button where the mouse is.
    pub fn click(&mut self) {
        let pressed = State { buttons: 1, ..self.state() };
        self.tape.exact(self.now_ms.round() as u32, Kind::Down, self.client, pressed);
        self.now_ms += around(self.rng, 85.0, 0.25);
        let (at_ms, released) = (self.at_ms(), self.state());
        self.tape.exact(at_ms, Kind::Up, self.client, released);
        self.tape.exact(at_ms, Kind::Click, self.client, released);
    }

    /// Clicks again and again where the mouse is, because nothing happens.
    pub fn rage(&mut self) {
        for _ in 0..self.rng.random_range(4..8) {
            self.click();
            self.now_ms += around(self.rng, 105.0, 0.25);
        }
    }

    /// Scrolls by `by_px`, with the wheel or with two fingers on a touchpad. Neither ends at an exact place.
    pub fn wheel(&mut self, by_px: f64) {
        self.arrive();
        let Hand::Mouse { has_wheel, .. } = self.person.hand else { return };
        if has_wheel {
            let notches = (by_px.abs() / NOTCH.0).round().max(1.0) as u32;
            for notch in 1..=notches {
                self.glide(self.scroll_px + NOTCH.0.copysign(by_px), NOTCH.1);
                // The finger has to be put back on the wheel after some notches.
                let rest_ms = if notch % 5 == 0 { 320.0 } else { 35.0 };
                self.pause(rest_ms);
            }
        } else {
            let end_px = self.scroll_px + by_px;
            while (end_px - self.scroll_px).abs() > 30.0 {
                let before = self.scroll_px;
                let reach_px = around(self.rng, 420.0, 0.3).min((end_px - before).abs());
                let length_ms = around(self.rng, 650.0, 0.2);
                self.glide(before + reach_px.copysign(by_px), length_ms);
                self.pause(180.0);
                if self.scroll_px == before {
                    break;
                }
            }
        }
    }

    /// Leaves the window through its upper edge, towards tabs and menus.
    pub fn leave(&mut self) {
        let x = (self.client.0 + 120.0 * normal(self.rng)).clamp(20.0, self.viewport.0 - 20.0);
        self.point((x, 0.0), 60.0);
        let (at_ms, state) = (self.at_ms(), self.state());
        self.tape.exact(at_ms, Kind::Leave, self.client, state);
        self.is_over = false;
    }

    /// The mouse comes into the window, if it isn't there.
    pub fn arrive(&mut self) {
        if !self.is_over {
            self.is_over = true;
            let (at_ms, state) = (self.at_ms(), self.state());
            self.tape.exact(at_ms, Kind::Enter, self.client, state);
        }
    }

    fn follow(&mut self, stroke: &Stroke) {
        let Hand::Mouse { hz, .. } = self.person.hand else { return };
        let (begin_ms, length_ms, state) = (self.now_ms, stroke.length_ms(), self.state());
        let mut at_ms = 1_000.0 / hz * self.rng.random::<f64>();
        while at_ms < length_ms {
            let (x, y) = stroke.place(at_ms);
            let (shake_x, shake_y) = self.tremor.at(begin_ms + at_ms);
            let client = self.within((x + shake_x, y + shake_y));
            self.tape.sample((begin_ms + at_ms).round() as u32, client, state);
            at_ms += 1_000.0 / hz * (1.0 + 0.1 * normal(self.rng));
        }
        self.now_ms = begin_ms + length_ms;
        self.client = self.within(stroke.place(length_ms));
        self.tape.sample(self.now_ms.round() as u32, self.client, state);
    }

    fn within(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (x.clamp(0.0, self.viewport.0 - 1.0), y.clamp(0.0, self.viewport.1 - 1.0))
    }
}
