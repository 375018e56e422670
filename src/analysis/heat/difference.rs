use super::{Background, Drawing, HeatKind, PointerClass};

/// Side of a block that two segments are compared in, CSS px of the background.
const BLOCK_PX: u32 = 32;
/// Sessions that were in a block, of both segments together, below which it says nothing.
const MIN_SEEN: u32 = 10;
/// Sessions that each segment needs.
const MIN_SESSIONS: u32 = 20;
/// Welch's t above which a difference is shown: 99 % on both sides, for many sessions.
const MIN_T: f64 = 2.576;
/// What an endless t is written as.
const MAX_T: f64 = 1_000.0;

/// Two segments of sessions, compared block by block.
///
/// In each block: the amount of every session of a segment (most of them 0) gives a mean and a variance, and Welch's t-test
/// (B. L. Welch, Biometrika 34, 1947) says whether the means differ. A block is blank where fewer than 10 sessions were in it, where a segment
/// has fewer than 20 sessions, or where |t| < 2.576.
#[derive(Debug)]
pub struct Difference<'a> {
    drawing: Drawing<'a>,
    kind: HeatKind,
    sides: [Side; 2],
}

#[derive(Debug, Default)]
struct Side {
    sessions: u32,
    sum: Vec<f64>,
    square: Vec<f64>,
    seen: Vec<u32>,
}

/// A block in which the segments differ.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Differing {
    /// Its index, row after row.
    pub index: usize,
    /// The second segment's mean amount a session less the first one's, in the unit of the kind.
    pub difference: f64,
    /// Welch's t.
    pub t: f64,
}

/// What a comparison gives.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared {
    /// Side of a block, CSS px.
    pub block_px: u32,
    /// Blocks in a row, and rows.
    pub size: (usize, usize),
    /// Sessions of each segment.
    pub sessions: [u32; 2],
    /// Blocks that pass the test.
    pub blocks: Vec<Differing>,
    /// Blocks in which somebody was, and that don't pass.
    pub blank: usize,
}

impl<'a> Difference<'a> {
    /// Nobody yet.
    pub fn new(background: &'a Background, kind: HeatKind, pointer: PointerClass) -> Self {
        let drawing = Drawing::with_cells(background, kind, pointer, BLOCK_PX);
        let count = drawing.size().0 * drawing.size().1;
        let side = || Side { sessions: 0, sum: vec![0.0; count], square: vec![0.0; count], seen: vec![0; count] };
        Self { drawing, kind, sides: [side(), side()] }
    }

    /// Adds all heat of a session to a side, 0 or 1: pieces as `Drawing::add` takes them. `None` where the bytes are no heat.
    pub fn add_session<'b>(&mut self, side: usize, pieces: impl IntoIterator<Item = (&'b [u8], bool)>) -> Option<()> {
        for (bytes, same_layout) in pieces {
            self.drawing.add(bytes, same_layout)?;
        }
        let side = &mut self.sides[side];
        side.sessions += 1;
        let mut put = |index: usize, amount: f64| {
            side.sum[index] += amount;
            side.square[index] += amount * amount;
            side.seen[index] += 1;
        };
        if self.kind == HeatKind::Reach {
            // Who got to a row has passed all above it.
            let mut deepest = None;
            self.drawing.take(|index, _| deepest = deepest.max(Some(index)));
            (0..deepest.map_or(0, |index| index + 1)).for_each(|index| put(index, 1.0));
        } else {
            self.drawing.take(put);
        }
        Some(())
    }

    /// The blocks in which the segments differ.
    pub fn finish(self) -> Compared {
        let [a, b] = &self.sides;
        let is_enough = a.sessions.min(b.sessions) >= MIN_SESSIONS;
        let mut blocks = Vec::new();
        let mut blank = 0;
        for index in 0..a.sum.len() {
            let seen = a.seen[index] + b.seen[index];
            if seen == 0 {
                continue;
            }
            let ((mean_a, error_a), (mean_b, error_b)) = (a.mean(index), b.mean(index));
            let difference = mean_b - mean_a;
            // Where nobody varies, any difference is certain, and no difference is none (0 / 0).
            let t = (difference / (error_a + error_b).sqrt()).clamp(-MAX_T, MAX_T);
            if is_enough && seen >= MIN_SEEN && t.abs() >= MIN_T {
                blocks.push(Differing { index, difference, t });
            } else {
                blank += 1;
            }
        }
        Compared { block_px: BLOCK_PX, size: self.drawing.size(), sessions: [a.sessions, b.sessions], blocks, blank }
    }
}

impl Side {
    /// Mean amount a session in a block, and the squared standard error of it.
    fn mean(&self, index: usize) -> (f64, f64) {
        let n = f64::from(self.sessions.max(1));
        let mean = self.sum[index] / n;
        let variance = (self.square[index] - n * mean * mean).max(0.0) / (n - 1.0).max(1.0);
        (mean, variance / n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::heat::{Cell, ElementKey, Heat, Spot};

    fn heat(clicks: u64) -> Vec<u8> {
        let mut heat = Heat::default();
        let patch = heat.of(Spot { pointer: PointerClass::Mouse, element: ElementKey::DOCUMENT, overlay: ElementKey::DOCUMENT });
        patch.sums.points = clicks;
        patch.cells.insert(Cell::at((640.0, 640.0), (0.5, 0.5)), clicks);
        heat.encode()
    }

    fn compare(a: &[u64], b: &[u64]) -> Compared {
        let background = Background { viewport_w: 640, document: (640, 640), ..Background::default() };
        let mut difference = Difference::new(&background, HeatKind::Click, PointerClass::Mouse);
        for (side, sessions) in [a, b].into_iter().enumerate() {
            for clicks in sessions {
                difference.add_session(side, [(heat(*clicks).as_slice(), true)]).unwrap();
            }
        }
        difference.finish()
    }

    #[test]
    fn a_block_is_shown_where_the_means_of_enough_sessions_differ() {
        let [some, more] = [[0, 1].repeat(20), [1, 2].repeat(20)];
        let compared = compare(&some, &more);
        let [block] = compared.blocks[..] else { panic!("one block") };
        assert_eq!((block.index, block.difference), (10 * 20 + 10, 1.0));
        // Means 0.5 and 1.5, variances 10/39 each: t = 1 / sqrt(2 * 10/39/40).
        assert!((block.t - 8.831_76).abs() < 1e-3, "{}", block.t);
        assert_eq!(compare(&more, &some).blocks[0].difference, -1.0);
    }

    #[test]
    fn the_same_segment_twice_or_too_few_sessions_leave_it_blank() {
        let some = [0, 1].repeat(20);
        assert_eq!((compare(&some, &some).blocks, compare(&some, &some).blank), (vec![], 1));
        let compared = compare(&[0; 19], &[5, 6].repeat(20));
        assert_eq!((compared.blocks.len(), compared.blank), (0, 1));
        assert_eq!(compare(&[0; 30], &[1; 30]).blocks[0].t, 1_000.0);
        let few = [vec![1; 4], vec![0; 96]].concat();
        assert_eq!(compare(&few, &[0; 100]).blank, 1);
    }
}
