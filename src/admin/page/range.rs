use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};

use crate::admin::Error;

/// Days that a heatmap covers unless the url says otherwise.
const DEFAULT_DAYS: u64 = 28;
/// Years that a day can lie in: wider than what ids can carry.
const YEARS: RangeInclusive<i32> = 2000..=2200;

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
    fn days_that_are_left_out_have_a_default() {
        assert_eq!(days_of(None, None, day(28)).unwrap(), (day(1), day(28)));
        assert_eq!(days_of(None, Some("2026-11-29"), day(1)).unwrap(), (day(2), day(29)));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (from, to) in [(Some("2026-11-03"), Some("2026-11-02")), (None, Some("-262143-01-01")), (Some("today"), None)] {
            assert!(days_of(from, to, day(28)).is_err(), "{from:?} {to:?}");
        }
        assert!(is_one(Some("yes")).is_err() && is_one(Some("1")).unwrap() && !is_one(None).unwrap());
    }
}
