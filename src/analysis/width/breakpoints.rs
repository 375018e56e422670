use std::ops::Range;

/// The breakpoints that most style sheets use, CSS px.
const DEFAULT: [i32; 5] = [480, 768, 1_024, 1_280, 1_536];
/// Breakpoints that a site may have.
const MAX_COUNT: usize = 12;
/// Where they may lie, CSS px.
const ALLOWED: std::ops::RangeInclusive<i32> = 200..=5_000;

/// Smallest width of each class but the first. Widths of viewports between two of them have the same layout; those of two classes are never
/// blended by ratio.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breakpoints(Vec<i32>);

/// What is wrong with a list of breakpoints. The text is for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidBreakpoints {
    /// None, or more than twelve.
    #[error("Name 1 to 12 widths.")]
    Count,
    /// One is not a number between 200 and 5,000.
    #[error("A width is a whole number of pixels from 200 to 5000.")]
    Width,
    /// They don't rise.
    #[error("Each width is larger than the one before.")]
    Order,
}

impl Default for Breakpoints {
    fn default() -> Self {
        Self(DEFAULT.into())
    }
}

impl Breakpoints {
    /// Checks count, order and widths.
    pub fn new(widths: Vec<i32>) -> Result<Self, InvalidBreakpoints> {
        if widths.is_empty() || widths.len() > MAX_COUNT {
            return Err(InvalidBreakpoints::Count);
        }
        if widths.iter().any(|width| !ALLOWED.contains(width)) {
            return Err(InvalidBreakpoints::Width);
        }
        if !widths.is_sorted_by(|one, next| one < next) {
            return Err(InvalidBreakpoints::Order);
        }
        Ok(Self(widths))
    }

    /// Reads what somebody typed: widths with spaces, commas or semicolons between them, `px` behind them if he likes.
    pub fn parse(text: &str) -> Result<Self, InvalidBreakpoints> {
        let parts = text
            .split([' ', ',', ';', '\n', '\r', '\t'])
            .map(|part| part.strip_suffix("px").unwrap_or(part))
            .filter(|part| !part.is_empty());
        let widths: Result<Vec<i32>, _> = parts.take(MAX_COUNT + 1).map(str::parse).collect();
        Self::new(widths.map_err(|_| InvalidBreakpoints::Width)?)
    }

    /// The widths, ascending.
    pub fn widths(&self) -> &[i32] {
        &self.0
    }

    /// The class of a viewport width: from its smallest width to that of the next class. The first begins at 0, the last ends at `i32::MAX`.
    pub fn class_of(&self, width: i32) -> Range<i32> {
        self.class(self.0.partition_point(|breakpoint| *breakpoint <= width))
    }

    /// All classes, the narrow ones first: one more than there are breakpoints.
    pub fn classes(&self) -> impl Iterator<Item = Range<i32>> {
        (0..=self.0.len()).map(|index| self.class(index))
    }

    fn class(&self, index: usize) -> Range<i32> {
        let from = index.checked_sub(1).map_or(0, |before| self.0[before]);
        from..self.0.get(index).copied().unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_lies_in_its_class_and_the_classes_cover_all_widths() {
        let breakpoints = Breakpoints::default();
        for (width, class) in [(390, 0..480), (480, 480..768), (1_279, 1_024..1_280), (1_440, 1_280..1_536), (3_840, 1_536..i32::MAX)] {
            assert_eq!(breakpoints.class_of(width), class, "{width}");
        }
        let classes: Vec<_> = breakpoints.classes().collect();
        assert_eq!((classes.len(), classes[0].start, classes[5].end), (6, 0, i32::MAX));
        assert!(classes.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn what_is_typed_is_read_or_refused_with_a_reason() {
        assert_eq!(Breakpoints::parse(" 600px, 1024;1600\n").unwrap().widths(), [600, 1_024, 1_600]);
        for (text, reason) in [
            ("", InvalidBreakpoints::Count),
            ("300 301 302 303 304 305 306 307 308 309 310 311 312", InvalidBreakpoints::Count),
            ("wide", InvalidBreakpoints::Width),
            ("199", InvalidBreakpoints::Width),
            ("5001", InvalidBreakpoints::Width),
            ("99999999999", InvalidBreakpoints::Width),
            ("800 800", InvalidBreakpoints::Order),
            ("800 600", InvalidBreakpoints::Order),
        ] {
            assert_eq!(Breakpoints::parse(text), Err(reason), "{text}");
        }
    }
}
