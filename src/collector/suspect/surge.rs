use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::PageViewId;

/// Page views of one signature in a minute that may be a surge at all: below, it is a few people with the same phone.
const LEAST: usize = 60;
/// One in so many page views of the minute has to have the signature. On a site with many visitors, the most common one of real browsers
/// (model, window, language) is one in ten or so.
const SHARE: usize = 4;
/// So many times its usual number of page views a minute makes a flood of a site.
const RISE: f64 = 3.0;
/// Share of the usual number that a new minute makes up: it follows the site within an hour.
const WEIGHT: f64 = 1.0 / 60.0;
/// Signatures and page views that are remembered for a site and a minute.
const MAX_REMEMBERED: usize = 20_000;
/// Sites that are remembered.
const MAX_SITES: usize = 10_000;

/// Looks for floods of a whole site: far more page views than usual, many of them with the same signature. A page that somebody famous links
/// to is a surge as well, but of people with all kinds of browsers and windows.
#[derive(Default)]
pub(super) struct Surges {
    sites: HashMap<i32, Site>,
}

struct Site {
    began: DateTime<Utc>,
    /// Page views since, and how many of them are to be trusted: only these make up what is usual, so that a long flood never becomes it.
    count: usize,
    trusted: usize,
    /// Page views a minute that are usual.
    usual: f64,
    signatures: HashMap<u64, Signature>,
    remembered: usize,
}

#[derive(Default)]
struct Signature {
    count: usize,
    ids: Vec<PageViewId>,
    /// Is it flooding, in this minute or the one before?
    is_flooding: bool,
}

impl Surges {
    /// A page view begins. Where its signature is flooding the site, returns the page views of this minute that have it and were not handed out yet.
    pub(super) fn join(
        &mut self,
        site_id: i32,
        signature: u64,
        id: PageViewId,
        is_suspect: bool,
        now: DateTime<Utc>,
    ) -> Option<Vec<PageViewId>> {
        if self.sites.len() >= MAX_SITES && !self.sites.contains_key(&site_id) {
            self.sites.retain(|_, site| now - site.began < TimeDelta::hours(1));
        }
        self.sites.entry(site_id).or_insert_with(|| Site::new(now)).join(signature, id, is_suspect, now)
    }
}

impl Site {
    fn new(now: DateTime<Utc>) -> Self {
        Self { began: now, count: 0, trusted: 0, usual: 0.0, signatures: HashMap::new(), remembered: 0 }
    }

    fn join(&mut self, key: u64, id: PageViewId, is_suspect: bool, now: DateTime<Utc>) -> Option<Vec<PageViewId>> {
        self.turn(now);
        self.count += 1;
        let is_known = self.signatures.contains_key(&key);
        if !is_known && self.remembered >= MAX_REMEMBERED {
            self.trusted += usize::from(!is_suspect);
            return None;
        }
        self.remembered += usize::from(!is_known);
        let signature = self.signatures.entry(key).or_default();
        if signature.ids.contains(&id) {
            self.count -= 1;
            return None;
        }
        signature.count += 1;
        signature.is_flooding |= signature.count > LEAST && signature.count * SHARE > self.count && self.count as f64 > RISE * self.usual;
        if signature.is_flooding {
            let before = std::mem::take(&mut signature.ids);
            self.trusted = self.trusted.saturating_sub(before.len());
            return Some(before);
        }
        self.trusted += usize::from(!is_suspect);
        if self.remembered < MAX_REMEMBERED {
            signature.ids.push(id);
            self.remembered += 1;
        }
        None
    }

    /// Begins a new minute where the one before is over.
    fn turn(&mut self, now: DateTime<Utc>) {
        let minutes = (now - self.began).num_minutes();
        if minutes == 0 && now >= self.began {
            return;
        }
        self.usual += (self.trusted as f64 - self.usual) * WEIGHT;
        // The quiet minutes since.
        self.usual *= (1.0 - WEIGHT).powi((minutes - 1).clamp(0, 10_000) as i32);
        let goes_on = |signature: &Signature| minutes == 1 && signature.is_flooding && signature.count > LEAST;
        self.signatures.retain(|_, signature| goes_on(signature));
        for signature in self.signatures.values_mut() {
            *signature = Signature { is_flooding: true, ..Signature::default() };
        }
        (self.began, self.count, self.trusted, self.remembered) = (now, 0, 0, self.signatures.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> PageViewId {
        PageViewId::new(at(0), n as u64)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
    }

    /// Page views of many signatures: how many of them are taken for a flood.
    fn people(surges: &mut Surges, from: i64, count: usize, kinds: u64) -> usize {
        (0..count)
            .filter(|n| surges.join(1, 100 + *n as u64 % kinds, id(1_000_000 + from as usize * 10_000 + n), false, at(from)).is_some())
            .count()
    }

    #[test]
    fn a_flood_of_one_signature_is_found_whole_and_nobody_else_with_it() {
        let mut surges = Surges::default();
        for minute in 0..30 {
            assert_eq!(people(&mut surges, minute * 60, 100, 15), 0);
        }
        let mut flagged = 0;
        for n in 0..2_000 {
            flagged += surges.join(1, 7, id(n), false, at(1_800)).map_or(0, |before| before.len() + 1);
            if n % 20 == 0 {
                assert_eq!(people(&mut surges, 1_800 + n as i64 % 50, 1, 15), 0);
            }
        }
        assert_eq!(flagged, 2_000);
        // It goes on for a day: that does not make it usual.
        for minute in 31..1_440 {
            assert!(surges.join(1, 7, id(5_000), false, at(minute * 60)).is_some(), "minute {minute}");
            for n in 0..200 {
                surges.join(1, 7, id(6_000 + n), false, at(minute * 60));
            }
        }
        assert!(surges.join(2, 7, id(0), false, at(1_800)).is_none(), "another site");
    }

    #[test]
    fn a_crowd_of_all_kinds_of_browsers_is_welcome() {
        let mut surges = Surges::default();
        assert_eq!(people(&mut surges, 0, 10, 10), 0);
        assert_eq!(people(&mut surges, 60, 5_000, 10), 0);
    }

    #[test]
    fn a_site_whose_visitors_all_look_alike_is_used_to_it() {
        let mut surges = Surges::default();
        // Slowly, so that it never is a flood.
        for minute in 0..120 {
            assert_eq!(people(&mut surges, minute * 60, 10 + minute as usize, 1), 0, "minute {minute}");
        }
    }
}
