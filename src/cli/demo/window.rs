use rand::RngExt;
use rand::rngs::StdRng;

use super::chance::{around, normal};
use super::geometry::{Layout, Rect};
use super::motion::Tremor;
use super::person::Person;
use super::tape::{State, Tape};
use crate::event::{ElementFlags, Frame, Kind, Pointer, PointerType};

/// Screens draw 60 times a second, and pages scroll as often.
const DRAW_MS: f64 = 1_000.0 / 60.0;

/// A page in somebody's browser: what the hand does here moves the time on and lands on the tape.
pub struct Window<'a> {
    pub person: &'a Person,
    pub rng: &'a mut StdRng,
    pub layout: Layout,
    pub tape: Tape,
    /// Since the page view began.
    pub now_ms: f64,
    /// How far the page is scrolled.
    pub scroll_px: f64,
    pub viewport: (f64, f64),
    /// Where the mouse is in the window, px; kept over page views.
    pub client: (f64, f64),
    /// Has the mouse been seen over this page?
    pub is_over: bool,
    pub tremor: Tremor,
    /// The last finger.
    pub touch_id: u16,
}

impl<'a> Window<'a> {
    /// Opens the page at `path` as the visit's page view number `page`.
    pub fn new(person: &'a Person, rng: &'a mut StdRng, page: u16, path: &str, client: (f64, f64)) -> Self {
        let layout = Layout::new(path, person.viewport);
        let mut tape = Tape::new(page, layout.clone());
        tape.see(0.0, person.viewport);
        let now_ms = around(rng, 600.0, 0.4);
        let tremor = Tremor::new(rng, person.tremor_px);
        let viewport = person.viewport;
        Self { person, rng, layout, tape, now_ms, scroll_px: 0.0, viewport, client, is_over: false, tremor, touch_id: 0 }
    }

    /// Now in whole ms, as events have it.
    pub fn at_ms(&self) -> u32 {
        self.now_ms.round() as u32
    }

    /// What holds for the pointer now: the mouse, or the finger that touched last.
    pub fn state(&self) -> State {
        let pointer = if self.touch_id > 0 { Pointer { kind: PointerType::Touch, id: self.touch_id } } else { Pointer::default() };
        State { scroll_px: self.scroll_px, pointer, ..State::default() }
    }

    /// Lets time pass: about `median_ms` at this person's pace.
    pub fn pause(&mut self, median_ms: f64) {
        self.now_ms += around(self.rng, median_ms * self.person.pace, 0.35);
    }

    /// Where the element is in the window.
    pub fn rect(&self, index: usize) -> Option<Rect> {
        self.layout.rect(index, self.scroll_px).map(|rect| rect.down(-self.scroll_px))
    }

    /// Is its middle to be seen below the header?
    pub fn is_in_view(&self, index: usize) -> bool {
        let top = if self.layout.stays(index) { 0.0 } else { self.layout.header_h() + 8.0 };
        !self.layout.is_clipped(index)
            && self.rect(index).is_some_and(|rect| rect.middle().1 > top && rect.middle().1 < self.viewport.1 - 16.0)
    }

    /// How far the page can be scrolled, px.
    pub fn scroll_range(&self) -> f64 {
        (self.layout.document.1 - self.viewport.1).max(0.0)
    }

    /// Scrolls by about `by_px` as this person does.
    pub fn scroll_by(&mut self, by_px: f64) {
        let by_px = (self.scroll_px + by_px).clamp(0.0, self.scroll_range()) - self.scroll_px;
        if by_px.abs() < 1.0 {
            return;
        }
        if self.person.hand.is_touch() {
            self.fling(by_px)
        } else {
            self.wheel(by_px)
        }
        self.tape.see(self.scroll_px, self.viewport);
    }

    /// Scrolls until the element is in view. False where that can't be.
    pub fn bring(&mut self, index: usize) -> bool {
        for _ in 0..3 {
            if self.is_in_view(index) {
                return true;
            }
            let Some(rect) = self.rect(index) else { return false };
            let wanted_y = self.viewport.1 * self.rng.random_range(0.35..0.65);
            self.scroll_by(rect.middle().1 - wanted_y);
        }
        self.is_in_view(index)
    }

    /// Scrolls smoothly to `to_px` in `length_ms`, fast first.
    pub fn glide(&mut self, to_px: f64, length_ms: f64) {
        let (from_px, to_px) = (self.scroll_px, to_px.clamp(0.0, self.scroll_range()));
        let end_ms = self.now_ms + length_ms;
        let begin_ms = self.now_ms;
        while self.now_ms < end_ms {
            self.now_ms = (self.now_ms + DRAW_MS).min(end_ms);
            let left = 1.0 - (self.now_ms - begin_ms) / length_ms;
            self.scroll_to(to_px + (from_px - to_px) * left * left * left);
        }
    }

    /// Scrolls at once, as a link to a place in the page does.
    pub fn scroll_to(&mut self, to_px: f64) {
        let to_px = to_px.clamp(0.0, self.scroll_range()).round();
        if to_px == self.scroll_px {
            return;
        }
        self.scroll_px = to_px;
        let (at_ms, state) = (self.at_ms(), self.state());
        self.tape.scroll(at_ms, state);
        if self.is_over {
            self.tape.shift(at_ms, self.client, state);
        }
    }

    /// A place in the box where somebody would aim: near its middle, never at its edge.
    pub fn aim(&mut self, rect: Rect) -> (f64, f64) {
        let (x, y) = rect.middle();
        let mut off = |length: f64| length * (normal(self.rng) * 0.13).clamp(-0.4, 0.4);
        // Long targets are met near their text, which stands to the left.
        (x - (rect.w - 240.0).max(0.0) * 0.3 + off(rect.w.min(240.0)), y + off(rect.h))
    }

    /// Goes to the element and clicks or taps it. False where it can't be reached.
    pub fn press(&mut self, index: usize) -> bool {
        if !self.bring(index) {
            return false;
        }
        let Some(rect) = self.rect(index) else { return false };
        let miss_rate = if self.person.hand.is_touch() { 0.05 } else { 0.03 };
        if self.rng.random_bool(miss_rate) {
            self.miss(rect);
        }
        let target = self.aim(rect);
        if self.person.hand.is_touch() {
            self.pause(380.0);
            self.tap(target);
        } else {
            self.point(target, rect.w.min(rect.h));
            // Whoever is about to commit to something hesitates.
            self.pause(if self.layout.page.elements[index].tag == "button" { 420.0 } else { 160.0 });
            self.click();
        }
        self.announce(index);
        self.answer(index);
        true
    }

    /// What the page does at once, which the snippet tells: buttons change something. The one for vouchers is broken.
    fn answer(&mut self, index: usize) {
        let element = &self.layout.page.elements[index];
        if element.tag != "button" || element.id == "voucher-use" {
            return;
        }
        self.now_ms += 6.0 + 20.0 * self.rng.random::<f64>();
        let at_ms = self.at_ms();
        self.tape.size(at_ms, Kind::Document, self.layout.document, self.scroll_px);
    }

    /// What the shop itself says of a press, as a site would.
    fn announce(&mut self, index: usize) {
        let id = self.layout.page.elements[index].id.as_str();
        let (name, props) = match id.strip_prefix("add-") {
            Some(product) => ("add_to_basket", serde_json::json!({ "product": product }).to_string()),
            None if id == "place-order" => ("order", String::new()),
            None => return,
        };
        self.tape.say(self.at_ms(), name, props);
    }

    /// Misses the target by some px, where nothing else is to be pressed, and wonders why nothing happens.
    fn miss(&mut self, rect: Rect) {
        let beside = (rect.middle().0, rect.y + rect.h + self.rng.random_range(4.0..12.0));
        let mut under = Some(self.layout.hit((beside.0, beside.1 + self.scroll_px), self.scroll_px));
        while let Some(index) = under {
            if self.layout.page.elements[index].flags & ElementFlags::INTERACTIVE != 0 {
                return;
            }
            under = self.layout.parent(index);
        }
        if beside.1 > self.viewport.1 - 4.0 {
            return;
        }
        if self.person.hand.is_touch() {
            self.tap(beside);
        } else {
            self.point(beside, rect.h);
            self.click();
        }
        self.pause(700.0);
    }

    /// Types `keys` keys into what has the focus. The snippet doesn't tell.
    pub fn type_keys(&mut self, keys: u32) {
        for _ in 0..keys {
            self.pause(170.0);
        }
    }

    /// The page goes away. Its frames, its length in ms, and where it leaves the mouse.
    pub fn close(mut self) -> (Vec<Frame>, u32, (f64, f64)) {
        let at_ms = self.at_ms();
        if self.person.hand.is_touch() {
            self.tape.mark(at_ms, Kind::Hidden, self.scroll_px);
        }
        self.tape.mark(at_ms, Kind::Unload, self.scroll_px);
        (self.tape.end(), at_ms, self.client)
    }
}
