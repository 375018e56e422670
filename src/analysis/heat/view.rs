use std::collections::BTreeMap;

use super::boxes::{Boxes, Rect};
use super::{Cell, ElementKey, ElementSums, Heat, HeatKind, PointerClass, Spot, clicks, movement, rows};
use crate::event::{ElementBox, PointerEvent};

/// Shares of the document are kept in this many parts.
const SHARE: f64 = 65_536.0;

/// A page view as it began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ViewFacts {
    /// Width and height of the viewport, CSS px.
    pub viewport: (i32, i32),
    /// Width and height of the document, CSS px.
    pub document: (i32, i32),
    /// Scroll offset of the document, CSS px.
    pub scroll: (i32, i32),
}

/// An element as a frame or the outline described it. One element has as many of them as it was described anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Description {
    /// Its number within the page view.
    pub number: u16,
    /// Number of the nearest described ancestor, 0 for none.
    pub parent: u16,
    /// The same over all page views.
    pub key: ElementKey,
    /// Its own flags (`ElementFlags`).
    pub flags: u8,
    /// Is it a dialog or a menu, which lies above the page while it is open?
    pub is_overlay: bool,
    /// Does a press change it without any script: a field, a box to tick, a player?
    pub is_field: bool,
    /// Where it was, CSS px of the document.
    pub rect: ElementBox,
    /// Frame that described it; 0 for the outline.
    pub seq: i32,
    /// Time of the outline, ms since the page view began; `None` where a frame described it.
    pub outline_ms: Option<u32>,
}

/// An event, its frame, and its time.
#[derive(Clone, Copy, Debug)]
pub struct HeatEvent {
    /// Frame that brought it.
    pub seq: i32,
    /// ms since the page view began.
    pub at_ms: u32,
    /// What happened.
    pub event: PointerEvent,
}

/// All heat of one page view, in shares of its elements: it knows nothing of the page that it will be drawn on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ViewHeat {
    /// By kind; a kind without heat is not in it.
    pub kinds: BTreeMap<HeatKind, Heat>,
    /// What happened on each element.
    pub elements: ElementSums,
}

impl ViewHeat {
    /// Computes it from all events of the page view, frame after frame. docs/heatmaps.md defines what is computed.
    pub fn of(facts: ViewFacts, descriptions: &[Description], events: &[HeatEvent]) -> Self {
        let mut events = events.to_vec();
        // With several pointers a frame may begin before the one before it ended. Stable: what is as old stays in the order of the frames.
        events.sort_by_key(|event| event.at_ms);
        let mut painter = Painter { boxes: Boxes::new(facts, descriptions, &events), heat: Self::default() };
        let answers = clicks::answers(&events);
        let bursts = clicks::bursts(&events, &painter.boxes, &answers);
        let hovers = movement::paint(&mut painter, &events);
        clicks::paint(&mut painter, &events, &answers, &bursts, &hovers);
        rows::paint(&mut painter, facts, &events);
        painter.heat.kinds.retain(|_, heat| !heat.0.is_empty());
        painter.heat
    }

    /// Keys of the elements that were clicked, ascending.
    pub fn clicked(&self) -> Vec<i64> {
        self.elements.0.iter().filter(|(_, sum)| sum.clicks > 0).map(|(key, _)| key.0).collect()
    }
}

/// Puts amounts onto elements of one page view.
pub(super) struct Painter {
    pub boxes: Boxes,
    pub heat: ViewHeat,
}

/// Where an amount goes: an element, or the document, and its box at that moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Target {
    pub key: ElementKey,
    pub overlay: ElementKey,
    pub rect: Rect,
    /// The document's box at that moment.
    pub document: Rect,
}

impl Painter {
    /// The element of an event as the target of what happened at `point`; the document where the event has none that holds it.
    pub fn target(&self, event: &HeatEvent, point: (f64, f64)) -> Target {
        let document = self.boxes.document(event.at_ms);
        let element = event.event.element;
        match (self.boxes.elements.get(&element), self.boxes.of(element, event.seq, event.at_ms, point)) {
            (Some(known), Some(rect)) => Target { key: known.key, overlay: known.overlay, rect, document },
            _ => Target { key: ElementKey::DOCUMENT, overlay: self.overlay(element), rect: document, document },
        }
    }

    /// The overlay that an element is in.
    pub fn overlay(&self, element: u16) -> ElementKey {
        self.boxes.elements.get(&element).map_or(ElementKey::DOCUMENT, |known| known.overlay)
    }

    /// Adds an amount at a share of the target's box.
    pub fn add(&mut self, kind: HeatKind, pointer: PointerClass, target: &Target, cell: Cell, amount: u64) {
        if amount > 0 {
            *self.patch(kind, pointer, target).cells.entry(cell).or_default() += amount;
        }
    }

    /// Counts an event that made heat.
    pub fn count(&mut self, kind: HeatKind, pointer: PointerClass, target: &Target) {
        self.patch(kind, pointer, target).sums.points += 1;
    }

    fn patch(&mut self, kind: HeatKind, pointer: PointerClass, target: &Target) -> &mut super::Patch {
        let spot = Spot { pointer, element: target.key, overlay: target.overlay };
        let patch = self.heat.kinds.entry(kind).or_default().of(spot);
        if patch.sums.views == 0 {
            patch.sums.views = 1;
            let Rect { x, y, w, h } = target.rect;
            let share = |px: f64, of: f64| (px / of.max(1.0) * SHARE).round().clamp(0.0, 4.0 * SHARE) as u64;
            let Rect { w: all_w, h: all_h, .. } = target.document;
            patch.sums.boxes = [share(x, all_w), share(y, all_h), share(w, all_w), share(h, all_h)];
        }
        patch
    }
}
