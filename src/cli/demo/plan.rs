use rand::RngExt;

use super::chance::{around, pick};
use super::geometry::{Description, Rect};
use super::window::Window;
use crate::event::{ElementFlags, Kind};

/// Readers take in some 240 words a minute, which is about 24 characters a second.
const READ_MS_A_CHARACTER: f64 = 42.0;

/// What somebody may turn to next.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Interest {
    Read,
    Look,
    Add,
    GoOn,
    GoBack,
    Browse,
    Jump,
    Ask,
    Fill,
    Step,
    Wander,
    Search,
    Away,
    Rage,
    Resize,
}

/// How often each, of what is possible at the moment.
const INTERESTS: [(f64, Interest); 15] = [
    (26.0, Interest::Read),
    (22.0, Interest::Look),
    (4.0, Interest::Add),
    (24.0, Interest::GoOn),
    (4.0, Interest::GoBack),
    (2.5, Interest::Browse),
    (1.5, Interest::Jump),
    (1.5, Interest::Ask),
    (2.0, Interest::Fill),
    (1.5, Interest::Step),
    (5.0, Interest::Wander),
    (1.0, Interest::Search),
    (0.8, Interest::Away),
    (0.7, Interest::Rage),
    (0.3, Interest::Resize),
];

impl Window<'_> {
    /// Spends about `budget_ms` on the page as interest goes.
    pub fn browse(&mut self, budget_ms: f64) {
        while self.now_ms < budget_ms {
            let interest = pick(self.rng, INTERESTS).expect("weights are positive");
            let before_ms = self.now_ms;
            match interest {
                Interest::Read => self.read(),
                Interest::Look => self.look(),
                Interest::Add => self.press_one(|element| element.id.starts_with("add-")),
                Interest::GoOn => self.go_on(1.0),
                Interest::GoBack => self.go_on(-1.0),
                Interest::Browse => self.browse_inner(),
                Interest::Jump => self.jump(),
                Interest::Ask => self.ask(),
                Interest::Fill => self.fill(),
                Interest::Step => self.press_one(|element| element.text <= 1 && element.tag == "button"),
                Interest::Wander => self.wander(),
                Interest::Search => self.search(),
                Interest::Away => self.go_away(),
                Interest::Rage => self.lose_patience(),
                Interest::Resize => self.resize(),
            }
            // An interest that found nothing here costs a glance.
            self.pause(if self.now_ms > before_ms { 380.0 } else { 120.0 });
        }
    }

    /// Follows a link to the page at `path`. False where none can be reached.
    pub fn follow_link(&mut self, path: &str) -> bool {
        let links = self.layout.find(|element| element.href.split('#').next() == Some(path));
        // What is in view wins, but nobody forgets a "Check out" further down.
        let weighted: Vec<_> = links.into_iter().map(|index| (if self.is_in_view(index) { 6.0 } else { 1.0 }, index)).collect();
        (0..4).any(|_| pick(self.rng, weighted.iter().copied()).is_some_and(|index| self.press(index)))
    }

    /// Closes the tab.
    pub fn quit(&mut self) {
        if !self.person.hand.is_touch() {
            self.leave();
        }
        self.pause(600.0);
    }

    fn one_in_view(&mut self, wanted: impl Fn(&Description) -> bool) -> Option<usize> {
        let found: Vec<_> = self.layout.find(wanted).into_iter().filter(|index| self.is_in_view(*index)).collect();
        pick(self.rng, found.into_iter().map(|index| (1.0, index)))
    }

    fn press_one(&mut self, wanted: impl Fn(&Description) -> bool) {
        if let Some(index) = self.one_in_view(wanted) {
            self.press(index);
            self.pause(500.0);
        }
    }

    /// Reads a text, often with the mouse along its lines.
    fn read(&mut self) {
        let Some(index) = self.one_in_view(|element| element.line > 0 && element.text > 24 && !element.tag.starts_with("summ")) else { return };
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
    fn look(&mut self) {
        let is_worth = |element: &Description| {
            element.flags & (ElementFlags::IMAGE | ElementFlags::INTERACTIVE) != 0 || matches!(element.tag.as_str(), "h1" | "h2" | "h3" | "dd")
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
    fn go_on(&mut self, direction: f64) {
        let at_end = self.offsets.page >= self.scroll_range() - 1.0;
        let reach_px = around(self.rng, 0.55 * self.viewport.1, 0.4);
        let sign = if at_end { -1.0 } else { direction };
        self.scroll_by(sign * reach_px);
        self.pause(700.0);
    }

    /// Scrolls through the list that scrolls by itself.
    fn browse_inner(&mut self) {
        let Some((index, range)) = self.layout.scroller else { return };
        if !self.bring(index) {
            return;
        }
        let Some(rect) = self.rect(index) else { return };
        if !self.person.hand.is_touch() {
            let target = self.aim(rect);
            self.point(target, rect.h);
        }
        for _ in 0..self.rng.random_range(1..4) {
            let sign = if self.offsets.inner >= range { -1.0 } else { 1.0 };
            let reach_px = around(self.rng, 140.0, 0.3);
            self.glide_inner(sign * reach_px);
            self.pause(1_100.0);
        }
    }

    /// Takes a link to another place of the same page.
    fn jump(&mut self) {
        let path = self.layout.page.path.clone();
        let is_here = |element: &Description| element.href.split_once('#').is_some_and(|(page, _)| page.is_empty() || page == path);
        let Some(link) = self.one_in_view(is_here) else { return };
        let id = self.layout.page.elements[link].href.split_once('#').map_or(String::new(), |(_, id)| id.to_owned());
        if !self.press(link) {
            return;
        }
        if let Some(rect) = self.layout.find(|element| element.id == id).first().and_then(|index| self.layout.rect(*index, self.offsets)) {
            self.now_ms += 24.0;
            // The shop's scroll-padding.
            self.scroll_to(rect.y - self.layout.header_h() - 16.0);
            self.tape.see(self.offsets, self.viewport);
        }
        self.pause(900.0);
    }

    /// Opens an answer, reads it, closes it again.
    fn ask(&mut self) {
        let Some(index) = self.one_in_view(|element| element.tag == "summary") else { return };
        // An answer of two lines; measured boxes hold again once it is closed, so nothing below is looked at in between.
        let open = (self.layout.document.0, self.layout.document.1 + 64.0);
        for size in [open, self.layout.document] {
            if self.press(index) {
                self.now_ms += 12.0;
                self.tape.size(self.now_ms.round() as u32, Kind::Document, size, self.offsets);
            }
            self.pause(2_600.0);
        }
    }

    /// Fills a form that is in view or near, field by field.
    fn fill(&mut self) {
        let fields = self.layout.find(|element| matches!(element.role.as_str(), "text" | "email" | "textarea" | "select-one" | "checkbox"));
        let Some(first) = fields.first().copied() else { return };
        let near_px = 1.2 * self.viewport.1;
        if !self.rect(first).is_some_and(|rect| rect.y > -near_px && rect.y < 2.0 * near_px) {
            return;
        }
        // Many give up half-way.
        let patience = self.rng.random_range(2..=fields.len().max(2));
        for index in fields.iter().copied().take(patience) {
            let role = self.layout.page.elements[index].role.as_str();
            // Steppers are small text fields; whoever fills a form leaves them alone.
            if self.rect(index).is_none_or(|rect| rect.w < 16.0 || (role == "text" && rect.w < 80.0)) {
                continue;
            }
            let keys = match role {
                "text" => self.rng.random_range(4..14),
                "email" => self.rng.random_range(12..24),
                "textarea" => self.rng.random_range(15..70),
                _ => 0,
            };
            if self.press(index) {
                self.pause(350.0);
                self.type_keys(keys);
            }
        }
        if patience == fields.len()
            && let Some(send) = self.layout.find(|element| element.role == "submit").last().copied()
        {
            self.press(send);
        }
    }

    /// Moves about without an aim, as hands do.
    fn wander(&mut self) {
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

    fn search(&mut self) {
        let Some(field) = self.one_in_view(|element| element.id == "search-field") else { return };
        if self.press(field) {
            let keys = self.rng.random_range(3..10);
            self.type_keys(keys);
            self.pause(800.0);
        }
    }

    /// Looks at another tab for a while.
    fn go_away(&mut self) {
        if !self.person.hand.is_touch() {
            self.leave();
            self.pause(350.0);
        }
        self.tape.mark(self.now_ms.round() as u32, Kind::Hidden, self.offsets);
        self.now_ms += around(self.rng, 9_000.0, 0.8);
        self.tape.mark(self.now_ms.round() as u32, Kind::Visible, self.offsets);
        self.pause(500.0);
    }

    /// Clicks again and again on something that doesn't answer.
    fn lose_patience(&mut self) {
        let is_dull = |element: &Description| {
            matches!(element.id.as_str(), "voucher-use" | "place-order" | "letter-send" | "gallery-main" | "stock") || element.id.starts_with("add-")
        };
        let Some(index) = self.one_in_view(is_dull) else { return };
        let Some(rect) = self.rect(index) else { return };
        let target = self.aim(rect);
        if self.person.hand.is_touch() {
            self.rage_tap(target);
        } else {
            self.point(target, rect.w.min(rect.h));
            self.rage();
        }
        self.pause(1_200.0);
    }

    /// The window's height changes: a phone's address bar goes or comes, a desktop's window is pulled.
    fn resize(&mut self) {
        let least_px = self.person.viewport.1 - 60.0;
        self.viewport.1 = if self.viewport.1 > least_px { least_px } else { self.person.viewport.1 };
        self.client.1 = self.client.1.min(self.viewport.1 - 1.0);
        self.tape.size(self.now_ms.round() as u32, Kind::Resize, self.viewport, self.offsets);
        self.pause(500.0);
    }
}
