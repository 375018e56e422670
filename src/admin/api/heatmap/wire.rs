use std::ops::Range;

use serde::Serialize;

use super::selection::last;
use crate::admin::api::wire::Element;
use crate::analysis::heat::{Drawn, HeatKind, Unit};
use crate::query::{self, PageDrawn};

/// Sixteenths of a millisecond in a second.
const TIME_PER_SECOND: u32 = 16_000;

/// A heatmap. Cells are sparse: most of a page is never pointed at. The values are whole and not smoothed; whoever draws smooths them.
#[derive(Serialize)]
pub struct Heatmap {
    kind: &'static str,
    pointer: &'static str,
    unit: &'static str,
    /// Values by this are seconds, clicks or page views.
    per_unit: u32,
    /// Does it say something of whole rows only? Then there is one column.
    by_row: bool,
    sessions: usize,
    views: usize,
    /// Points of this kind and pointer, placed or not.
    points: u64,
    placed: Placed,
    #[serde(flatten)]
    page: Page,
    cell_px: u32,
    columns: usize,
    rows: usize,
    /// Indexes of the cells that hold something: each the difference to the one before; the first one from 0.
    at: Vec<usize>,
    value: Vec<u64>,
    /// What happened on each element, most attention first.
    table: Vec<Row>,
    overlays: Vec<Overlay>,
    widths: Vec<WidthViews>,
    pointers: Pointers,
    /// How long it took, ms.
    computed_ms: f64,
}

/// What a map lies on.
#[derive(Serialize)]
pub struct Page {
    viewport_w: i32,
    width: Class,
    /// Median height of the viewports, CSS px.
    fold: i32,
    document: [i32; 2],
    elements: Vec<Element>,
}

/// A class of widths, CSS px, both ends in it; without an end for the last one.
#[derive(Serialize)]
struct Class {
    from: i32,
    to: Option<i32>,
}

#[derive(Serialize)]
struct WidthViews {
    #[serde(flatten)]
    class: Class,
    views: usize,
    is_shown: bool,
}

/// Points, by how they found their place.
#[derive(Serialize)]
struct Placed {
    element: u64,
    ratio: u64,
    none: u64,
    /// In a dialog or menu that is not open here.
    overlay: u64,
}

/// Points of each class of pointers.
#[derive(Serialize)]
struct Pointers {
    mouse: u64,
    touch: u64,
    pen: u64,
}

#[derive(Serialize)]
struct Overlay {
    id: i64,
    label: String,
    selector: String,
    views: u64,
    is_open: bool,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    label: String,
    selector: String,
    /// Does it stand on the page that is shown?
    placed: bool,
    views: u64,
    attention_ms: u64,
    hovers: u64,
    hover_ms: u64,
    clicked_hovers: u64,
    hesitation_ms: u64,
    clicks: u64,
    rage: u64,
    dead: u64,
    clicked_views: u64,
    first_click_ms: u64,
}

impl Heatmap {
    /// What was computed in this many ms.
    pub fn new(kind: HeatKind, map: query::Heatmap, computed_ms: f64) -> Self {
        let (at, value) = sparse(&map.drawn);
        let query::Heatmap { drawn, pointer, .. } = &map;
        let placed = drawn.placed;
        let [mouse, touch, pen] = drawn.pointers;
        let widths = map.widths.iter().map(|(class, views)| WidthViews {
            class: Class::from(class),
            views: *views,
            is_shown: *class == map.page.width,
        });
        Self {
            kind: kind.name(),
            pointer: pointer.name(),
            unit: unit(kind),
            per_unit: per_unit(kind),
            by_row: kind.is_by_row(),
            sessions: map.sessions,
            views: map.views,
            points: placed.element + placed.ratio + placed.none + placed.overlay,
            placed: Placed { element: placed.element, ratio: placed.ratio, none: placed.none, overlay: placed.overlay },
            cell_px: drawn.cell_px,
            columns: drawn.columns,
            rows: drawn.rows,
            at,
            value,
            widths: widths.collect(),
            pointers: Pointers { mouse, touch, pen },
            page: Page::from(map.page),
            table: map.table.into_iter().map(Row::from).collect(),
            overlays: map.overlays.into_iter().map(Overlay::from).collect(),
            computed_ms,
        }
    }
}

/// `time`, `clicks` or `views`.
pub fn unit(kind: HeatKind) -> &'static str {
    match kind.unit() {
        Unit::Time => "time",
        Unit::Clicks => "clicks",
        Unit::Views => "views",
    }
}

/// How much of the stored unit makes a second, a click, a page view.
pub fn per_unit(kind: HeatKind) -> u32 {
    if kind.unit() == Unit::Time { TIME_PER_SECOND } else { 1 }
}

/// Index differences of the cells that are not empty, and their values.
fn sparse(drawn: &Drawn) -> (Vec<usize>, Vec<u64>) {
    let mut before = 0;
    let filled = drawn.values.iter().enumerate().filter(|(_, value)| **value > 0);
    filled.map(|(index, value)| (index - std::mem::replace(&mut before, index), *value)).unzip()
}

impl From<PageDrawn> for Page {
    fn from(page: PageDrawn) -> Self {
        Self {
            viewport_w: page.viewport_w,
            width: Class::from(&page.width),
            fold: page.fold,
            document: page.document.into(),
            elements: page.elements.into_iter().map(Element::from).collect(),
        }
    }
}

impl From<&Range<i32>> for Class {
    fn from(class: &Range<i32>) -> Self {
        Self { from: class.start, to: Some(last(class)).filter(|to| *to < i32::MAX) }
    }
}

impl From<query::Overlay> for Overlay {
    fn from(overlay: query::Overlay) -> Self {
        Self {
            id: overlay.element.key.0,
            label: overlay.element.label(),
            selector: overlay.element.selector,
            views: overlay.views,
            is_open: overlay.is_open,
        }
    }
}

impl From<query::ElementRow> for Row {
    fn from(row: query::ElementRow) -> Self {
        let sum = row.sum;
        Self {
            id: row.element.key.0,
            label: row.element.label(),
            selector: row.element.selector,
            placed: row.is_placed,
            views: sum.views,
            attention_ms: sum.attention_ms,
            hovers: sum.hovers,
            hover_ms: sum.hover_ms,
            clicked_hovers: sum.clicked_hovers,
            hesitation_ms: sum.hesitation_ms,
            clicks: sum.clicks,
            rage: sum.rage,
            dead: sum.dead,
            clicked_views: sum.clicked_views,
            first_click_ms: sum.first_click_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::heat;

    #[test]
    fn cells_are_sparse() {
        let drawn =
            Drawn { cell_px: 8, columns: 3, rows: 2, values: vec![0, 5, 0, 0, 7, 9], placed: heat::Placed::default(), pointers: [0; 3] };
        assert_eq!(sparse(&drawn), (vec![1, 3, 1], vec![5, 7, 9]));
    }
}
