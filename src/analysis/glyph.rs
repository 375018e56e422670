use std::fmt::Write;

use crate::event::Visitor;

/// A small path that stands for a visitor: five points on a 4 x 4 grid, in one of the six data colours. The same hash gives the same glyph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glyph {
    /// Number of the data colour, 1 to 6.
    pub colour: u8,
    /// SVG path in a box of 22 x 22 px.
    pub path: String,
    /// Where the path ends: the "pointer".
    pub end: (u8, u8),
}

impl Glyph {
    /// Draws a visitor's glyph.
    pub fn of(visitor: Visitor) -> Self {
        let [colour, bytes @ ..] = visitor.0;
        let mut points: Vec<u8> = Vec::with_capacity(5);
        for byte in bytes.into_iter().take(5) {
            let mut cell = byte % 16;
            // Two points in one place would look like four.
            while points.contains(&cell) {
                cell = (cell + 5) % 16;
            }
            points.push(cell);
        }
        let at = |cell: u8| (5 + cell % 4 * 4, 5 + cell / 4 * 4);
        let mut path = String::new();
        for (index, (x, y)) in points.iter().map(|cell| at(*cell)).enumerate() {
            // Writing to a string can't fail.
            let _ = write!(path, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
        }
        Self { colour: colour % 6 + 1, path, end: at(points[4]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_different_points_on_the_grid() {
        let glyph = Glyph::of(Visitor([7, 0, 1, 16, 15, 255, 9, 9]));
        // 16 and 255 fall on points that are taken and move on by five.
        assert_eq!(glyph, Glyph { colour: 2, path: "M5 5L9 5L9 9L17 17L5 9".into(), end: (5, 9) });
    }

    #[test]
    fn any_hash_has_a_glyph() {
        for byte in 0..=255 {
            let glyph = Glyph::of(Visitor([byte; 8]));
            assert!((1..=6).contains(&glyph.colour));
            assert_eq!(glyph.path.matches('L').count(), 4);
        }
    }
}
