use super::movement::PARTS;
use super::stay::Stay;
use super::{Background, Cell, ElementKey, HeatKind, PatchSums, PointerClass, Spot, Step, each};

/// Shares of the document are kept in this many parts.
const SHARE: f64 = 65_536.0;

/// A part of a background: how much heat of somebody is there?
#[derive(Clone, Copy, Debug)]
pub struct Near<'a> {
    background: &'a Background,
    kind: HeatKind,
    pointer: PointerClass,
    part: Part,
}

/// Which part.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Part {
    /// What is drawn within this many CSS px of a place; of what is by row, of a height.
    Around {
        /// From the left, CSS px of the background.
        x: f64,
        /// From the top.
        y: f64,
        /// How far around.
        radius: f64,
    },
    /// What is on an element, wherever it is drawn.
    On(ElementKey),
}

impl<'a> Near<'a> {
    /// A part of this background, for one kind and one class of pointers.
    pub fn new(background: &'a Background, kind: HeatKind, pointer: PointerClass, part: Part) -> Self {
        Self { background, kind, pointer: if kind.is_by_row() { PointerClass::Mouse } else { pointer }, part }
    }

    /// How much of what `Heat::encode` gave is there, in the unit of the kind; 0 where the bytes are no heat. Placed as `Drawing::add` does.
    pub fn amount(&self, bytes: &[u8], same_layout: bool) -> u64 {
        let (mut place, mut sum) = (None, 0);
        let walked = each(bytes, |step| match step {
            Step::Patch(spot, sums) => place = self.place(spot, sums, same_layout),
            Step::Cell(cell, amount) => {
                if place.is_some_and(|(rect, clip)| self.holds(cell, rect, clip)) {
                    // Rows are in view together: the longest of them counts.
                    sum = if self.kind == HeatKind::Attention { sum.max(Stay::unpack(amount).ms as u64 * PARTS) } else { sum + amount };
                }
            }
        });
        walked.map_or(0, |()| sum)
    }

    /// Box of a patch and what of it is seen, as left, top, right, bottom; `None` where it is not placed, or too far away.
    fn place(&self, spot: Spot, sums: PatchSums, same_layout: bool) -> Option<([f64; 4], [f64; 4])> {
        if spot.pointer != self.pointer {
            return None;
        }
        if let Part::On(key) = self.part {
            return (spot.element == key).then_some(([0.0; 4], [0.0; 4]));
        }
        if spot.overlay != ElementKey::DOCUMENT && !self.background.overlays.contains(&spot.overlay) {
            return None;
        }
        let (w, h) = (f64::from(self.background.document.0), f64::from(self.background.document.1));
        if let Some(shown) = self.background.boxes.get(&spot.element) {
            let [rect, clip] = [shown.rect, shown.clip].map(|rect| {
                let (x, y) = (f64::from(rect.x), f64::from(rect.y));
                [x, y, x + f64::from(rect.w), y + f64::from(rect.h)]
            });
            return Some((rect, clip));
        }
        let whole = [0.0, 0.0, w, h];
        if !same_layout {
            return None;
        }
        if spot.element == ElementKey::DOCUMENT {
            return Some((whole, whole));
        }
        let [x, y, box_w, box_h] = sums.boxes.map(|sum| sum as f64 / sums.views.max(1) as f64 / SHARE);
        Some(([x * w, y * h, (x + box_w) * w, (y + box_h) * h], whole))
    }

    fn holds(&self, cell: Cell, rect: [f64; 4], clip: [f64; 4]) -> bool {
        let Part::Around { x, y, radius } = self.part else { return true };
        let [left, top, right, bottom] = cell.bounds();
        let (w, h) = (rect[2] - rect[0], rect[3] - rect[1]);
        let (x0, x1) = (rect[0] + left * w, rect[0] + right * w);
        let (y0, y1) = (rect[1] + top * h, rect[1] + bottom * h);
        let (middle_x, middle_y) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
        if self.kind.is_by_row() {
            return middle_y >= clip[1] && middle_y <= clip[3] && ((middle_y - y).abs() <= radius || (y0 <= y && y < y1));
        }
        if middle_x < clip[0] || middle_x > clip[2] || middle_y < clip[1] || middle_y > clip[3] {
            return false;
        }
        // A cell of a huge element may be larger than the part.
        (middle_x - x).hypot(middle_y - y) <= radius || (x0 <= x && x < x1 && y0 <= y && y < y1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::analysis::heat::{Heat, Shown};
    use crate::event::ElementBox;

    #[test]
    fn only_what_is_drawn_around_the_place_counts() {
        let rect = ElementBox { x: 100, y: 200, w: 80, h: 40 };
        let background = Background {
            viewport_w: 1_000,
            document: (1_000, 2_000),
            boxes: HashMap::from([(ElementKey(7), Shown { rect, clip: rect })]),
            overlays: Vec::new(),
        };
        let mut heat = Heat::default();
        for (element, overlay, amount) in [(7, 0, 5), (0, 0, 30), (8, 9, 700)] {
            let spot = Spot { pointer: PointerClass::Mouse, element: ElementKey(element), overlay: ElementKey(overlay) };
            heat.of(spot).cells.insert(Cell::at((80.0, 40.0), (0.5, 0.5)), amount);
        }
        let bytes = heat.encode();
        let around = |x, y| {
            let part = Part::Around { x, y, radius: 12.0 };
            Near::new(&background, HeatKind::Click, PointerClass::Mouse, part).amount(&bytes, true)
        };
        assert_eq!((around(140.0, 220.0), around(500.0, 1_000.0), around(300.0, 220.0)), (5, 30, 0));
        let on = |key| Near::new(&background, HeatKind::Click, PointerClass::Mouse, Part::On(ElementKey(key))).amount(&bytes, true);
        assert_eq!((on(7), on(8), on(3)), (5, 700, 0));
        let touch = Near::new(&background, HeatKind::Click, PointerClass::Touch, Part::On(ElementKey(7)));
        assert_eq!(touch.amount(&bytes, true), 0);
    }
}
