use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveDate, Utc};

/// First day that an id can carry.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
const RANDOM_BITS: u32 = 48;
/// Days in 15 bits: the last one is in 2109.
const MAX_DAY: i64 = (1 << 15) - 1;

/// A 63-bit id that carries a day: bits 48 to 62 are days since 2020-01-01 (UTC), the other 48 are random.
///
/// The day is the one on which the thing began, so that every write about it finds the same partition, whenever it arrives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<Of> {
    value: i64,
    of: PhantomData<Of>,
}

/// Marks ids of page views.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OfPageView;
/// Marks ids of sessions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OfSession;

/// Id of a page view.
pub type PageViewId = Id<OfPageView>;
/// Id of a session.
pub type SessionId = Id<OfSession>;

impl<Of> Id<Of> {
    /// An id that began at `at`, with the lower 48 bits of `random`. Times outside 2020 to 2109 get the nearest day.
    pub fn new(at: DateTime<Utc>, random: u64) -> Self {
        let day = (at.date_naive() - EPOCH).num_days().clamp(0, MAX_DAY);
        let random = (random & ((1 << RANDOM_BITS) - 1)) as i64;
        Self { value: (day << RANDOM_BITS) | random, of: PhantomData }
    }

    /// Reads a stored id; `None` for a negative number, which no id is.
    pub fn from_i64(value: i64) -> Option<Self> {
        (value >= 0).then_some(Self { value, of: PhantomData })
    }

    /// The number as stored.
    pub fn get(self) -> i64 {
        self.value
    }

    /// The UTC day on which it began.
    pub fn day(self) -> NaiveDate {
        EPOCH + Days::new((self.value >> RANDOM_BITS) as u64)
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)
    }
}

impl<Of> fmt::Debug for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<Of> FromStr for Id<Of> {
    type Err = InvalidId;

    /// Reads the canonical decimal form only, so that one id has one spelling.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id = text.parse().ok().and_then(Self::from_i64).ok_or(InvalidId)?;
        if id.to_string() == text { Ok(id) } else { Err(InvalidId) }
    }
}

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct InvalidId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_the_day_on_which_it_began() {
        let at = "2026-11-23T23:59:59.999Z".parse().unwrap();
        let id = PageViewId::new(at, u64::MAX);
        assert_eq!(id.day(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.get() > 0);
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        for wrong in ["", "-1", "+1", "01", " 1", "1.0", "9223372036854775808"] {
            assert_eq!(wrong.parse::<PageViewId>(), Err(InvalidId), "{wrong:?}");
        }
    }
}
