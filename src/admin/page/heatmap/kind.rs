use crate::analysis::heat::HeatKind;

/// What the page says of a kind of heat.
pub struct KindWords {
    /// Its name.
    pub name: &'static str,
    /// One line: what it shows.
    pub what: &'static str,
    /// How it is counted, as docs/heatmaps.md has it.
    pub how: &'static str,
    /// What the legend counts.
    pub unit: &'static str,
    /// For what of the page it counts.
    pub of: &'static str,
}

const SPOT: &str = "in 16 × 16 px";

/// The words for a kind.
pub fn words(kind: HeatKind) -> KindWords {
    let (name, unit, of, what, how) = match kind {
        HeatKind::Movement => (
            "Movement",
            "Seconds per 100 sessions",
            SPOT,
            "Where the pointer was, and for how long.",
            "Between two kept points the pointer went straight and at constant speed. The time between them is spread along that \
             line; a rest gives its time to one place, at most 5 seconds.",
        ),
        HeatKind::Attention => (
            "Attention",
            "Seconds a session",
            "row by row",
            "How long each row of the page was in view of somebody who was there.",
            "Time counts for a row while the tab is visible, somebody is active (a movement, press, scroll, key or the like in the \
             last 10 seconds), and the row is in the window.",
        ),
        HeatKind::Click => (
            "Clicks",
            "Clicks per 100 sessions",
            SPOT,
            "Where people click or tap.",
            "Every click once, at its share of the element’s box. Clicks by keyboard have no place and are not counted.",
        ),
        HeatKind::FirstClick => (
            "First click",
            "First clicks per 100 sessions",
            SPOT,
            "What people go for first.",
            "The first click of each page view, and no other.",
        ),
        HeatKind::Rage => (
            "Rage",
            "Rage clicks per 100 sessions",
            SPOT,
            "Clicks of bursts on one spot.",
            "Three or more clicks, each within 1 second and 30 px of the one before. Three that select a paragraph, and bursts that \
             the page answered, are not counted.",
        ),
        HeatKind::Dead => (
            "Dead",
            "Dead clicks per 100 sessions",
            SPOT,
            "Clicks that nothing answered.",
            "Within 1 second after the click the page did not change, scroll, open, copy or leave. Fields answer by themselves. \
             What can’t be known is not counted.",
        ),
        HeatKind::Hesitation => (
            "Hesitation",
            "Seconds per 100 sessions",
            SPOT,
            "How long the pointer was over something before it was pressed.",
            "From the moment at which the pointer comes over the button or link to its first press, drawn where the click was; \
             rests count at most 5 seconds. Fingers have none.",
        ),
        HeatKind::Reach => (
            "Scroll reach",
            "Share of page views",
            "row by row",
            "How far down people get.",
            "The share of page views whose window reached this row, at any time while the tab was visible.",
        ),
    };
    KindWords { name, what, how, unit, of }
}
