use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};
use serde::Deserialize;

use crate::admin::Error;
use crate::event::Device;

/// Days that a heatmap covers unless the url says otherwise.
const DEFAULT_DAYS: u64 = 28;
/// Years that a day can lie in: wider than what ids can carry.
const YEARS: RangeInclusive<i32> = 2000..=2200;

/// What the url of a heatmap says. What it leaves out has a default.
#[derive(Deserialize, Clone, Default, Debug)]
pub struct HeatmapQuery {
    pub page: Option<String>,
    pub kind: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub device: Option<String>,
    pub suspect: Option<String>,
}

/// Kind, days and device of a heatmap, parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// Clicks instead of time.
    pub clicks: bool,
    /// First day, UTC.
    pub from: NaiveDate,
    /// Last day, UTC.
    pub to: NaiveDate,
    /// `None` where the url leaves it open: the class with the most page views.
    pub device: Option<Device>,
    /// Suspect page views as well.
    pub suspects: bool,
}

impl HeatmapQuery {
    /// Checks kind, days and device.
    pub fn parse(&self, today: NaiveDate) -> Result<Range, Error> {
        let clicks = match self.kind.as_deref() {
            None | Some("movement") => false,
            Some("click") => true,
            Some(_) => return Err(Error::Invalid("A heatmap shows movement or click.")),
        };
        let device = match self.device.as_deref() {
            None => None,
            Some(name) => {
                let known = [Device::Desktop, Device::Tablet, Device::Phone].into_iter().find(|device| device.name() == name);
                Some(known.ok_or(Error::Invalid("A device is desktop, tablet or phone."))?)
            }
        };
        let (from, to) = days(self.from, self.to, today)?;
        Ok(Range { clicks, from, to, device, suspects: is_one(self.suspect.as_deref())? })
    }
}

/// First and last day of a range, UTC, out of a url.
pub fn days_of(from: Option<&str>, to: Option<&str>, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Error> {
    let day =
        |text: Option<&str>| text.map(|text| text.parse().map_err(|_| Error::Invalid("A day is written like 2026-11-24."))).transpose();
    days(day(from)?, day(to)?, today)
}

fn days(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Error> {
    // Postgres' dates begin after chrono's, and at chrono's own end there is no day before.
    if [from, to].into_iter().flatten().any(|day| !YEARS.contains(&day.year())) {
        return Err(Error::Invalid("A day lies between the years 2000 and 2200."));
    }
    let to = to.unwrap_or(today);
    let from = from.unwrap_or(to - Days::new(DEFAULT_DAYS - 1));
    if from > to {
        return Err(Error::Invalid("The first day comes after the last one."));
    }
    Ok((from, to))
}

/// What `suspect` in a url says: 1, or nothing.
pub fn is_one(suspect: Option<&str>) -> Result<bool, Error> {
    match suspect {
        None => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Error::Invalid("Suspect is 1 or left out.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let range = HeatmapQuery::default().parse(day(28)).unwrap();
        assert_eq!(range, Range { clicks: false, from: day(1), to: day(28), device: None, suspects: false });
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let query = HeatmapQuery { from: Some(day(3)), to: Some(day(2)), ..HeatmapQuery::default() };
        assert!(query.parse(day(28)).is_err());
        let query = HeatmapQuery { to: Some(NaiveDate::MIN), ..HeatmapQuery::default() };
        assert!(query.parse(day(28)).is_err());
        assert!(HeatmapQuery { kind: Some("rage".into()), ..HeatmapQuery::default() }.parse(day(28)).is_err());
        assert!(HeatmapQuery { suspect: Some("yes".into()), ..HeatmapQuery::default() }.parse(day(28)).is_err());
        assert!(HeatmapQuery { device: Some("watch".into()), ..HeatmapQuery::default() }.parse(day(28)).is_err());
    }
}
