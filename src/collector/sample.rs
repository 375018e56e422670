use sha2::{Digest, Sha256};

use crate::event::{SessionKey, Visitor};

/// Is this session among the share of sessions that the site wants?
///
/// The answer follows from the key of the session, or else from the visitor's hash, so all page views of a session get the same one and
/// nothing has to be stored for it. A visitor's hash changes with the day: who visits every day gets a new answer each day.
pub(super) fn is_in(share: f64, key: Option<SessionKey>, visitor: Visitor) -> bool {
    let hash = match key {
        // Hashed, because the client chose it.
        Some(key) => Sha256::digest(key.0)[..8].try_into().expect("a slice of 8 bytes"),
        None => visitor.0,
    };
    // The 53 bits that a double holds exactly: always below 1.
    let place = (u64::from_be_bytes(hash) >> 11) as f64 / (1u64 << 53) as f64;
    place < share
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::collector::visitor::hash;

    fn visitors() -> impl Iterator<Item = Visitor> {
        let salt: [u8; 32] = Sha256::digest(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap().to_string()).into();
        (0..10_000).map(move |n| hash(&salt, 1, &format!("10.{}.{}", n / 256, n % 256), "Firefox"))
    }

    #[test]
    fn a_tenth_of_ten_thousand_visitors_is_in_at_a_tenth() {
        let count = visitors().filter(|visitor| is_in(0.1, None, *visitor)).count();
        assert!((900..=1_100).contains(&count), "{count}");
        let keys = (0..10_000u128).map(|n| SessionKey(n.to_le_bytes()));
        let count = keys.filter(|key| is_in(0.1, Some(*key), Visitor([0; 8]))).count();
        assert!((900..=1_100).contains(&count), "{count} keys");
    }

    #[test]
    fn one_visitor_always_gets_the_same_answer_and_a_larger_share_keeps_who_is_in() {
        for visitor in visitors().take(1_000) {
            assert_eq!(is_in(0.3, None, visitor), is_in(0.3, None, visitor));
            assert!(!is_in(0.3, None, visitor) || is_in(0.5, None, visitor));
        }
    }

    #[test]
    fn all_are_in_at_one_and_nobody_at_zero() {
        for hash in [[0; 8], [255; 8]] {
            assert!(is_in(1.0, None, Visitor(hash)));
            assert!(!is_in(0.0, None, Visitor(hash)));
        }
    }
}
