mod breakpoints;
mod learn;
#[cfg(test)]
mod learn_tests;

pub use breakpoints::{Breakpoints, InvalidBreakpoints};
pub use learn::{LEARN_DAYS, is_enough, learn, relearn};

use std::ops::Range;

/// Smallest width of each class but the first, CSS px: the breakpoints that most style sheets use.
const BREAKPOINTS: [i32; 5] = [480, 768, 1_024, 1_280, 1_536];

/// Class of viewport widths between which a page usually has the same layout. Widths of two classes are never blended by ratio.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WidthClass(usize);

impl WidthClass {
    /// The class of a viewport width in CSS px.
    pub fn of(width: i32) -> Self {
        Self(BREAKPOINTS.partition_point(|breakpoint| *breakpoint <= width))
    }

    /// Widths in it, CSS px.
    pub fn range(self) -> Range<i32> {
        let from = if self.0 == 0 { 0 } else { BREAKPOINTS[self.0 - 1] };
        from..BREAKPOINTS.get(self.0).copied().unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_lies_in_the_range_of_its_class() {
        for (width, range) in [(390, 0..480), (480, 480..768), (1_279, 1_024..1_280), (1_440, 1_280..1_536), (3_840, 1_536..i32::MAX)] {
            assert_eq!(WidthClass::of(width).range(), range, "{width}");
        }
    }
}
