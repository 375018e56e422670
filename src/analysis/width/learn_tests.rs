use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Breakpoints;
use super::learn::*;

/// Widths as a shop sees them: phones, a few tablets, laptops, and windows of any size.
fn shop() -> Vec<(i32, i64)> {
    let modes =
        [(360, 900), (375, 400), (390, 1_500), (412, 700), (430, 500), (768, 160), (820, 240), (1_280, 500), (1_366, 700), (1_440, 900)];
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
    let more: Vec<_> = shop()
        .into_iter()
        .map(|(width, count)| if (700..900).contains(&width) { (width, count * 5 / 4) } else { (width, count) })
        .collect();
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
