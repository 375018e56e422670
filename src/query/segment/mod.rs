mod choices;
mod views;

pub use choices::{Choice, Choices, choices};
pub(super) use views::{View, views};

use chrono::NaiveDate;

use crate::analysis::heat::ElementKey;
use crate::event::Device;

/// The page views that are asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Site of the pages.
    pub site_id: i32,
    /// The page, or all pages of a template.
    pub pages: Vec<i32>,
    /// Class of device.
    pub device: Device,
    /// Which of their page views.
    pub segment: Segment,
}

/// Which page views of a page: those of some days, of which all that is said here is true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// First day (UTC) on which they began.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Smallest and largest width of the viewport, CSS px.
    pub viewport: Option<(i32, i32)>,
    /// Browser of the session, with its version or without.
    pub browser: Option<String>,
    /// Country of the session, two upper case letters.
    pub country: Option<String>,
    /// Where the session came from.
    pub referrer: Option<Referrer>,
    /// Tag of the session: its name, and its value if that matters. The newest value of a name is the one that holds.
    pub tag: Option<(String, Option<String>)>,
    /// Is it the visitor's first session?
    pub visits: Option<Visits>,
    /// An element that was clicked in the page view.
    pub clicked: Option<ElementKey>,
    /// Pages of which the session viewed one, before or after.
    pub converted: Option<Vec<i32>>,
    /// Suspect page views as well.
    pub suspects: bool,
}

/// Where a session came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Referrer {
    /// From nowhere that the browser told.
    Direct,
    /// From a page of this host.
    Host(String),
}

/// Has the visitor been here before?
///
/// Nothing is stored on visitors' devices, so this is known within limits: a visitor has the same pseudonym for a day, so somebody who comes back
/// the next day counts as new, unless the page said by `identify()` who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visits {
    /// No earlier session of the same pseudonym or of the same id is known.
    New,
    /// There is one.
    Returning,
}

impl Segment {
    /// All page views of these days but the suspect ones.
    pub fn of_days(from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            from,
            to,
            viewport: None,
            browser: None,
            country: None,
            referrer: None,
            tag: None,
            visits: None,
            clicked: None,
            converted: None,
            suspects: false,
        }
    }

    /// Does it let in all page views of its days but the suspect ones? Then the sums of whole days hold.
    pub fn is_plain(&self) -> bool {
        *self == Self::of_days(self.from, self.to)
    }

    /// Does anything depend on the session, so that it has to be looked at?
    fn asks_session(&self) -> bool {
        self.browser.is_some() || self.country.is_some() || self.referrer.is_some() || self.visits.is_some()
    }
}

impl Visits {
    /// The visits of this name in urls.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "new" => Some(Self::New),
            "returning" => Some(Self::Returning),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_plain_until_something_is_asked() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let plain = Segment::of_days(day, day);
        assert!(plain.is_plain() && !plain.asks_session());
        assert!(!Segment { suspects: true, ..plain.clone() }.is_plain());
        let returning = Segment { visits: Visits::from_name("returning"), ..plain };
        assert!(!returning.is_plain() && returning.asks_session());
    }
}
