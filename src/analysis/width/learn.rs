use std::collections::BTreeMap;

use super::Breakpoints;

/// Days whose page views are learnt from.
pub const LEARN_DAYS: u64 = 28;
/// Page views that it takes.
const ENOUGH: i64 = 200;

/// Breakpoints that style sheets and devices use.
const USUAL: [i32; 18] =
    [480, 600, 640, 768, 834, 900, 960, 992, 1_024, 1_200, 1_280, 1_366, 1_440, 1_536, 1_600, 1_920, 2_048, 2_560];
/// Most breakpoints that are learnt.
const MAX_COUNT: usize = 12;
/// Widths beyond are taken for these: no breakpoint lies there.
const LIMITS: (i32, i32) = (200, 5_000);
/// Share of the page views that a class should have.
const SMALL: f64 = 0.03;
/// How many times its smallest width the end of a class may be.
const WIDEST: f64 = 1.6;
/// Page views so near to a breakpoint, in parts of it, say how empty the stretch around it is.
const NEAR: f64 = 0.06;

/// What a class costs. Two modes that hold a fifth of the page views are told apart from a ratio of 1.25 on: 0.2 * (ln 1.25 / 2)^2.
const CLASS: f64 = 0.002_5;
/// What it costs to cut between page views, per share of them that is near on the emptier side.
const CUT: f64 = 0.1;
/// What a breakpoint costs that nobody else uses.
const UNUSUAL: f64 = 0.001;
/// What a breakpoint saves that lies a tenth or more away from all page views, so that the middle of a wide valley wins.
const ROOM: f64 = 0.000_2;
/// How much new breakpoints must explain better than those of before: more than the usual noise from day to day.
const CLEARLY: f64 = 0.012;

/// Are these enough page views to learn from?
pub fn is_enough(histogram: &[(i32, i64)]) -> bool {
    histogram.iter().map(|(_, views)| views).sum::<i64>() >= ENOUGH
}

/// Finds breakpoints for the viewport widths that were seen: (width, page views), in any order.
///
/// Of all sets of breakpoints it takes the one that costs least. Each class costs the variance of the logarithms of its widths, weighted by its
/// share of the page views, and a little for being there; each breakpoint costs the page views beside it, on the side where there are fewer. So
/// breakpoints fall into the valleys between the modes. They fall on a usual one unless the valley has none, and a class with less than 3 %
/// of the page views joins the nearer neighbour, where that does not make a class in which something was seen more than 1.6 times as wide at its
/// end as at its begin. The first class begins at the smallest width that was seen, the last one ends at the largest.
pub fn learn(histogram: &[(i32, i64)]) -> Breakpoints {
    let seen = Seen::new(histogram);
    if seen.total == 0.0 {
        return Breakpoints::default();
    }
    seen.cheapest()
}

/// The same for a site that has breakpoints: they stay unless new ones explain what was seen clearly better, so that small changes of what was
/// seen move nothing.
///
/// Both are judged by the same costs, in which the two rules are not steps but slopes: page views in too wide a class cost their share, and
/// a class of less than 3 % costs up to two classes.
pub fn relearn(current: &Breakpoints, histogram: &[(i32, i64)]) -> Breakpoints {
    let seen = Seen::new(histogram);
    if seen.total == 0.0 {
        return current.clone();
    }
    let new = seen.cheapest();
    if seen.judge(new.widths()) + CLEARLY < seen.judge(current.widths()) { new } else { current.clone() }
}

/// Sums over the widths up to each, so that a class costs no more to judge than two of them.
struct Seen {
    widths: Vec<i32>,
    /// Before the width of the same index: page views, and their sums of the logarithm and of its square.
    sums: Vec<[f64; 3]>,
    total: f64,
}

/// How strictly the two rules are taken.
#[derive(Clone, Copy)]
enum Rules {
    /// Broken ones cost more than all else.
    Hold,
    /// They cost the more the more they are broken.
    Slope,
}

impl Seen {
    fn new(histogram: &[(i32, i64)]) -> Self {
        let mut sorted: BTreeMap<i32, i64> = BTreeMap::new();
        for (width, count) in histogram.iter().filter(|(_, count)| *count > 0) {
            *sorted.entry((*width).clamp(LIMITS.0, LIMITS.1 - 1)).or_default() += count;
        }
        let mut sums = vec![[0.0; 3]];
        for (width, count) in &sorted {
            let (log, count) = (f64::from(*width).ln(), *count as f64);
            let [views, logs, squares] = sums[sums.len() - 1];
            sums.push([views + count, logs + count * log, squares + count * log * log]);
        }
        Self { widths: sorted.into_keys().collect(), total: sums[sums.len() - 1][0], sums }
    }

    /// Share and weighted variance of the logarithms of the widths from `from` to before `to`.
    fn between(&self, from: i32, to: i32) -> (f64, f64) {
        let [low, high] = [from, to].map(|width| self.sums[self.widths.partition_point(|seen| *seen < width)]);
        let [views, logs, squares] = [0, 1, 2].map(|index| high[index] - low[index]);
        if views <= 0.0 { (0.0, 0.0) } else { (views / self.total, ((squares - logs * logs / views) / self.total).max(0.0)) }
    }

    /// What a class costs. `None` for a bound stands for the end of what was seen.
    fn class(&self, from: Option<i32>, to: Option<i32>, rules: Rules) -> f64 {
        let low = from.unwrap_or(self.widths[0]);
        let high = to.unwrap_or(self.widths[self.widths.len() - 1] + 1);
        let (share, spread) = self.between(from.unwrap_or(0), to.unwrap_or(i32::MAX));
        if share == 0.0 {
            return CLASS;
        }
        let is_wide = f64::from(high) > f64::from(low) * WIDEST;
        let slope = 2.0 * CLASS * (1.0 - share / SMALL).max(0.0);
        let broken = match rules {
            Rules::Hold => f64::from(is_wide) * 10.0 + f64::from(share < SMALL) + slope,
            Rules::Slope => f64::from(is_wide) * share + slope,
        };
        CLASS + spread + broken
    }

    fn cut(&self, at: i32) -> f64 {
        let near = |times: f64| (f64::from(at) * times).round() as i32;
        let below = self.between(near(1.0 - NEAR), at).0;
        let above = self.between(at, near(1.0 + NEAR)).0;
        let next = self.widths.partition_point(|seen| *seen < at);
        let gap = |index: Option<usize>| index.and_then(|index| self.widths.get(index)).map_or(1.0, |seen| (f64::from(at) / f64::from(*seen)).ln().abs());
        let room = gap(next.checked_sub(1)).min(gap(Some(next))).min(0.1) * 10.0;
        CUT * below.min(above) + if USUAL.contains(&at) { 0.0 } else { UNUSUAL } - ROOM * room
    }

    fn judge(&self, widths: &[i32]) -> f64 {
        let bounds: Vec<_> = std::iter::once(None).chain(widths.iter().copied().map(Some)).chain([None]).collect();
        let classes: f64 = bounds.windows(2).map(|pair| self.class(pair[0], pair[1], Rules::Slope)).sum();
        classes + widths.iter().map(|width| self.cut(*width)).sum::<f64>()
    }

    /// The cheapest breakpoints: for each candidate the cheapest way to get there with so many before it.
    fn cheapest(&self) -> Breakpoints {
        let rules = Rules::Hold;
        let candidates = candidates();
        // By count of breakpoints before and candidate: cost up to it, and the candidate before.
        let mut ways: Vec<Vec<(f64, usize)>> = vec![candidates.iter().map(|at| (self.class(None, Some(*at), rules) + self.cut(*at), 0)).collect()];
        let costs: Vec<Vec<f64>> = candidates
            .iter()
            .enumerate()
            .map(|(index, to)| candidates[..index].iter().map(|from| self.class(Some(*from), Some(*to), rules)).collect())
            .collect();
        let cuts: Vec<f64> = candidates.iter().map(|at| self.cut(*at)).collect();
        for _ in 1..MAX_COUNT {
            let before = &ways[ways.len() - 1];
            let best = |index: usize| {
                let ways = (0..index).map(|from| (before[from].0 + costs[index][from] + cuts[index], from));
                ways.min_by(|one, other| one.0.total_cmp(&other.0)).unwrap_or((f64::INFINITY, 0))
            };
            ways.push((0..candidates.len()).map(best).collect());
        }
        let ends = ways.iter().enumerate().flat_map(|(count, ways)| ways.iter().enumerate().map(move |(index, way)| (count, index, way.0)));
        let last: Vec<f64> = candidates.iter().map(|from| self.class(Some(*from), None, rules)).collect();
        let best = ends.min_by(|one, other| (one.2 + last[one.1]).total_cmp(&(other.2 + last[other.1])));
        let Some((mut count, mut index, _)) = best else { return Breakpoints::default() };
        let mut widths = vec![candidates[index]];
        while count > 0 {
            index = ways[count][index].1;
            count -= 1;
            widths.push(candidates[index]);
        }
        widths.reverse();
        Breakpoints::new(widths).unwrap_or_default()
    }
}

/// Where a breakpoint may be put: at the usual ones, and at multiples of ten that lie about 2 % apart.
fn candidates() -> Vec<i32> {
    let (low, high) = (f64::from(LIMITS.0), f64::from(LIMITS.1));
    let steps = ((high / low).log2() * 32.0) as i32;
    let mut all: Vec<i32> = (0..=steps).map(|step| (low * (f64::from(step) / 32.0).exp2() / 10.0).round() as i32 * 10).chain(USUAL).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Widths as a shop sees them: phones, a few tablets, laptops, and windows of any size.
    fn shop() -> Vec<(i32, i64)> {
        let modes = [(360, 900), (375, 400), (390, 1_500), (412, 700), (430, 500), (768, 160), (820, 240), (1_280, 500), (1_366, 700), (1_440, 900)];
        let windows = (900..1_900).step_by(7).map(|width| (width, 2));
        modes.into_iter().chain([(1_536, 1_100), (1_920, 1_700), (2_560, 400)]).chain(windows).collect()
    }

    fn share(histogram: &[(i32, i64)], class: std::ops::Range<i32>) -> f64 {
        let sum = |filter: &dyn Fn(i32) -> bool| -> i64 { histogram.iter().filter(|seen| filter(seen.0)).map(|seen| seen.1).sum() };
        sum(&|width| class.contains(&width)) as f64 / sum(&|_| true) as f64
    }

    /// Is a class wider than it may be, with something seen in it?
    fn is_stretched(histogram: &[(i32, i64)], class: &std::ops::Range<i32>) -> bool {
        let limited = histogram.iter().filter(|seen| seen.1 > 0).map(|seen| seen.0.clamp(LIMITS.0, LIMITS.1 - 1));
        let low = if class.start == 0 { limited.clone().min().unwrap() } else { class.start };
        let high = if class.end == i32::MAX { limited.max().unwrap() + 1 } else { class.end };
        share(histogram, class.clone()) > 0.0 && f64::from(high) > f64::from(low) * WIDEST
    }

    #[test]
    fn breakpoints_fall_into_the_valleys_and_on_usual_ones() {
        let learnt = learn(&shop());
        assert_eq!(learnt.widths(), [480, 640, 1_024, 1_600, 2_048]);
        for class in learnt.classes() {
            assert!(!is_stretched(&shop(), &class), "{class:?}");
        }
    }

    #[test]
    fn modes_of_one_kind_of_device_stay_together_and_others_are_told_apart() {
        let classes = learn(&shop());
        for pair in [(360, 430), (768, 820), (1_366, 1_440)] {
            assert_eq!(classes.class_of(pair.0), classes.class_of(pair.1), "{pair:?}");
        }
        for pair in [(430, 768), (820, 1_280), (1_366, 1_920), (1_920, 2_560)] {
            assert_ne!(classes.class_of(pair.0), classes.class_of(pair.1), "{pair:?}");
        }
    }

    #[test]
    fn a_breakpoint_of_nobody_else_is_taken_where_the_valley_has_no_usual_one() {
        let learnt = learn(&[(1_030, 500), (1_190, 10), (1_340, 500)]);
        assert!(learnt.widths().iter().any(|width| (1_031..=1_340).contains(width) && USUAL.contains(width)), "{learnt:?}");
        let low = learn(&[(250, 500), (330, 500)]);
        assert!(low.widths().iter().any(|width| (251..=330).contains(width) && !USUAL.contains(width)), "{low:?}");
    }

    #[test]
    fn a_small_class_joins_the_nearer_neighbour() {
        // 2 % at 900 px lie between 768 and 1,200, nearer to the first.
        let learnt = learn(&[(768, 500), (900, 20), (1_200, 480)]);
        assert_eq!(learnt.class_of(900), learnt.class_of(768), "{learnt:?}");
        let learnt = learn(&[(768, 500), (1_060, 20), (1_200, 480)]);
        assert_eq!(learnt.class_of(1_060), learnt.class_of(1_200), "{learnt:?}");
    }

    #[test]
    fn nothing_and_one_width_only_can_be_learnt_from() {
        assert_eq!(learn(&[]), Breakpoints::default());
        assert_eq!(learn(&[(1_440, 0)]), Breakpoints::default());
        for width in [-5, 1, 250, 1_440, 9_000, i32::MAX] {
            assert!(!learn(&[(width, 300)]).widths().is_empty(), "{width}");
        }
    }

    #[test]
    fn breakpoints_stay_through_small_changes_and_give_way_to_large_ones() {
        let learnt = learn(&shop());
        // A tenth of the phones bought tablets.
        let more: Vec<_> = shop().into_iter().map(|(width, count)| if (700..900).contains(&width) { (width, count * 5 / 4) } else { (width, count) }).collect();
        assert_eq!(relearn(&learnt, &more), learnt);
        assert_eq!(relearn(&learnt, &[]), learnt);
        let desktop_only: Vec<_> = (0..40).map(|step| (1_300 + step * 30, 20)).collect();
        assert_ne!(relearn(&Breakpoints::new(vec![480]).unwrap(), &desktop_only).widths(), [480]);
        // Breakpoints that are nearly as good as the best stay.
        let others = Breakpoints::new(learnt.widths().iter().map(|width| if *width == 1_200 { 1_100 } else { *width }).collect()).unwrap();
        assert_eq!(relearn(&others, &shop()), others);
    }

    fn histogram() -> impl Strategy<Value = Vec<(i32, i64)>> {
        let mode = (250..4_000i32, 1..2_000i64);
        let window = (200..5_000i32, 1..30i64);
        (prop::collection::vec(mode, 1..12), prop::collection::vec(window, 0..60)).prop_map(|(modes, windows)| {
            let mut all: BTreeMap<i32, i64> = BTreeMap::new();
            for (width, count) in modes.into_iter().chain(windows) {
                *all.entry(width).or_default() += count;
            }
            all.into_iter().collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_layout_is_stretched_and_a_small_class_could_join_no_neighbour(seen in histogram()) {
            let learnt = learn(&seen);
            let classes: Vec<_> = learnt.classes().collect();
            for class in &classes {
                prop_assert!(!is_stretched(&seen, class), "{class:?} of {learnt:?}");
            }
            for pair in classes.windows(2) {
                let both = pair[0].start..pair[1].end;
                let is_small = pair.iter().any(|class| share(&seen, class.clone()) > 0.0 && share(&seen, class.clone()) < SMALL);
                let others = learnt.widths().len() > 1;
                prop_assert!(!(is_small && others) || is_stretched(&seen, &both), "{pair:?} of {learnt:?} could be one");
            }
        }

        #[test]
        fn what_was_learnt_stays_when_every_count_changes_by_a_tenth(seen in histogram(), noise in prop::collection::vec(-10..=10i64, 80)) {
            let learnt = learn(&seen);
            // Widths so scattered that small classes can't be helped are no site's: there the best cut is a matter of single page views.
            if learnt.classes().any(|class| (1e-9..SMALL).contains(&share(&seen, class))) {
                return Ok(());
            }
            let later: Vec<_> = seen.iter().zip(noise.iter().cycle()).map(|((width, count), change)| (*width, count * 10 * (100 + change))).collect();
            prop_assert_eq!(relearn(&learnt, &later), learnt);
        }

        #[test]
        fn the_order_of_the_widths_does_not_matter(seen in histogram()) {
            let mut mixed: Vec<_> = seen.iter().rev().map(|(width, count)| (*width, count * 7)).collect();
            mixed.extend(seen.iter().map(|(width, count)| (*width, count * 3)));
            let times_ten: Vec<_> = seen.iter().map(|(width, count)| (*width, count * 10)).collect();
            prop_assert_eq!(learn(&mixed), learn(&times_ten));
        }
    }
}
