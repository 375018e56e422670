use std::collections::BTreeMap;

use super::{ElementKey, ElementSums, Heat, HeatKind};
use crate::event::{ElementBox, PointerEvent};

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
    /// Computes it from all events of the page view, in the order of their frames.
    pub fn of(_facts: ViewFacts, _descriptions: &[Description], _events: &[HeatEvent]) -> Self {
        Self::default()
    }
}
