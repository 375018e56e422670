use std::collections::HashMap;

use super::{Cell, ElementKey, HeatKind, PointerClass, Spot, Step, each};
use crate::event::ElementBox;

/// Sides of a cell, CSS px of the background: the fine one unless that makes too many cells.
const CELL_PX: [u32; 3] = [8, 16, 32];
/// Cells that a grid has at most.
const MAX_CELLS: u64 = 1_700_000;

/// The page that heat is drawn on: one layout, at one width, in one state.
#[derive(Clone, Debug, Default)]
pub struct Background {
    /// Width of its viewport, CSS px.
    pub viewport_w: i32,
    /// Width and height of its document, CSS px.
    pub document: (i32, i32),
    /// The part of each element that can be seen in it, after clipping by boxes that scroll, with the whole box before it.
    pub boxes: HashMap<ElementKey, Shown>,
    /// Overlays that are open in it.
    pub overlays: Vec<ElementKey>,
}

/// Where an element stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Its box, CSS px of the document.
    pub rect: ElementBox,
    /// What of it can be seen; nothing of it where the box around it is scrolled elsewhere.
    pub clip: ElementBox,
}

/// Points (clicks, page views), by how they found their place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Placed {
    /// By their share of the element that they were on.
    pub element: u64,
    /// By their share of the document, because the background doesn't know the element.
    pub ratio: u64,
    /// Not at all: another layout, or scrolled out of sight.
    pub none: u64,
    /// Not at all, because they were in a dialog or menu that is not open in the background. Not in `none`.
    pub overlay: u64,
}

/// Heat of one kind and one class of pointers on its way onto a background.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    background: &'a Background,
    kind: HeatKind,
    pointer: PointerClass,
    cell_px: u32,
    columns: usize,
    rows: usize,
    /// Whole units; by rows, 65,536ths of them.
    values: Vec<u64>,
    placed: Placed,
}
