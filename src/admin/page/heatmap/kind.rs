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
            "The time between two samples is spread along the way between them. A rest counts until the pointer moves on, at most a second at a time.",
        ),
        HeatKind::Attention => (
            "Attention",
            "Seconds a session",
            "row by row",
            "How long each row of the page was in view of somebody who did something.",
            "The time in which the row was in the window, the tab was in front, and the visitor moved, scrolled, typed or touched a moment before.",
        ),
        HeatKind::Click => (
            "Clicks",
            "Clicks per 100 sessions",
            SPOT,
            "Where people clicked or tapped.",
            "Every click counts once, at its place in the element that was clicked.",
        ),
        HeatKind::FirstClick => (
            "First click",
            "First clicks per 100 sessions",
            SPOT,
            "Where people clicked first: what they took for the way on.",
            "The first click of each page view, and no other.",
        ),
        HeatKind::Rage => (
            "Rage",
            "Rage clicks per 100 sessions",
            SPOT,
            "Where people clicked again and again in anger.",
            "Every click of a burst of at least three on one spot within a second.",
        ),
        HeatKind::Dead => (
            "Dead",
            "Dead clicks per 100 sessions",
            SPOT,
            "Where people clicked and nothing happened.",
            "A click after which the page did not change, scroll, load or take text.",
        ),
        HeatKind::Hesitation => (
            "Hesitation",
            "Seconds per 100 sessions",
            SPOT,
            "Where the pointer waited over something before it was clicked.",
            "The time from the moment the pointer came over an element until it was clicked. Hovers without a click don’t count.",
        ),
        HeatKind::Reach => (
            "Scroll reach",
            "Share of page views",
            "row by row",
            "How far down people got.",
            "The share of page views in which the row was in the window at least once.",
        ),
    };
    KindWords { name, what, how, unit, of }
}
