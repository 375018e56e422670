/// Octagon: the interval of each of its four directions is all that a sample costs.
const DIRECTIONS: [(f64, f64); 4] = [
    (1.0, 0.0),
    (std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2),
    (0.0, 1.0),
    (-std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2),
];
/// cos(pi / 8): from the middle of an octagon to its sides, where its corners are 1 away.
const INSET: f64 = 0.923_879_532_511_286_7;
/// A gap longer than this is a rest, ms.
const REST_MS: u32 = 100;
/// A rest ends this long before the sample that follows it, ms: about one interval of a slow device.
const REST_END_MS: u32 = 16;

/// A point that is kept: whole ms, whole px. `note` is what came with its sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vertex<Note> {
    /// Time, ms.
    pub at_ms: u32,
    /// Place, px.
    pub x: i32,
    /// Place, px.
    pub y: i32,
    /// What came with the sample.
    pub note: Note,
}

/// Drops each sample that the straight line between the kept ones, at constant speed, stays near; `snippet/src/thin.ts` is its twin.
///
/// It is the cone of the swing filter in two dimensions. From the last kept vertex (the anchor) each sample allows a band of speeds: those
/// whose line passes it within the tolerance at its own time. The disc of the tolerance is replaced by the regular octagon inside it, so
/// that four bands are all there is to keep: constant time and memory a sample. While the newest sample lies inside all bands it is the
/// candidate; when one doesn't, the candidate before it is kept and becomes the anchor.
/// (Elmeleegy et al., Online Piece-wise Linear Approximation of Numerical Streams with Precision Guarantees, VLDB 2009.)
///
/// The path through the kept vertices is within the tolerance of each sample at that sample's time, rounding included. Where several
/// vertices have one time, the path at that time is the segment between them.
pub struct Thinner<Note> {
    radius_px: f64,
    anchor: Option<(u32, i32, i32)>,
    candidate: Option<Vertex<Note>>,
    /// Band of speeds of each direction, px a ms: lowest, highest.
    bands: [(f64, f64); 4],
    /// The last sample as the device gave it: where a rest is.
    last: Option<(u32, f64, f64, Note)>,
}

impl<Note: Copy> Thinner<Note> {
    /// `tolerance_px` is at least 1: rounding to whole px alone costs up to 0.71 px.
    pub fn new(tolerance_px: f64) -> Self {
        assert!(tolerance_px >= 1.0, "a tolerance under 1 px can't be kept with whole px");
        Self { radius_px: tolerance_px * INSET, anchor: None, candidate: None, bands: [OPEN; 4], last: None }
    }

    /// Takes a sample of the device; `at_ms` never falls. Appends what is kept now to `kept`.
    pub fn sample(&mut self, at_ms: u32, x: f64, y: f64, note: Note, kept: &mut Vec<Vertex<Note>>) {
        self.hold(at_ms, kept);
        self.take(at_ms, x, y, note, kept);
        self.last = Some((at_ms, x, y, note));
    }

    /// Takes a point that is kept in any case, such as a click, and that the caller records itself: the path passes through it exactly.
    pub fn exact(&mut self, at_ms: u32, x: i32, y: i32, note: Note, kept: &mut Vec<Vertex<Note>>) {
        self.hold(at_ms, kept);
        let (real_x, real_y) = (f64::from(x), f64::from(y));
        if !self.follows(at_ms, real_x, real_y) {
            self.flush(kept);
        }
        self.drop_anchor(at_ms, x, y);
        self.last = Some((at_ms, real_x, real_y, note));
    }

    /// Keeps the candidate, if there is one.
    pub fn flush(&mut self, kept: &mut Vec<Vertex<Note>>) {
        if let Some(vertex) = self.candidate.take() {
            self.drop_anchor(vertex.at_ms, vertex.x, vertex.y);
            kept.push(vertex);
        }
    }

    /// Ends the path: the next sample begins another one.
    pub fn end(&mut self, kept: &mut Vec<Vertex<Note>>) {
        self.flush(kept);
        self.anchor = None;
        self.last = None;
    }

    /// A device that rests is silent. Without a sample at the end of the rest the path would creep towards the next place all along it.
    fn hold(&mut self, at_ms: u32, kept: &mut Vec<Vertex<Note>>) {
        if let Some((last_ms, x, y, note)) = self.last
            && at_ms - last_ms > REST_MS
        {
            self.take(at_ms - REST_END_MS, x, y, note, kept);
        }
    }

    fn take(&mut self, at_ms: u32, x: f64, y: f64, note: Note, kept: &mut Vec<Vertex<Note>>) {
        let next = Vertex { at_ms, x: x.round() as i32, y: y.round() as i32, note };
        if !self.follows(at_ms, x, y) {
            self.flush(kept);
            if !self.follows(at_ms, x, y) {
                // The first sample of all, or a second one in the anchor's ms and away from it.
                self.candidate = Some(next);
                self.flush(kept);
            }
        }
        if self.anchor.is_some_and(|(anchor_ms, ..)| at_ms > anchor_ms) {
            self.candidate = Some(next);
        }
    }

    /// May the line from the anchor end at this sample? Narrows the bands by it; once the answer was no, they count for nothing.
    fn follows(&mut self, at_ms: u32, x: f64, y: f64) -> bool {
        let Some((anchor_ms, anchor_x, anchor_y)) = self.anchor else { return false };
        let span_ms = f64::from(at_ms - anchor_ms);
        let (real_x, real_y) = (x - f64::from(anchor_x), y - f64::from(anchor_y));
        let (sent_x, sent_y) = (x.round() - f64::from(anchor_x), y.round() - f64::from(anchor_y));
        self.bands.iter_mut().zip(DIRECTIONS).all(|((lowest, highest), (ux, uy))| {
            let real = ux * real_x + uy * real_y;
            // At the anchor's own time there is no line: the anchor itself has to be near enough.
            if span_ms == 0.0 {
                return real.abs() <= self.radius_px;
            }
            // The place that is kept is the rounded one, the place to stay near is the real one.
            let speed = (ux * sent_x + uy * sent_y) / span_ms;
            let inside = (*lowest..=*highest).contains(&speed);
            *lowest = lowest.max((real - self.radius_px) / span_ms);
            *highest = highest.min((real + self.radius_px) / span_ms);
            inside
        })
    }

    fn drop_anchor(&mut self, at_ms: u32, x: i32, y: i32) {
        self.anchor = Some((at_ms, x, y));
        self.candidate = None;
        self.bands = [OPEN; 4];
    }
}

/// The band before any sample: all speeds.
const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOLERANCE_PX: f64 = 2.0;

    fn thin(samples: &[(u32, f64, f64)]) -> Vec<Vertex<()>> {
        let mut thinner = Thinner::new(TOLERANCE_PX);
        let mut kept = Vec::new();
        for (at_ms, x, y) in samples {
            thinner.sample(*at_ms, *x, *y, (), &mut kept);
        }
        thinner.flush(&mut kept);
        kept
    }

    /// Smallest distance at the sample's time between it and the path, px.
    fn error_px(path: &[Vertex<()>], (at_ms, x, y): (u32, f64, f64)) -> f64 {
        let to = |px: f64, py: f64| (px - x).hypot(py - y);
        let mut least = f64::INFINITY;
        for vertex in path.iter().filter(|vertex| vertex.at_ms == at_ms) {
            least = least.min(to(f64::from(vertex.x), f64::from(vertex.y)));
        }
        for pair in path.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if (a.at_ms..=b.at_ms).contains(&at_ms) && a.at_ms < b.at_ms {
                let share = f64::from(at_ms - a.at_ms) / f64::from(b.at_ms - a.at_ms);
                let mix = |from: i32, to: i32| f64::from(from) + f64::from(to - from) * share;
                least = least.min(to(mix(a.x, b.x), mix(a.y, b.y)));
            }
        }
        // Before the last vertex there is always a segment; behind it the path stays.
        if let Some(last) = path.last().filter(|last| last.at_ms <= at_ms) {
            least = least.min(to(f64::from(last.x), f64::from(last.y)));
        }
        least
    }

    fn assert_near(samples: &[(u32, f64, f64)]) -> Result<(), TestCaseError> {
        let path = thin(samples);
        prop_assert!(path.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
        for sample in samples {
            let error = error_px(&path, *sample);
            prop_assert!(error <= TOLERANCE_PX + 1e-6, "{error} px off at {sample:?} of {path:?}");
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn a_random_path_stays_within_the_tolerance(
            steps in prop::collection::vec((0_u32..300, -40.0..40.0_f64, -40.0..40.0_f64), 1..200),
            slow in 0.01..1.0_f64,
        ) {
            let mut at = (0, 500.0, 500.0);
            let samples: Vec<_> = steps.iter().map(|(dt, dx, dy)| {
                at = (at.0 + dt % 120, at.1 + dx * slow, at.2 + dy * slow);
                at
            }).collect();
            assert_near(&samples)?;
        }

        #[test]
        fn a_smooth_path_stays_within_the_tolerance_and_gets_much_shorter(
            radius in 50.0..800.0_f64, turns_a_s in 0.1..0.5_f64, phase in 0.0..6.3_f64,
        ) {
            let samples: Vec<_> = (0..400_u32).map(|i| {
                let angle = phase + f64::from(i) * 0.008 * turns_a_s * std::f64::consts::TAU;
                (i * 8, 900.0 + radius * angle.cos(), 900.0 + radius * (2.0 * angle).sin())
            }).collect();
            assert_near(&samples)?;
            prop_assert!(thin(&samples).len() < samples.len() / 3);
        }
    }

    #[test]
    fn a_rest_is_kept_as_two_points() {
        let path = thin(&[(0, 0.0, 0.0), (8, 4.0, 0.0), (16, 8.0, 0.0), (3_016, 30.0, 0.0), (3_024, 60.0, 0.0)]);
        let rest: Vec<_> = path.iter().filter(|vertex| vertex.x == 8).map(|vertex| vertex.at_ms).collect();
        assert_eq!(rest, [16, 3_000]);
    }

    #[test]
    fn a_second_place_in_the_same_ms_is_kept() {
        let path = thin(&[(5, 0.0, 0.0), (5, 50.0, 0.0), (5, 50.5, 0.0)]);
        assert_eq!(path.iter().map(|vertex| (vertex.at_ms, vertex.x)).collect::<Vec<_>>(), [(5, 0), (5, 50)]);
    }

    #[test]
    fn a_steady_line_is_two_points() {
        let samples: Vec<_> = (0..100).map(|i| (i * 8, f64::from(i) * 3.0, f64::from(i) * 2.0)).collect();
        assert_eq!(thin(&samples).len(), 2);
    }

    #[test]
    fn the_path_passes_through_exact_points() {
        let mut thinner = Thinner::new(TOLERANCE_PX);
        let mut kept = Vec::new();
        for i in 0..10 {
            thinner.sample(i * 8, f64::from(i) * 3.0, 0.0, (), &mut kept);
        }
        // The path so far leads straight to the click, so nothing else is needed.
        thinner.exact(80, 30, 0, (), &mut kept);
        assert_eq!(kept.len(), 1);
        thinner.sample(88, 30.0, 20.0, (), &mut kept);
        thinner.sample(96, 30.0, 20.0, (), &mut kept);
        assert_eq!(kept.last().map(|vertex| (vertex.at_ms, vertex.y)), Some((88, 20)));
    }
}
