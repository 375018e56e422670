use rand::RngExt;
use rand::rngs::StdRng;

use super::chance::normal;

/// Intercept and slope of Fitts's law for a mouse, ms and ms a bit. The slope is the reciprocal of 5 bits a second; with the intercept a
/// middling movement of 4 bits runs at 4.4, inside the 3.7 to 4.9 bits a second that Soukoreff and MacKenzie (2004, International
/// Journal of Human-Computer Studies 61) collect from studies of the mouse.
const FITTS_MS: (f64, f64) = (100.0, 200.0);
/// Share of a stroke's time that its first, ballistic part takes when corrections follow (after Meyer et al. 1988, Psychological Review 95).
const BALLISTIC_SHARE: f64 = 0.72;
/// Physiological tremor of the hand lies between 8 and 12 Hz (Elble and Koller 1990, Tremor).
const TREMOR_HZ: (f64, f64) = (8.0, 12.0);
const TREMOR_WAVES: usize = 3;

/// Time to move `distance_px` onto a target `width_px` wide, ms: a + b log2(D / W + 1), the Shannon formulation of Fitts's law
/// (MacKenzie 1992, Human-Computer Interaction 7).
pub fn fitts_ms(distance_px: f64, width_px: f64) -> f64 {
    FITTS_MS.0 + FITTS_MS.1 * (distance_px / width_px.max(1.0) + 1.0).log2()
}

/// Share of the way covered at `share` of the time in a minimum-jerk movement (Flash and Hogan 1985, Journal of Neuroscience 5).
pub fn minimum_jerk(share: f64) -> f64 {
    let t = share.clamp(0.0, 1.0);
    t * t * t * (10.0 + t * (6.0 * t - 15.0))
}

/// A movement of the hand from rest to rest: a ballistic part that seldom lands exactly, and corrections of what is left.
pub struct Stroke {
    parts: Vec<Part>,
}

/// One minimum-jerk movement. It begins at `begin_ms` of its stroke.
struct Part {
    begin_ms: f64,
    length_ms: f64,
    from: (f64, f64),
    to: (f64, f64),
    /// How far the middle of the way bulges to its left, px.
    bulge_px: f64,
}

impl Stroke {
    /// Moves to `to`, which lies in a target `width_px` wide. `pace` stretches the time: 1 is the law's own.
    pub fn new(rng: &mut StdRng, from: (f64, f64), to: (f64, f64), width_px: f64, pace: f64) -> Self {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let distance = dx.hypot(dy);
        let length_ms = fitts_ms(distance, width_px) * pace;
        // Where the ballistic part lands: its spread grows with the distance (Schmidt et al. 1979), mostly along the way.
        let (along, across) = (distance * (0.01 + 0.045 * normal(rng)), distance * 0.015 * normal(rng));
        let (ux, uy) = if distance > 0.0 { (dx / distance, dy / distance) } else { (0.0, 0.0) };
        let landing = (to.0 + ux * along - uy * across, to.1 + uy * along + ux * across);
        let bulge_px = (distance * 0.035 * normal(rng)).clamp(-40.0, 40.0);
        // A landing within the target needs no correction.
        let stops = if along.hypot(across) < width_px / 2.0 || distance < 30.0 {
            vec![(1.0, to)]
        } else if rng.random_bool(0.3) {
            let left = (to.0 - landing.0, to.1 - landing.1);
            vec![(BALLISTIC_SHARE, landing), (0.88, (landing.0 + 0.8 * left.0, landing.1 + 0.8 * left.1)), (1.0, to)]
        } else {
            vec![(BALLISTIC_SHARE, landing), (1.0, to)]
        };
        let (mut at, mut begun) = (from, 0.0);
        let parts = stops
            .into_iter()
            .map(|(share, stop)| {
                let part = Part {
                    begin_ms: begun * length_ms,
                    length_ms: (share - begun) * length_ms,
                    from: at,
                    to: stop,
                    bulge_px: if begun == 0.0 { bulge_px } else { 0.0 },
                };
                (at, begun) = (stop, share);
                part
            })
            .collect();
        Self { parts }
    }

    /// Moves at the speed of reading instead of pointing: one part that takes as long as it is told.
    pub fn slow(from: (f64, f64), to: (f64, f64), length_ms: f64) -> Self {
        Self { parts: vec![Part { begin_ms: 0.0, length_ms, from, to, bulge_px: 0.0 }] }
    }

    /// How long it takes, ms.
    pub fn length_ms(&self) -> f64 {
        self.parts.last().map_or(0.0, |part| part.begin_ms + part.length_ms)
    }

    /// Where it is after `at_ms`.
    pub fn place(&self, at_ms: f64) -> (f64, f64) {
        let index = self.parts.iter().rposition(|part| part.begin_ms <= at_ms).unwrap_or(0);
        let part = &self.parts[index];
        let share = minimum_jerk((at_ms - part.begin_ms) / part.length_ms.max(1.0));
        let (dx, dy) = (part.to.0 - part.from.0, part.to.1 - part.from.1);
        let bulge = part.bulge_px * (std::f64::consts::PI * share).sin() / dx.hypot(dy).max(1.0);
        (part.from.0 + dx * share - dy * bulge, part.from.1 + dy * share + dx * bulge)
    }
}

/// The shake of a hand: three waves, each way of its own.
pub struct Tremor {
    /// Amplitude px, frequency Hz, phase, for x and y in turn.
    waves: [(f64, f64, f64); 2 * TREMOR_WAVES],
}

impl Tremor {
    /// It never moves the hand further than `amplitude_px` on an axis.
    pub fn new(rng: &mut StdRng, amplitude_px: f64) -> Self {
        let wave = |_| {
            let hz = rng.random_range(TREMOR_HZ.0..TREMOR_HZ.1);
            (amplitude_px / TREMOR_WAVES as f64, hz, rng.random_range(0.0..std::f64::consts::TAU))
        };
        Self { waves: std::array::from_fn(wave) }
    }

    /// How far it moves the hand at this time, px.
    pub fn at(&self, at_ms: f64) -> (f64, f64) {
        let sum = |waves: &[(f64, f64, f64)]| {
            waves.iter().map(|(px, hz, phase)| px * (std::f64::consts::TAU * hz * at_ms / 1_000.0 + phase).sin()).sum()
        };
        (sum(&self.waves[..TREMOR_WAVES]), sum(&self.waves[TREMOR_WAVES..]))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_stroke_begins_where_it_was_and_ends_at_its_target() {
        let mut rng = StdRng::seed_from_u64(3);
        for _ in 0..500 {
            let from = (rng.random_range(0.0..1400.0), rng.random_range(0.0..900.0));
            let to = (rng.random_range(0.0..1400.0), rng.random_range(0.0..900.0));
            let stroke = Stroke::new(&mut rng, from, to, 40.0, 1.1);
            assert_eq!(stroke.place(0.0), from);
            let end = stroke.place(stroke.length_ms());
            assert!((end.0 - to.0).hypot(end.1 - to.1) < 1e-6, "{end:?} instead of {to:?}");
        }
    }

    #[test]
    fn the_duration_follows_fitts() {
        let mut rng = StdRng::seed_from_u64(4);
        for (distance, width, bits) in [(0.0, 40.0, 0.0), (60.0, 20.0, 2.0), (630.0, 10.0, 6.0)] {
            let stroke = Stroke::new(&mut rng, (0.0, 0.0), (distance, 0.0), width, 1.0);
            assert!((stroke.length_ms() - (100.0 + 200.0 * bits)).abs() < 1e-6);
        }
    }

    #[test]
    fn the_peak_velocity_of_a_minimum_jerk_movement_is_15_eighths_of_its_mean() {
        let steps = 10_000;
        let velocity =
            |i: u32| (minimum_jerk(f64::from(i + 1) / f64::from(steps)) - minimum_jerk(f64::from(i) / f64::from(steps))) * f64::from(steps);
        let peak = (0..steps).map(velocity).fold(0.0, f64::max);
        assert!((peak - 1.875).abs() < 1e-4, "{peak}");
    }

    #[test]
    fn some_strokes_overshoot_and_come_back() {
        let mut rng = StdRng::seed_from_u64(5);
        let overshoots = (0..400).filter(|_| {
            let stroke = Stroke::new(&mut rng, (0.0, 0.0), (800.0, 0.0), 20.0, 1.0);
            (0..=100).any(|i| stroke.place(stroke.length_ms() * f64::from(i) / 100.0).0 > 810.0)
        });
        assert!((80..320).contains(&overshoots.count()));
    }

    #[test]
    fn the_tremor_is_bounded_and_never_still() {
        let tremor = Tremor::new(&mut StdRng::seed_from_u64(6), 0.5);
        let offsets: Vec<_> = (0..5_000).map(|ms| tremor.at(f64::from(ms))).collect();
        assert!(offsets.iter().all(|(x, y)| x.abs() <= 0.5 && y.abs() <= 0.5));
        assert!(offsets.iter().any(|(x, _)| *x > 0.2) && offsets.iter().any(|(x, _)| *x < -0.2));
    }
}
