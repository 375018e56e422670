use super::boxes::Rect;
use super::movement::PARTS;
use super::stay::Stay;
use super::{Background, Cell, Drawn, ElementKey, HeatKind, PatchSums, Placed, PointerClass, Spot, Step, Unit, each};
use crate::event::ElementBox;

/// Sides of a cell, CSS px of the background: the finest that doesn't make too many cells.
const CELL_PX: [u32; 3] = [8, 16, 32];
/// Cells that a grid has at most.
const MAX_CELLS: u64 = 1_700_000;
/// Cells of the grid that a cell of an element covers side by side, mostly far fewer.
const WIDE: usize = 8;
/// Shares of the document are kept in this many parts.
const SHARE: f64 = 65_536.0;

/// Heat of one kind and one class of pointers on its way onto a background.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    background: &'a Background,
    kind: HeatKind,
    pointer: PointerClass,
    cell_px: f64,
    columns: usize,
    rows: usize,
    /// Whole units.
    values: Vec<u64>,
    /// Of attention: page views, or parts of them, that told of each row.
    shares: Vec<f64>,
    /// Cells that were empty before something came into them.
    touched: Vec<u32>,
    placed: Placed,
    pointers: [u64; 3],
}

/// The patch whose cells come next.
#[derive(Clone, Copy)]
struct Open {
    /// Its box and what of it is seen; `None` where it is not placed.
    place: Option<(Rect, Rect)>,
    points: u64,
    by_element: bool,
    /// What of its amounts was drawn, and all of them.
    drawn: u64,
    all: u64,
}

impl<'a> Drawing<'a> {
    /// An empty one, with the finest cells that make no more than 1,700,000.
    pub fn new(background: &'a Background, kind: HeatKind, pointer: PointerClass) -> Self {
        let (w, h) = (background.document.0.max(1) as u32, background.document.1.max(1) as u32);
        let count = |px: &u32| u64::from(w.div_ceil(*px)) * u64::from(h.div_ceil(*px));
        let px = CELL_PX.into_iter().find(|px| kind.is_by_row() || count(px) <= MAX_CELLS).unwrap_or(CELL_PX[2]);
        Self::with_cells(background, kind, pointer, px)
    }

    /// An empty one with cells of this size, CSS px of the background.
    pub fn with_cells(background: &'a Background, kind: HeatKind, pointer: PointerClass, cell_px: u32) -> Self {
        let (w, h) = (background.document.0.max(1) as u32, background.document.1.max(1) as u32);
        let columns = if kind.is_by_row() { 1 } else { w.div_ceil(cell_px) as usize };
        let rows = h.div_ceil(cell_px) as usize;
        Self {
            background,
            kind,
            // What is by row is of nobody's pointer.
            pointer: if kind.is_by_row() { PointerClass::Mouse } else { pointer },
            cell_px: f64::from(cell_px),
            columns,
            rows,
            values: vec![0; columns * rows],
            shares: if kind == HeatKind::Attention { vec![0.0; rows] } else { Vec::new() },
            touched: Vec::new(),
            placed: Placed::default(),
            pointers: [0; 3],
        }
    }

    /// Draws what `Heat::encode` gave. `same_layout`: does it come from widths of the background's class? `None` where the bytes are no heat.
    pub fn add(&mut self, bytes: &[u8], same_layout: bool) -> Option<()> {
        let mut open: Option<Open> = None;
        let walked = each(bytes, |step| match step {
            Step::Patch(spot, sums) => {
                if let Some(open) = open.take() {
                    self.close(open);
                }
                open = self.open(spot, sums, same_layout);
            }
            Step::Cell(cell, amount) => {
                if let Some(open) = &mut open {
                    open.all += amount;
                    if let Some((rect, clip)) = open.place
                        && self.put(rect, clip, cell, amount)
                    {
                        open.drawn += amount;
                    }
                }
            }
        });
        if let Some(open) = open {
            self.close(open);
        }
        walked
    }

    /// Adds what another drawing of the same background, kind and pointers holds.
    pub fn merge(&mut self, other: &Self) {
        for (value, more) in self.values.iter_mut().zip(&other.values) {
            *value += more;
        }
        for (share, more) in self.shares.iter_mut().zip(&other.shares) {
            *share += more;
        }
        for (points, more) in self.pointers.iter_mut().zip(other.pointers) {
            *points += more;
        }
        let Placed { element, ratio, none, overlay } = other.placed;
        self.placed.element += element;
        self.placed.ratio += ratio;
        self.placed.none += none;
        self.placed.overlay += overlay;
    }

    /// The drawing as it is now.
    pub fn finish(self) -> Drawn {
        let mut values = self.values;
        // Each row has the mean of those that told of it, times the page views that told of most rows.
        let mut told: Vec<f64> = self.shares.iter().copied().filter(|share| *share > 0.0).collect();
        told.sort_by(f64::total_cmp);
        let all = told.get(told.len() / 2).copied().unwrap_or_default();
        for (value, share) in values.iter_mut().zip(&self.shares).filter(|(_, share)| **share > 0.0) {
            *value = (*value as f64 / share * all).round() as u64;
        }
        Drawn { cell_px: self.cell_px as u32, columns: self.columns, rows: self.rows, values, placed: self.placed, pointers: self.pointers }
    }

    /// Cells in a row, and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// Takes out what was drawn since it was taken out last: cells that hold something, and how much of the unit.
    pub(super) fn take(&mut self, mut take: impl FnMut(usize, f64)) {
        for index in self.touched.drain(..) {
            let index = index as usize;
            let value = std::mem::take(&mut self.values[index]) as f64;
            // As many page views as there are, each counted once.
            let share = self.shares.get_mut(index).map_or(1.0, std::mem::take);
            if value > 0.0 {
                take(index, value / share * share.round().max(1.0));
            }
        }
    }

    fn open(&mut self, spot: Spot, sums: PatchSums, same_layout: bool) -> Option<Open> {
        self.pointers[spot.pointer as usize] += sums.points;
        if spot.pointer != self.pointer {
            return None;
        }
        let open = |place, by_element| Some(Open { place, points: sums.points, by_element, drawn: 0, all: 0 });
        if spot.overlay != ElementKey::DOCUMENT && !self.background.overlays.contains(&spot.overlay) {
            self.placed.overlay += sums.points;
            return None;
        }
        if let Some(shown) = self.background.boxes.get(&spot.element) {
            return open(Some((rect(shown.rect), rect(shown.clip))), true);
        }
        if !same_layout {
            return open(None, false);
        }
        let (w, h) = (f64::from(self.background.document.0), f64::from(self.background.document.1));
        let whole = Rect { x: 0.0, y: 0.0, w, h };
        if spot.element == ElementKey::DOCUMENT {
            return open(Some((whole, whole)), false);
        }
        let [x, y, box_w, box_h] = sums.boxes.map(|sum| sum as f64 / sums.views.max(1) as f64 / SHARE);
        open(Some((Rect { x: x * w, y: y * h, w: box_w * w, h: box_h * h }, whole)), false)
    }

    /// Counts the points of a patch: those whose amounts could be drawn found their place.
    fn close(&mut self, open: Open) {
        let points = if open.place.is_none() {
            0
        } else if open.all == open.drawn {
            open.points
        } else {
            (open.points as f64 * open.drawn as f64 / open.all as f64).round() as u64
        };
        *(if open.by_element { &mut self.placed.element } else { &mut self.placed.ratio }) += points;
        self.placed.none += open.points - points;
    }

    /// Draws an amount; says whether it could be.
    fn put(&mut self, at: Rect, clip: Rect, cell: Cell, amount: u64) -> bool {
        let [left, top, right, bottom] = cell.bounds();
        let (x0, x1) = (at.x + left * at.w, at.x + right * at.w);
        let (y0, y1) = (at.y + top * at.h, at.y + bottom * at.h);
        let middle = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
        if self.kind.is_by_row() {
            return self.put_rows(y0, y1, middle.1, clip, amount);
        }
        let (w, h) = (self.columns as f64 * self.cell_px, self.rows as f64 * self.cell_px);
        let is_seen = clip.holds(middle, 0.0) && middle.0 >= 0.0 && middle.1 >= 0.0 && middle.0 < w && middle.1 < h;
        if !is_seen {
            return false;
        }
        let column = |px: f64| ((px / self.cell_px) as usize).min(self.columns - 1);
        let row = |px: f64| ((px / self.cell_px) as usize).min(self.rows - 1);
        let (c0, c1, r0, r1) = (column(x0), column(x1), row(y0), row(y1));
        // Clicks are whole, so they are drawn where the middle of their cell is.
        if self.kind.unit() != Unit::Time || (c0 == c1 && r0 == r1) {
            self.give(row(middle.1) * self.columns + column(middle.0), amount);
            return true;
        }
        let scale = amount as f64 / ((x1 - x0) * (y1 - y0)).max(1e-9);
        // Few cells wide, mostly: what each takes is worked out once, not for each row.
        let mut wide = [0.0; WIDE];
        for (c, wide) in (c0..=c1).zip(&mut wide) {
            *wide = overlap(x0, x1, c, c0, c1, self.cell_px);
        }
        let (mut sum, mut given) = (0.0, 0);
        for r in r0..=r1 {
            let high = overlap(y0, y1, r, r0, r1, self.cell_px) * scale;
            for c in c0..=c1 {
                let is_last = (r, c) == (r1, c1);
                sum += high * wide.get(c - c0).copied().unwrap_or_else(|| overlap(x0, x1, c, c0, c1, self.cell_px));
                let upto = if is_last { amount } else { (sum as u64).clamp(given, amount) };
                self.give(r * self.columns + c, upto - given);
                given = upto;
            }
        }
        true
    }

    /// A row has the amount of what covers it, in part where it covers it in part. A page view reaches one row only.
    fn put_rows(&mut self, y0: f64, y1: f64, middle: f64, clip: Rect, amount: u64) -> bool {
        let height = self.rows as f64 * self.cell_px;
        if middle < clip.y || middle > clip.y + clip.h || middle < 0.0 || middle >= height {
            return false;
        }
        let row = |px: f64| ((px / self.cell_px).max(0.0) as usize).min(self.rows - 1);
        if self.kind.unit() != Unit::Time {
            self.give(row(middle), amount);
            return true;
        }
        let stay = Stay::unpack(amount);
        for r in row(y0)..=row(y1) {
            let covered = (y1.min((r + 1) as f64 * self.cell_px) - y0.max(r as f64 * self.cell_px)).max(0.0) / self.cell_px;
            if self.shares[r] == 0.0 {
                self.touched.push(r as u32);
            }
            self.values[r] += (stay.ms * covered * PARTS as f64).round() as u64;
            self.shares[r] += stay.share * covered;
        }
        true
    }

    #[inline]
    fn give(&mut self, index: usize, amount: u64) {
        if amount > 0 {
            if self.values[index] == 0 {
                self.touched.push(index as u32);
            }
            self.values[index] += amount;
        }
    }
}

fn rect(of: ElementBox) -> Rect {
    Rect { x: f64::from(of.x), y: f64::from(of.y), w: f64::from(of.w), h: f64::from(of.h) }
}

/// Length of the part of `from..to` in cell `index`; the first and the last cell take what lies outside of the grid as well.
fn overlap(from: f64, to: f64, index: usize, first: usize, last: usize, px: f64) -> f64 {
    let begin = if index == first { from } else { index as f64 * px };
    let end = if index == last { to } else { (index + 1) as f64 * px };
    end - begin
}
