/// Side of a cell of an element, CSS px: between half of this and this, unless the element is huge.
const CELL_PX: f64 = 8.0;
/// The same where only a path leads through: there are many of them, and they are drawn under a wider kernel.
const PATH_CELL_PX: f64 = 16.0;
/// Most halvings across and down: cells of 8 px up to 65,536 px, and of 8 px up to a million.
const MAX_LEVELS: (u32, u32) = (13, 17);

/// A part of an element's box: the box is halved `level.0` times across and `level.1` times down, and this is the part at `index`.
///
/// Halves of halves are the same parts of the element whatever its size on a visitor's screen, so that cells of many page views add up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cell(u64);

impl Cell {
    /// The cell at a share (0 to 1, clamped) of the width and height of a box of `size` CSS px.
    pub fn at(size: (f64, f64), share: (f64, f64)) -> Self {
        Self::of(level(size.0, CELL_PX, MAX_LEVELS.0), level(size.1, CELL_PX, MAX_LEVELS.1), share)
    }

    /// The same with cells for paths, of 8 to 16 px.
    pub fn on_path(size: (f64, f64), share: (f64, f64)) -> Self {
        Self::of(level(size.0, PATH_CELL_PX, MAX_LEVELS.0), level(size.1, PATH_CELL_PX, MAX_LEVELS.1), share)
    }

    /// The cell of whole width at a share of the height.
    pub fn row(height: f64, share: f64) -> Self {
        Self::of(0, level(height, CELL_PX, MAX_LEVELS.1), (0.0, share))
    }

    /// Number of cells above one another in a box of this height.
    pub fn rows(height: f64) -> u32 {
        1 << level(height, CELL_PX, MAX_LEVELS.1)
    }

    fn of(across: u32, down: u32, share: (f64, f64)) -> Self {
        let (column, row) = (index(share.0, across), index(share.1, down));
        // Row before column, so that neighbours in a row have neighbouring numbers.
        Self(u64::from(across) << 40 | u64::from(down) << 34 | u64::from(row) << 14 | u64::from(column))
    }

    /// Left, top, right and bottom as shares of the box.
    pub fn bounds(self) -> [f64; 4] {
        let [across, down, row, column] = self.parts();
        let (w, h) = (1.0 / f64::from(1u32 << across), 1.0 / f64::from(1u32 << down));
        [f64::from(column) * w, f64::from(row) * h, f64::from(column + 1) * w, f64::from(row + 1) * h]
    }

    /// The cell that is stored as this number; `None` where it is none.
    pub fn from_code(code: u64) -> Option<Self> {
        let [across, down, row, column] = Self(code).parts();
        let is_one = code >> 44 == 0 && across <= MAX_LEVELS.0 && down <= MAX_LEVELS.1 && row < 1 << down && column < 1 << across;
        is_one.then_some(Self(code))
    }

    /// As stored.
    pub fn code(self) -> u64 {
        self.0
    }

    fn parts(self) -> [u32; 4] {
        [(self.0 >> 40 & 0xf) as u32, (self.0 >> 34 & 0x3f) as u32, (self.0 >> 14 & 0xf_ffff) as u32, (self.0 & 0x3fff) as u32]
    }
}

/// Halvings that make parts of `px` as large as a cell may be.
fn level(px: f64, cell_px: f64, most: u32) -> u32 {
    let parts = (px / cell_px).max(1.0);
    (parts.log2() - 1e-9).ceil().clamp(0.0, f64::from(most)) as u32
}

fn index(share: f64, level: u32) -> u32 {
    let parts = 1u32 << level;
    ((share * f64::from(parts)).floor().max(0.0) as u32).min(parts - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_the_place_that_it_was_made_of_and_is_small() {
        for (size, share) in
            [((400.0, 50.0), (0.3, 0.9)), ((8.0, 8.0), (0.99, 0.0)), ((3_000.0, 90_000.0), (0.5, 0.123_456)), ((1.0, 0.5), (0.0, 1.0))]
        {
            let [left, top, right, bottom] = Cell::at(size, share).bounds();
            assert!(left <= share.0 && share.0 <= right && top <= share.1 && share.1 <= bottom, "{size:?}");
            assert!((right - left) * size.0 <= CELL_PX && (bottom - top) * size.1 <= CELL_PX, "{size:?}");
            assert!(size.0 <= CELL_PX || (right - left) * size.0 > CELL_PX / 2.0 - 1e-6, "{size:?}");
        }
    }

    #[test]
    fn a_code_gives_the_cell_back_and_nonsense_none() {
        let cell = Cell::at((1_440.0, 6_000.0), (0.7, 0.2));
        assert_eq!(Cell::from_code(cell.code()), Some(cell));
        assert_eq!(Cell::from_code(1), None, "column 1 of one");
        assert_eq!(Cell::from_code(u64::MAX), None);
    }
}
