use super::geometry::{Layout, Rect, number_of};
use crate::analysis::thin::{Thinner, Vertex};
use crate::event::{Element, Family, Frame, Kind, Note, Pointer, PointerEvent, PointerType};

/// As the snippet's (`snippet/src/config.ts`).
const TOLERANCE_PX: f64 = 2.0;
/// A frame closes after this time, less the 16 ms by which the end of a rest may lie before the sample that shows it.
const FLUSH_MS: u32 = 5_000 - 16;
const FLUSH_FIRST_MS: u32 = 250;
/// A frame closes at 512 events. One sample can bring two, and closing it brings what is pending on both tracks.
const FLUSH_EVENTS: usize = 512 - 6;
/// Descriptions in a frame: some 20 KB.
const FRAME_ELEMENTS: usize = 200;

/// What holds for the pointer at a moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct State {
    /// How far the page is scrolled.
    pub scroll_px: f64,
    pub pointer: Pointer,
    pub buttons: u8,
    pub pressure: Option<u16>,
}

/// Name and properties of a custom event.
type Said = (&'static str, String);

/// Stands in for the snippet: takes what the device does on one page view, gives the frames that the snippet would send.
pub struct Tape {
    page: u16,
    layout: Layout,
    pointer: Thinner<State>,
    scroll: Thinner<State>,
    /// Scratch for what a thinner keeps.
    kept: Vec<Vertex<State>>,
    /// By time since the page view began; in order only when the frame is cut.
    events: Vec<(u32, PointerEvent, Option<Said>)>,
    /// Time of the first sample since the last cut, ms.
    first_ms: Option<u32>,
    cut_ms: u32,
    samples: u32,
    frames: Vec<Frame>,
    /// The pointer's last place in the document and its state.
    last: Option<((f64, f64), State)>,
    element: u16,
    is_known: Vec<bool>,
    /// Elements to describe: those that were pointed at, then those that were in view.
    pointed: Vec<usize>,
    seen: Vec<usize>,
}

impl Tape {
    pub fn new(page: u16, layout: Layout) -> Self {
        let mut scroll = Thinner::new(TOLERANCE_PX);
        scroll.exact(0, 0, 0, State::default(), &mut Vec::new());
        Self {
            page,
            is_known: vec![false; layout.page.elements.len()],
            layout,
            pointer: Thinner::new(TOLERANCE_PX),
            scroll,
            kept: Vec::new(),
            events: Vec::new(),
            first_ms: None,
            cut_ms: 0,
            samples: 0,
            frames: Vec::new(),
            last: None,
            element: 0,
            pointed: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// The device says that the pointer is at `client`, px of the window.
    pub fn sample(&mut self, at_ms: u32, client: (f64, f64), state: State) {
        self.samples += 1;
        self.shift(at_ms, client, state);
    }

    /// The page was scrolled under a pointer that rests.
    pub fn shift(&mut self, at_ms: u32, client: (f64, f64), state: State) {
        self.prepare(at_ms);
        let place = (client.0, client.1 + state.scroll_px);
        self.last = Some((place, state));
        self.pointer.sample(at_ms, place.0, place.1, state, &mut self.kept);
        self.keep(Kind::Move);
    }

    /// Something happened at `client` that is kept in any case.
    pub fn exact(&mut self, at_ms: u32, kind: Kind, client: (f64, f64), state: State) {
        self.prepare(at_ms);
        self.samples += 1;
        self.record(at_ms, kind, (client.0, client.1 + state.scroll_px), state);
    }

    /// Something happened that has no place of its own: it is recorded where the pointer was last.
    pub fn mark(&mut self, at_ms: u32, kind: Kind, scroll_px: f64) {
        self.prepare(at_ms);
        match self.last {
            Some((place, state)) => {
                self.record(at_ms, kind, place, state);
                // A finger that has left the screen has no path that could go on from here.
                if state.pointer.kind == PointerType::Touch && state.buttons == 0 {
                    self.lift();
                }
            }
            None => self.push(kind, Vertex { at_ms, x: 0, y: scroll_px as i32, note: State { scroll_px, ..State::default() } }),
        }
    }

    /// The page says by itself what happened: `props` is a JSON object.
    pub fn say(&mut self, at_ms: u32, name: &'static str, props: String) {
        self.prepare(at_ms);
        let ((x, y), state) = self.last.unwrap_or_default();
        self.push(Kind::Event, Vertex { at_ms, x: x.round() as i32, y: y.round() as i32, note: state });
        if let Some((.., said)) = self.events.last_mut() {
            *said = Some((name, props));
        }
    }

    /// The pointer is gone: the next one begins a path of its own.
    pub fn lift(&mut self) {
        self.pointer.end(&mut self.kept);
        self.keep(Kind::Move);
    }

    /// The page is scrolled to the state's offset.
    pub fn scroll(&mut self, at_ms: u32, state: State) {
        self.prepare(at_ms);
        if let Some((_, last)) = &mut self.last {
            last.scroll_px = state.scroll_px;
        }
        self.scroll.sample(at_ms, 0.0, state.scroll_px, state, &mut self.kept);
        self.keep(Kind::Scroll);
    }

    /// The box that scrolls by itself is scrolled to `inner_px`.
    pub fn scroll_inner(&mut self, at_ms: u32, inner_px: f64, state: State) {
        let Some(scroller) = self.layout.scroller() else { return };
        self.prepare(at_ms);
        self.layout.scroll_inner(inner_px);
        self.point_at(scroller);
        self.push(Kind::InnerScroll, Vertex { at_ms, x: 0, y: self.layout.inner_px() as i32, note: state });
    }

    /// The window or the document has another size, or something in the document changed.
    pub fn size(&mut self, at_ms: u32, kind: Kind, (w, h): (f64, f64), scroll_px: f64) {
        self.prepare(at_ms);
        self.push(kind, Vertex { at_ms, x: w as i32, y: h as i32, note: State { scroll_px, ..State::default() } });
    }

    /// Queues what is in view for description, so that there is a page to draw behind the path.
    pub fn see(&mut self, scroll_px: f64, viewport: (f64, f64)) {
        let window = Rect { x: 0.0, y: scroll_px, w: viewport.0, h: viewport.1 };
        for index in 0..self.is_known.len() {
            let Some(rect) = self.layout.rect(index, scroll_px) else { continue };
            if rect.y < window.y + window.h && rect.y + rect.h > window.y && !self.layout.is_clipped(index) {
                self.queue(index);
            }
        }
    }

    /// Queues an element behind its ancestors.
    fn queue(&mut self, index: usize) {
        if !self.is_known[index] {
            self.is_known[index] = true;
            if let Some(parent) = self.layout.parent(index) {
                self.queue(parent);
            }
            self.seen.push(index);
        }
    }

    /// The page goes away. Its frames, by seq.
    pub fn end(mut self) -> Vec<Frame> {
        self.cut();
        self.frames
    }

    fn record(&mut self, at_ms: u32, kind: Kind, place: (f64, f64), state: State) {
        let (x, y) = (place.0.round() as i32, place.1.round() as i32);
        self.last = Some((place, state));
        self.pointer.exact(at_ms, x, y, state, &mut self.kept);
        self.keep(Kind::Move);
        self.push(kind, Vertex { at_ms, x, y, note: state });
    }

    /// Closes the frame when it is full or due.
    fn prepare(&mut self, at_ms: u32) {
        let due_ms = if self.frames.is_empty() { FLUSH_FIRST_MS } else { FLUSH_MS };
        if self.first_ms.is_some_and(|first_ms| at_ms >= first_ms + due_ms) || self.events.len() > FLUSH_EVENTS {
            self.cut();
        }
        self.first_ms.get_or_insert(at_ms);
    }

    fn keep(&mut self, kind: Kind) {
        for vertex in std::mem::take(&mut self.kept) {
            self.push(kind, vertex);
        }
    }

    fn push(&mut self, kind: Kind, vertex: Vertex<State>) {
        let state = vertex.note;
        let mut spot = (0, 0);
        if kind.family() == Family::Place && self.last.is_some() {
            let index = self.layout.hit((f64::from(vertex.x), f64::from(vertex.y)), state.scroll_px);
            self.point_at(index);
            if matches!(kind, Kind::Down | Kind::Up | Kind::Click | Kind::DoubleClick | Kind::ContextMenu) {
                spot = self.layout.rect(index, state.scroll_px).map_or((0, 0), |rect| spot_of(rect, vertex));
            }
        }
        let event = PointerEvent {
            pointer: state.pointer,
            buttons: state.buttons,
            pressure: state.pressure,
            element: self.element,
            spot,
            ..PointerEvent::new(0, kind, vertex.x, vertex.y)
        };
        // The end of a rest on one track may lie before the last event of the other, which is in a closed frame.
        self.events.push((vertex.at_ms.max(self.cut_ms), event, None));
    }

    /// Makes the element the one that events belong to, and queues it and its ancestors for description.
    fn point_at(&mut self, index: usize) {
        self.element = number_of(index);
        let mut next = Some(index);
        while let Some(index) = next {
            if !self.is_known[index] {
                self.is_known[index] = true;
                self.pointed.push(index);
            } else if let Some(at) = self.seen.iter().position(|seen| *seen == index) {
                self.pointed.push(self.seen.remove(at));
            }
            next = self.layout.parent(index);
        }
    }

    fn cut(&mut self) {
        self.pointer.flush(&mut self.kept);
        self.keep(Kind::Move);
        self.scroll.flush(&mut self.kept);
        self.keep(Kind::Scroll);
        self.first_ms = None;
        let mut events = std::mem::take(&mut self.events);
        // Each track keeps a point when a later one proves that it is needed, so they come out of order.
        events.sort_by_key(|(at_ms, ..)| *at_ms);
        let (Some(&(t0_ms, ..)), Some(&(end_ms, ..))) = (events.first(), events.last()) else { return };
        self.cut_ms = end_ms;
        let origin = events.iter().find(|(_, event, _)| event.kind.family().is_near_origin());
        let frame = Frame {
            page: self.page,
            seq: self.frames.len() as u32 + 1,
            t0_ms,
            origin: origin.map_or((0, 0), |(_, event, _)| (event.x, event.y)),
            samples: std::mem::take(&mut self.samples),
            dropped: 0,
            tolerance: (TOLERANCE_PX * 10.0) as u16,
            elements: self.descriptions(),
            notes: events
                .iter()
                .enumerate()
                .filter_map(|(index, (.., said))| said.clone().map(|(name, value)| Note { index, name: name.to_owned(), value }))
                .collect(),
            events: events.into_iter().map(|(at_ms, event, _)| PointerEvent { at_ms: (at_ms - t0_ms) as u16, ..event }).collect(),
        };
        self.frames.push(frame);
    }

    fn descriptions(&mut self) -> Vec<Element> {
        let scroll_px = self.last.map_or(0.0, |(_, state)| state.scroll_px);
        let more = FRAME_ELEMENTS.saturating_sub(self.pointed.len()).min(self.seen.len());
        let indices = self.pointed.drain(..).chain(self.seen.drain(..more));
        indices.map(|index| self.layout.describe(index, scroll_px)).collect()
    }
}

/// Where in its box a place lies, as the wire writes it.
fn spot_of(rect: Rect, place: Vertex<State>) -> (u16, u16) {
    let share = |at: i32, from: f64, length: f64| match (f64::from(at) - from) / length {
        share if share.is_finite() => 1 + (32_766.0 * share.clamp(0.0, 1.0)).round() as u16,
        _ => 0,
    };
    (share(place.x, rect.x, rect.w), share(place.y, rect.y, rect.h))
}
