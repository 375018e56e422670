use std::fmt::Write;

/// A stretch of a session without any event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// ms since the session began.
    pub from_ms: u64,
    /// ms since the session began.
    pub to_ms: u64,
}

/// Stretches of at least `min_ms` without an event, between 0 and `end_ms`. `times` are ms since the session began, ascending.
pub fn gaps(times: impl IntoIterator<Item = u64>, end_ms: u64, min_ms: u64) -> Vec<Gap> {
    let mut out = Vec::new();
    let mut last = 0;
    for time in times.into_iter().chain([end_ms]) {
        if time >= last + min_ms {
            out.push(Gap { from_ms: last, to_ms: time });
        }
        last = last.max(time);
    }
    out
}

/// Begin, end (ms since the session began) and number of some events.
pub type Piece = (u64, u64, u32);

/// Events in each of `bars` equal parts of the time from 0 to `end_ms`. A piece is spread evenly over its time.
pub fn histogram(pieces: &[Piece], end_ms: u64, bars: usize) -> Vec<u32> {
    let bar_ms = (end_ms as f64 / bars as f64).max(1.0);
    let mut counts = vec![0.0; bars];
    for (from, to, events) in pieces {
        let (from, to) = (*from as f64 / bar_ms, (*to as f64 / bar_ms).max(*from as f64 / bar_ms + 0.001));
        let first = (from as usize).min(bars - 1);
        let last = (to as usize).min(bars - 1);
        for (bar, count) in counts.iter_mut().enumerate().take(last + 1).skip(first) {
            // Times beyond the end belong to the last bar.
            let end = if bar == bars - 1 { f64::INFINITY } else { bar as f64 + 1.0 };
            let share = (to.min(end) - from.max(if bar == first { 0.0 } else { bar as f64 })) / (to - from);
            *count += share * f64::from(*events);
        }
    }
    counts.into_iter().map(|count| count.round() as u32).collect()
}

/// An SVG path of upright bars 3 px apart and at most `height` px high, one a count: how busy a session was from its begin to its end.
/// The tallest bar is the largest count; square roots keep a short burst from flattening all else.
pub fn bars(counts: &[u32], height: u32) -> String {
    let most = f64::from(counts.iter().copied().max().unwrap_or(0).max(1)).sqrt();
    let mut path = String::new();
    for (index, count) in counts.iter().enumerate() {
        let tall = (f64::from(*count).sqrt() / most * f64::from(height - 1)).round() as u32 + 1;
        // Writing to a string can't fail.
        let _ = write!(path, "M{} {height}v-{tall}", index * 3 + 1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_lies_between_two_events_and_before_the_end() {
        let gap = |from_ms, to_ms| Gap { from_ms, to_ms };
        assert_eq!(gaps([0, 500, 3_000, 3_100], 9_000, 2_000), [gap(500, 3_000), gap(3_100, 9_000)]);
        assert_eq!(gaps([2_500], 2_600, 2_000), [gap(0, 2_500)]);
        assert_eq!(gaps([], 1_000, 2_000), []);
    }

    #[test]
    fn a_piece_is_spread_over_the_bars_that_it_covers() {
        assert_eq!(histogram(&[(0, 1_000, 10), (500, 2_500, 40)], 4_000, 4), [20, 20, 10, 0]);
        assert_eq!(histogram(&[(5_000, 5_000, 3)], 4_000, 4), [0, 0, 0, 3]);
        assert_eq!(histogram(&[(0, 0, 3)], 0, 2), [3, 0]);
    }

    #[test]
    fn bars_are_scaled_to_the_busiest() {
        assert_eq!(bars(&[0, 4, 16], 13), "M1 13v-1M4 13v-7M7 13v-13");
        assert_eq!(bars(&[0], 13), "M1 13v-1");
    }
}
