use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use rand::RngExt;
use rand::rngs::StdRng;

/// Visits lie in the two weeks before now.
const SPAN: TimeDelta = TimeDelta::days(14);
/// The last ones begin this long before now, so that they have ended by now.
const MARGIN: TimeDelta = TimeDelta::minutes(40);
/// How busy each hour (UTC) is, of 100: a shop in Europe, asleep at night, busiest after supper.
const BY_HOUR: [u32; 24] = [9, 5, 3, 3, 5, 12, 26, 42, 55, 62, 66, 70, 72, 66, 62, 64, 70, 80, 94, 100, 92, 68, 38, 18];
/// The same for each day from Monday on.
const BY_WEEKDAY: [u32; 7] = [84, 80, 82, 86, 74, 70, 100];

/// `count` moments in order, spread over the two weeks before `now` with the rhythm of days and weeks. Whole milliseconds.
pub fn starts(rng: &mut StdRng, count: usize, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let (first, last) = ((now - SPAN).timestamp_millis(), (now - MARGIN).timestamp_millis());
    let mut starts = Vec::with_capacity(count);
    while starts.len() < count {
        let Some(at) = DateTime::from_timestamp_millis(rng.random_range(first..last)) else { continue };
        let busy = BY_HOUR[at.hour() as usize] * BY_WEEKDAY[at.weekday().num_days_from_monday() as usize];
        if rng.random_range(0..100 * 100) < busy {
            starts.push(at);
        }
    }
    starts.sort_unstable();
    starts
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn evenings_are_busier_than_nights_and_all_lies_in_the_past_two_weeks() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let starts = starts(&mut StdRng::seed_from_u64(1), 2_000, now);
        assert!(starts.is_sorted() && starts.iter().all(|at| *at > now - SPAN && *at < now - MARGIN));
        let in_hours = |hours: std::ops::Range<u32>| starts.iter().filter(|at| hours.contains(&at.hour())).count();
        assert!(in_hours(18..21) > 10 * in_hours(2..5));
    }
}
