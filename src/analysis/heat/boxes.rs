use std::collections::HashMap;

use super::timeline::Timeline;
use super::{Description, ElementKey, HeatEvent, ViewFacts};
use crate::event::{ElementFlags, Kind};

/// How far outside its box a point may lie, CSS px: coordinates are rounded.
const SLACK_PX: f64 = 1.5;
/// Descriptions that are tried before and after the one in force.
const TRIED: usize = 6;
/// What a spot of the wire counts for a whole box.
pub(super) const SPOT: f64 = 32_766.0;
/// Parents come from outside: a circle of them must end.
const MAX_DEPTH: usize = 32;

/// A box in px of the document at some moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Rect {
    pub fn holds(&self, (x, y): (f64, f64), slack: f64) -> bool {
        x >= self.x - slack && x <= self.x + self.w + slack && y >= self.y - slack && y <= self.y + self.h + slack
    }

    /// A place as shares of width and height.
    pub fn share(&self, (x, y): (f64, f64)) -> (f64, f64) {
        ((x - self.x) / self.w.max(1e-9), (y - self.y) / self.h.max(1e-9))
    }

    pub fn area(&self) -> f64 {
        self.w * self.h
    }
}

/// What an element is, however often it was described.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub key: ElementKey,
    /// The dialog or menu that it is in, or is.
    pub overlay: ElementKey,
    /// Does it stay in the window while the page scrolls, at least at times?
    pub stays: bool,
    pub is_sticky: bool,
    /// Is it itself a link, a button, a field?
    pub is_interactive: bool,
    pub is_field: bool,
    /// The nearest box around it that was scrolled.
    pub scroller: Option<u16>,
    /// The button or link that it is part of, or itself.
    pub meant: u16,
    /// By seq.
    pub descriptions: Vec<Described>,
}

/// A description with the moment at which it was made, as well as that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Described {
    pub seq: i32,
    pub at_ms: u32,
    /// It was made between these times, ms: while its frame was filled, or exactly at the time of the outline.
    pub span: (u32, u32),
    pub rect: Rect,
}

/// Where each element of a page view was at each time.
#[derive(Debug)]
pub(super) struct Boxes {
    pub elements: HashMap<u16, Known>,
    pub scroll: Timeline,
    /// Offsets of the boxes that were scrolled.
    pub inner: HashMap<u16, Timeline>,
    document: Timeline,
}

impl Boxes {
    /// `events` are in the order of time.
    pub fn new(facts: ViewFacts, descriptions: &[Description], events: &[HeatEvent]) -> Self {
        let mut scroll = Timeline::starting_at(facts.scroll);
        let mut document = Timeline::starting_at(facts.document);
        let mut inner: HashMap<u16, Timeline> = HashMap::new();
        // When was an element first mentioned in a frame, and when did the frame begin?
        let mut mentioned: HashMap<(i32, u16), u32> = HashMap::new();
        let mut ends: HashMap<i32, u32> = HashMap::new();
        for HeatEvent { seq, at_ms, event } in events {
            mentioned.entry((*seq, event.element)).or_insert(*at_ms);
            mentioned.entry((*seq, 0)).or_insert(*at_ms);
            ends.insert(*seq, *at_ms);
            match event.kind {
                Kind::Scroll => scroll.push(*at_ms, event.x, event.y),
                Kind::Document => document.push(*at_ms, event.x, event.y),
                Kind::InnerScroll if event.element > 0 => {
                    inner.entry(event.element).or_insert_with(|| Timeline::starting_at((0, 0))).push(*at_ms, event.x, event.y);
                }
                _ => {}
            }
        }
        let mut own: HashMap<u16, Vec<&Description>> = HashMap::new();
        for description in descriptions.iter().filter(|description| description.rect.w > 0 && description.rect.h > 0) {
            own.entry(description.number).or_default().push(description);
        }
        let newest: HashMap<u16, &Description> =
            own.iter().filter_map(|(number, all)| Some((*number, *all.iter().max_by_key(|description| description.seq)?))).collect();
        let mut clicked: HashMap<u16, Vec<&HeatEvent>> = HashMap::new();
        for event in events.iter().filter(|event| event.event.spot.0 > 0 && event.event.spot.1 > 0) {
            clicked.entry(event.event.element).or_default().push(event);
        }
        let elements = own
            .into_iter()
            .map(|(number, mut all)| {
                all.sort_by_key(|description| description.seq);
                let described = all.iter().map(|description| (description, span(description, number, &mentioned, &ends)));
                let described = described.map(|(description, span)| Described {
                    seq: description.seq,
                    at_ms: span.0,
                    span,
                    rect: Rect {
                        x: f64::from(description.rect.x),
                        y: f64::from(description.rect.y),
                        w: f64::from(description.rect.w),
                        h: f64::from(description.rect.h),
                    },
                });
                let mut described: Vec<Described> = described.collect();
                let measured: Vec<_> = clicked.get(&number).into_iter().flatten().filter_map(|event| measured(event, &described)).collect();
                described.extend(measured);
                described.sort_by_key(|described| described.seq);
                (number, know(number, described, &newest, &inner))
            })
            .collect();
        Self { elements, scroll, inner, document }
    }

    /// The whole document at this time.
    pub fn document(&self, at_ms: u32) -> Rect {
        let (w, h) = self.document.at(at_ms);
        Rect { x: 0.0, y: 0.0, w: w.max(1.0), h: h.max(1.0) }
    }

    /// Where the element was when a frame reported a point in it. `None` where nothing that is known of it fits the point.
    ///
    /// The point was inside the element, so of all that was told of its place the newest that holds the point is believed.
    pub fn of(&self, number: u16, seq: i32, at_ms: u32, point: (f64, f64)) -> Option<Rect> {
        let known = self.elements.get(&number)?;
        let split = known.descriptions.partition_point(|described| described.seq <= seq);
        let (before, after) = known.descriptions.split_at(split);
        let candidates = before.iter().rev().take(TRIED).chain(after.iter().take(TRIED));
        candidates.flat_map(|described| self.variants(known, described, at_ms)).find(|rect| rect.holds(point, SLACK_PX))
    }

    /// Its last known box that a frame could know, wherever a point is.
    pub fn latest(&self, number: u16, seq: i32) -> Option<Rect> {
        let known = self.elements.get(&number)?;
        let split = known.descriptions.partition_point(|described| described.seq <= seq);
        known.descriptions.get(split.saturating_sub(1)).map(|described| described.rect)
    }

    /// A described box as it was at another time: moved with the window, with the content of the box that it is in, or not at all.
    fn variants(&self, known: &Known, described: &Described, at_ms: u32) -> impl Iterator<Item = Rect> + use<> {
        let moved = |timeline: &Timeline| {
            let (now, then) = (timeline.at(at_ms), timeline.at(described.at_ms));
            (now.0 - then.0, now.1 - then.1)
        };
        let window = if known.stays { moved(&self.scroll) } else { (0.0, 0.0) };
        let inside = known.scroller.and_then(|number| self.inner.get(&number)).map_or((0.0, 0.0), moved);
        let rect = described.rect;
        let at = move |dx: f64, dy: f64| Rect { x: rect.x + dx, y: rect.y + dy, ..rect };
        [at(window.0 - inside.0, window.1 - inside.1), at(window.0, window.1), at(-inside.0, -inside.1), rect].into_iter()
    }

    /// The box of an element with everything scrolled back: where a background shows it.
    pub fn still(&self, known: &Known) -> Option<Rect> {
        let described = known.descriptions.last()?;
        let inside = known.scroller.and_then(|number| self.inner.get(&number)).map_or((0.0, 0.0), |inner| inner.at(described.at_ms));
        Some(Rect { x: described.rect.x + inside.0, y: described.rect.y + inside.1, ..described.rect })
    }
}

/// What the spot of a press says: where the box was at just that time.
fn measured(event: &HeatEvent, described: &[Described]) -> Option<Described> {
    let split = described.partition_point(|described| described.seq <= event.seq);
    let Rect { w, h, .. } = described.get(split.saturating_sub(1))?.rect;
    let share = |spot: u16| f64::from(spot - 1) / SPOT;
    let (x, y) = (f64::from(event.event.x) - share(event.event.spot.0) * w, f64::from(event.event.y) - share(event.event.spot.1) * h);
    Some(Described { seq: event.seq, at_ms: event.at_ms, span: (event.at_ms, event.at_ms), rect: Rect { x, y, w, h } })
}

/// When a description was made: from the first time that its frame mentions the element, or begins, to the end of the frame.
fn span(description: &Description, number: u16, mentioned: &HashMap<(i32, u16), u32>, ends: &HashMap<i32, u32>) -> (u32, u32) {
    if let Some(at_ms) = description.outline_ms {
        return (at_ms, at_ms);
    }
    let time = |number| mentioned.get(&(description.seq, number)).copied();
    let from = time(number).or_else(|| time(0)).unwrap_or_default();
    (from, ends.get(&description.seq).copied().unwrap_or(from).max(from))
}

/// What its own descriptions and those of its ancestors say.
fn know(number: u16, descriptions: Vec<Described>, newest: &HashMap<u16, &Description>, inner: &HashMap<u16, Timeline>) -> Known {
    let mut known = Known {
        key: ElementKey::DOCUMENT,
        overlay: ElementKey::DOCUMENT,
        stays: false,
        is_sticky: false,
        is_interactive: false,
        is_field: false,
        scroller: None,
        meant: number,
        descriptions,
    };
    let mut at = number;
    for depth in 0..MAX_DEPTH {
        let Some(description) = newest.get(&at) else { break };
        if depth == 0 {
            known.key = description.key;
            known.is_field = description.is_field;
            known.is_interactive = description.flags & ElementFlags::INTERACTIVE != 0;
        } else if known.scroller.is_none() && inner.contains_key(&at) {
            known.scroller = Some(at);
        }
        known.stays |= description.flags & (ElementFlags::FIXED | ElementFlags::STICKY) != 0;
        known.is_sticky |= description.flags & ElementFlags::STICKY != 0;
        if known.meant == number && description.flags & ElementFlags::INTERACTIVE != 0 {
            known.meant = at;
        }
        if known.overlay == ElementKey::DOCUMENT && description.is_overlay {
            known.overlay = description.key;
        }
        at = description.parent;
        if at == 0 {
            break;
        }
    }
    known
}
