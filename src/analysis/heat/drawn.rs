use std::collections::HashMap;

use super::ElementKey;
use crate::event::ElementBox;

/// The page that heat is drawn on: one layout, at one width, in one state.
#[derive(Clone, Debug, Default)]
pub struct Background {
    /// Width of its viewport, CSS px.
    pub viewport_w: i32,
    /// Width and height of its document, CSS px.
    pub document: (i32, i32),
    /// Where each of its elements stands.
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
    /// Not at all: another layout, or out of sight.
    pub none: u64,
    /// Not at all, because they were in a dialog or menu that is not open in the background. Not in `none`.
    pub overlay: u64,
}

/// What a drawing is in the end.
#[derive(Clone, PartialEq, Debug)]
pub struct Drawn {
    /// Side of a cell, CSS px of the background; by rows, their height.
    pub cell_px: u32,
    /// Cells in a row; 1 by rows.
    pub columns: usize,
    /// Rows of cells.
    pub rows: usize,
    /// Row after row: the unit of the kind.
    pub values: Vec<u64>,
    /// How the points found their places.
    pub placed: Placed,
    /// Points of each class of pointers, whether they are drawn or not.
    pub pointers: [u64; 3],
}
