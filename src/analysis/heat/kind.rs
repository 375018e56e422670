use crate::event::PointerType;

/// What a heatmap shows (docs/heatmaps.md defines each).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HeatKind {
    /// Time along the interpolated path of the pointer.
    Movement,
    /// Time that a row of the page was in view of somebody who did something.
    Attention,
    /// Clicks.
    Click,
    /// The first click of each page view.
    FirstClick,
    /// Clicks of bursts on one spot.
    Rage,
    /// Clicks that nothing answered.
    Dead,
    /// Time over an element before it was clicked.
    Hesitation,
    /// Page views whose deepest row in view was this one.
    Reach,
}

/// What the amounts of a kind are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Sixteenths of a millisecond.
    Time,
    /// Whole clicks.
    Clicks,
    /// Whole page views.
    Views,
}

/// Kind, its name in urls and JSON, its column in Postgres, its unit.
const TABLE: [(HeatKind, &str, Unit); 8] = [
    (HeatKind::Movement, "movement", Unit::Time),
    (HeatKind::Attention, "attention", Unit::Time),
    (HeatKind::Click, "click", Unit::Clicks),
    (HeatKind::FirstClick, "first_click", Unit::Clicks),
    (HeatKind::Rage, "rage", Unit::Clicks),
    (HeatKind::Dead, "dead", Unit::Clicks),
    (HeatKind::Hesitation, "hesitation", Unit::Time),
    (HeatKind::Reach, "reach", Unit::Views),
];

impl HeatKind {
    /// All of them, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Name in urls, in JSON and of the column in Postgres.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// What its amounts are.
    pub fn unit(self) -> Unit {
        TABLE[self as usize].2
    }

    /// Does it say something of whole rows of the page, and nothing of left and right?
    pub fn is_by_row(self) -> bool {
        matches!(self, Self::Attention | Self::Reach)
    }
}

/// Class of pointing device. Heat of one is never mixed with that of another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PointerClass {
    /// A mouse, a touchpad, or what the browser has no name for. What is by row stands here, too.
    Mouse,
    /// Fingers.
    Touch,
    /// A stylus.
    Pen,
}

impl PointerClass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mouse, Self::Touch, Self::Pen];

    /// The class of a pointer.
    pub fn of(pointer: PointerType) -> Self {
        match pointer {
            PointerType::Mouse | PointerType::Unknown => Self::Mouse,
            PointerType::Touch => Self::Touch,
            PointerType::Pen => Self::Pen,
        }
    }

    /// Name in urls and in JSON.
    pub fn name(self) -> &'static str {
        ["mouse", "touch", "pen"][self as usize]
    }

    /// The class of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for kind in HeatKind::all() {
            assert_eq!(HeatKind::from_name(kind.name()), Some(kind));
        }
    }
}
