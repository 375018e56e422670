use std::ops::Range;

use crate::analysis::WidthClass;

/// Classes of viewport widths of a site, CSS px, ascending: the ranges whose sums are kept.
pub(super) fn width_ranges(_site_id: i32) -> Vec<Range<i32>> {
    let next = |range: &Range<i32>| (range.end < i32::MAX).then(|| WidthClass::of(range.end).range());
    std::iter::successors(Some(WidthClass::of(0).range()), next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_cover_every_width_once() {
        let ranges = width_ranges(1);
        assert_eq!((ranges[0].start, ranges[ranges.len() - 1].end), (0, i32::MAX));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
    }
}
