/// A frame of a slow screen, ms. Offsets change from frame to frame, not within one; and the snippet ends a rest so long before what follows it.
const FRAME_MS: u32 = 17;

/// An offset that changes with time: linear between two of its moments, constant within a frame of the screen, before the first and after the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// Time (ms since the page view began), x, y; ascending in time.
    moments: Vec<(u32, f64, f64)>,
}

impl Timeline {
    /// One that stood at `offset` from the begin until it was moved.
    pub fn starting_at((x, y): (i32, i32)) -> Self {
        Self { moments: vec![(0, f64::from(x), f64::from(y))] }
    }

    pub fn push(&mut self, at_ms: u32, x: i32, y: i32) {
        let (x, y) = (f64::from(x), f64::from(y));
        // A first move is told together with where it began; what came before it was a rest.
        if let [(_, first_x, first_y)] = self.moments[..]
            && (first_x, first_y) != (x, y)
        {
            self.moments.push((at_ms, first_x, first_y));
        }
        self.moments.push((at_ms, x, y));
    }

    /// Where it is at this time.
    pub fn at(&self, at_ms: u32) -> (f64, f64) {
        let after = self.moments.partition_point(|moment| moment.0 <= at_ms);
        let Some(before) = after.checked_sub(1).and_then(|index| self.moments.get(index)) else {
            return self.moments.first().map_or((0.0, 0.0), |moment| (moment.1, moment.2));
        };
        let Some(next) = self.moments.get(after) else { return (before.1, before.2) };
        if next.0 - before.0 <= FRAME_MS {
            return (before.1, before.2);
        }
        let share = f64::from(at_ms - before.0) / f64::from(next.0 - before.0);
        (before.1 + (next.1 - before.1) * share, before.2 + (next.2 - before.2) * share)
    }

    /// How far it moved up and down between two times, both included.
    pub fn spread(&self, from_ms: u32, to_ms: u32) -> f64 {
        let heights = self.turns(from_ms, to_ms).chain([from_ms, to_ms]).map(|at_ms| self.at(at_ms).1);
        let (least, most) = heights.fold((f64::MAX, f64::MIN), |(least, most), y| (least.min(y), most.max(y)));
        most - least
    }

    /// Times between `from_ms` and `to_ms`, both left out, at which its speed changes.
    pub fn turns(&self, from_ms: u32, to_ms: u32) -> impl Iterator<Item = u32> {
        let first = self.moments.partition_point(|moment| moment.0 <= from_ms);
        self.moments[first..].iter().map(|moment| moment.0).take_while(move |at_ms| *at_ms < to_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_evenly_between_two_moments_and_rests_before_the_first() {
        let mut timeline = Timeline::starting_at((0, 100));
        timeline.push(1_000, 0, 100);
        timeline.push(2_000, 0, 300);
        assert_eq!([0, 500, 1_000, 1_250, 2_000, 9_000].map(|at_ms| timeline.at(at_ms).1), [100.0, 100.0, 100.0, 150.0, 300.0, 300.0]);
        assert_eq!([(0, 1_000), (1_500, 2_500), (3_000, 4_000)].map(|(from, to)| timeline.spread(from, to)), [0.0, 100.0, 0.0]);
        assert_eq!(timeline.turns(0, 2_000).collect::<Vec<_>>(), [1_000]);
        timeline.push(9_000, 0, 300);
        timeline.push(9_016, 0, 900);
        assert_eq!([9_015, 9_016].map(|at_ms| timeline.at(at_ms).1), [300.0, 900.0]);
        let mut jump = Timeline::starting_at((0, 0));
        jump.push(5_000, 0, 800);
        assert_eq!([4_999, 5_000].map(|at_ms| jump.at(at_ms).1), [0.0, 800.0]);
    }
}
