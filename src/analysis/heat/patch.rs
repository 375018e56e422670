use std::collections::BTreeMap;

use super::code::{self, Reader, put};
use super::{Cell, PointerClass};

/// Stands for an element over all page views: the first 48 bits of the hash of its name, so that JavaScript keeps it exactly.
///
/// It depends on tag, role and best selector only, and so is the same on all pages of a template. `DOCUMENT` is the page itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ElementKey(pub i64);

impl ElementKey {
    /// The document: the "element" of what is on no known one.
    pub const DOCUMENT: Self = Self(0);

    /// The key of an element whose name has this hash.
    pub fn of(hash: &[u8]) -> Self {
        let number = hash.iter().take(6).fold(0, |number, byte| number << 8 | i64::from(*byte));
        Self(number.max(1))
    }
}

/// Where heat is, without a page to draw it on: which pointers, which element, and within which overlay (a dialog or menu that was open).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Spot {
    /// Of which pointers.
    pub pointer: PointerClass,
    /// On which element.
    pub element: ElementKey,
    /// The dialog or menu that the element belongs to; `DOCUMENT` for none.
    pub overlay: ElementKey,
}

/// Heat on one element.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Patch {
    /// Sums over the page views that it comes from.
    pub sums: PatchSums,
    /// What is in each of its cells, in the unit of the kind.
    pub cells: BTreeMap<Cell, u64>,
}

/// What a patch says besides its cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PatchSums {
    /// Page views that it comes from.
    pub views: u64,
    /// Events that made it: places of a pointer, clicks, page views.
    pub points: u64,
    /// Left, top, width and height of the element's box, each as 65,536ths of the document and summed over the page views: where it is drawn
    /// by ratio.
    pub boxes: [u64; 4],
}

impl PatchSums {
    fn add(&mut self, other: Self) {
        self.views += other.views;
        self.points += other.points;
        for (sum, more) in self.boxes.iter_mut().zip(other.boxes) {
            *sum += more;
        }
    }
}

/// Heat of one kind, by element. It adds up exactly, in any order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Heat(pub BTreeMap<Spot, Patch>);

impl Heat {
    /// The patch of a spot.
    pub fn of(&mut self, spot: Spot) -> &mut Patch {
        self.0.entry(spot).or_default()
    }

    /// All amounts.
    pub fn sum(&self) -> u64 {
        self.0.values().flat_map(|patch| patch.cells.values()).sum()
    }

    /// Adds what `encode` gave. `None` where the bytes are not that; then something of them may have been added.
    pub fn add(&mut self, bytes: &[u8]) -> Option<()> {
        let mut patch = None;
        each(bytes, |step| match step {
            Step::Patch(spot, sums) => {
                self.of(spot).sums.add(sums);
                patch = Some(spot);
            }
            Step::Cell(cell, amount) => {
                if let Some(spot) = patch {
                    *self.of(spot).cells.entry(cell).or_default() += amount;
                }
            }
        })
    }

    /// As stored: about three bytes a cell.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = code::begin();
        for (spot, patch) in &self.0 {
            put(&mut bytes, spot.pointer as u64);
            put(&mut bytes, spot.element.0 as u64);
            put(&mut bytes, spot.overlay.0 as u64);
            put(&mut bytes, patch.sums.views);
            put(&mut bytes, patch.sums.points);
            for side in patch.sums.boxes {
                put(&mut bytes, side);
            }
            put(&mut bytes, patch.cells.len() as u64);
            let mut last = 0;
            for (cell, amount) in &patch.cells {
                put(&mut bytes, cell.code() - last);
                put(&mut bytes, *amount);
                last = cell.code();
            }
        }
        bytes
    }
}

/// What stored heat consists of, one after the other: a patch, then its cells.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Where, and its sums.
    Patch(Spot, PatchSums),
    /// A cell of the patch before.
    Cell(Cell, u64),
}

/// Walks through what `encode` gave, without keeping it. `None` where the bytes are not that.
#[inline]
pub fn each(bytes: &[u8], mut take: impl FnMut(Step)) -> Option<()> {
    let mut reader = Reader::new(bytes)?;
    while !reader.is_empty() {
        let pointer = *PointerClass::ALL.get(reader.take()? as usize)?;
        let spot = Spot { pointer, element: ElementKey(reader.take()? as i64), overlay: ElementKey(reader.take()? as i64) };
        let (views, points) = (reader.take()?, reader.take()?);
        let boxes = [reader.take()?, reader.take()?, reader.take()?, reader.take()?];
        take(Step::Patch(spot, PatchSums { views, points, boxes }));
        let mut code = 0;
        for _ in 0..reader.take()? {
            code = reader.take()?.checked_add(code)?;
            take(Step::Cell(Cell::from_code(code)?, reader.take()?));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heat(element: i64, amounts: &[(f64, u64)]) -> Heat {
        let mut heat = Heat::default();
        let patch = heat.of(Spot { pointer: PointerClass::Touch, element: ElementKey(element), overlay: ElementKey::DOCUMENT });
        patch.sums = PatchSums { views: 1, points: amounts.len() as u64, boxes: [1, 2, 3, 65_536] };
        patch.cells = amounts.iter().map(|(share, amount)| (Cell::at((500.0, 40.0), (*share, 0.5)), *amount)).collect();
        heat
    }

    #[test]
    fn heat_adds_up_exactly_through_its_bytes_and_in_any_order() {
        let [one, two] = [heat(7, &[(0.1, 5), (0.9, 70_000)]), heat(9, &[(0.1, 1)])];
        let mut there = Heat::default();
        let mut back = Heat::default();
        for bytes in [one.encode(), two.encode(), one.encode()] {
            there.add(&bytes).unwrap();
        }
        for bytes in [two.encode(), one.encode(), one.encode()] {
            back.add(&bytes).unwrap();
        }
        assert_eq!(there, back);
        assert_eq!((there.sum(), there.0.len()), (140_011, 2));
    }

    #[test]
    fn bytes_that_are_no_heat_are_refused() {
        let bytes = heat(7, &[(0.1, 5), (0.9, 70_000)]).encode();
        for end in 0..bytes.len() {
            assert!(end == 1 || Heat::default().add(&bytes[..end]).is_none(), "{end}");
        }
        assert_eq!(Heat::default().add(&[9]), None);
    }
}
