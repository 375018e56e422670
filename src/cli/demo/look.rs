use rand::RngExt;

use super::chance::around;
use super::geometry::{Description, Rect};
use super::window::Window;
use crate::event::{ElementFlags, Kind};

/// Readers take in some 240 words a minute, which is about 24 characters a second.
const READ_MS_A_CHARACTER: f64 = 42.0;

/// A notch of the wheel over a list is kept as so many offsets, and so far from each other, ms.
const INNER_STEPS: u32 = 3;
const INNER_STEP_MS: f64 = 45.0;

/// What people do without pressing anything.
impl Window<'_> {
    /// Reads a text, often with the mouse along its lines.
    pub fn read(&mut self) {
        let Some(index) = self.one_in_view(|element| element.line > 0 && element.text > 24 && !element.tag.starts_with("summ")) else {
            return;
        };
        let Some(rect) = self.rect(index) else { return };
        let element = &self.layout.page.elements[index];
        let (line_px, characters) = (f64::from(element.line), f64::from(element.text.min(300)));
        let lines = (rect.h / line_px).round().max(1.0);
        let line_ms = READ_MS_A_CHARACTER * self.person.pace * characters / lines;
        if self.person.hand.is_touch() {
            self.now_ms += line_ms * lines;
        } else if self.person.reads_with_pointer {
            let text_w = rect.w.min(characters / lines * 8.5);
            for line in 0..lines as u32 {
                let y = (rect.y + line_px * (f64::from(line) + 0.6)).min(self.viewport.1 - 2.0);
                self.point((rect.x + 0.05 * text_w, y), 60.0);
                let drift_px = self.rng.random_range(-4.0..4.0);
                self.trace((rect.x + 0.92 * text_w, y + drift_px), line_ms);
            }
        } else {
            // The mouse is put beside the text, out of the way.
            let aside = (rect.x + rect.w * self.rng.random_range(0.7..1.0), rect.y + rect.h * self.rng.random_range(0.3..1.0));
            self.point((aside.0, aside.1.min(self.viewport.1 - 2.0)), 80.0);
            self.now_ms += line_ms * lines;
        }
    }

    /// Looks at a picture, a heading, a price, a button.
    pub fn look(&mut self) {
        let is_worth = |element: &Description| {
            element.flags & (ElementFlags::IMAGE | ElementFlags::INTERACTIVE) != 0
                || matches!(element.tag.as_str(), "h1" | "h2" | "h3" | "dd")
        };
        let Some(index) = self.one_in_view(is_worth) else { return };
        let Some(rect) = self.rect(index) else { return };
        if !self.person.hand.is_touch() {
            let target = self.aim(rect);
            self.point(target, rect.w.min(rect.h));
        }
        self.pause(900.0);
    }

    /// Scrolls on, or back up at the end of the page.
    pub fn go_on(&mut self, direction: f64) {
        let at_end = self.scroll_px >= self.scroll_range() - 1.0;
        let reach_px = around(self.rng, 0.55 * self.viewport.1, 0.4);
        let sign = if at_end { -1.0 } else { direction };
        self.scroll_by(sign * reach_px);
        self.pause(700.0);
    }

    /// Scrolls the list that scrolls by itself, with the wheel over it.
    pub fn rummage(&mut self) {
        let Some(list) = self.layout.scroller().filter(|list| self.is_in_view(*list)) else { return };
        let (Some(rect), false) = (self.rect(list), self.person.hand.is_touch()) else { return };
        let target = self.aim(rect);
        self.point((target.0, target.1.min(self.viewport.1 - 2.0)), rect.h);
        for _ in 0..self.rng.random_range(1..4) {
            let from_px = self.layout.inner_px();
            let by_px = if from_px > 300.0 { -180.0 } else { 120.0 };
            for step in 1..=INNER_STEPS {
                self.now_ms += INNER_STEP_MS;
                self.layout.scroll_inner(from_px + by_px * f64::from(step) / f64::from(INNER_STEPS));
                let (at_ms, state) = (self.at_ms(), self.state());
                self.tape.scroll_inner(at_ms, self.layout.inner_px(), state);
            }
            self.pause(900.0);
        }
    }

    /// Moves about without an aim, as hands do.
    pub fn wander(&mut self) {
        if self.person.hand.is_touch() {
            self.pause(800.0);
            return;
        }
        let area = Rect { x: 0.1 * self.viewport.0, y: 0.15 * self.viewport.1, w: 0.8 * self.viewport.0, h: 0.75 * self.viewport.1 };
        for _ in 0..self.rng.random_range(1..4) {
            let to = (area.x + area.w * self.rng.random::<f64>(), area.y + area.h * self.rng.random::<f64>());
            self.point(to, 120.0);
            self.pause(250.0);
        }
    }

    /// Looks at another tab for a while.
    pub fn go_away(&mut self) {
        if !self.person.hand.is_touch() {
            self.leave();
            self.pause(350.0);
        }
        self.tape.mark(self.now_ms.round() as u32, Kind::Hidden, self.scroll_px);
        self.now_ms += around(self.rng, 9_000.0, 0.8);
        self.tape.mark(self.now_ms.round() as u32, Kind::Visible, self.scroll_px);
        self.pause(500.0);
    }

    /// The window's height changes: a phone's address bar goes or comes, a desktop's window is pulled.
    pub fn resize(&mut self) {
        let least_px = self.person.viewport.1 - 60.0;
        self.viewport.1 = if self.viewport.1 > least_px { least_px } else { self.person.viewport.1 };
        self.client.1 = self.client.1.min(self.viewport.1 - 1.0);
        self.tape.size(self.now_ms.round() as u32, Kind::Resize, self.viewport, self.scroll_px);
        self.pause(500.0);
    }
}
