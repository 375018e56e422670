use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::event::{Nonce, PageViewId};

/// Life of a page view's token. Each welcome gives a new one.
const PAGE_VIEW_LIFE: TimeDelta = TimeDelta::hours(24);
/// Life of an import token.
const IMPORT_LIFE: TimeDelta = TimeDelta::hours(1);
/// Half of a SHA-256: 128 bits can't be guessed.
const MAC_BYTES: usize = 16;

/// Makes and checks tokens: expiry (Unix seconds, 8 bytes) and a keyed hash over purpose, site, page view and expiry, in base64url.
#[derive(Clone)]
pub struct Tokens {
    key: [u8; 32],
}

impl Tokens {
    /// Tokens under a key that all collectors on one database share.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A token that lets its holder add to this page view.
    pub fn issue(&self, site_id: i32, id: PageViewId, now: DateTime<Utc>) -> String {
        self.make(b"page view", site_id, id.get(), now + PAGE_VIEW_LIFE)
    }

    /// Is this a token for that page view, and still good?
    pub fn check(&self, token: &str, site_id: i32, id: PageViewId, now: DateTime<Utc>) -> bool {
        self.is_good(token, b"page view", site_id, id.get(), now)
    }

    /// A token that lets its holder create page views of a site in the past.
    pub fn issue_import(&self, site_id: i32, now: DateTime<Utc>) -> String {
        self.make(b"import", site_id, 0, now + IMPORT_LIFE)
    }

    /// Is this an import token of that site, and still good?
    pub fn check_import(&self, token: &str, site_id: i32, now: DateTime<Utc>) -> bool {
        self.is_good(token, b"import", site_id, 0, now)
    }

    /// The seed of a page view's id: the same nonce gives the same id, on any collector of this database.
    pub fn seed(&self, site_id: i32, nonce: Nonce) -> u64 {
        let mut mac = self.mac(b"page view id", site_id);
        mac.update(&nonce.0);
        let hash = mac.finalize().into_bytes();
        u64::from_le_bytes(hash[..8].try_into().expect("a slice of 8 bytes"))
    }

    /// What all collectors on one database call themselves, and no others. It says nothing of the key.
    pub fn installation(&self) -> String {
        self.mac(b"installation", 0).finalize().into_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn mac(&self, purpose: &[u8], site_id: i32) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&[purpose.len() as u8]);
        mac.update(purpose);
        mac.update(&site_id.to_be_bytes());
        mac
    }

    fn mac_until(&self, purpose: &[u8], site_id: i32, subject: i64, expiry: [u8; 8]) -> Hmac<Sha256> {
        let mut mac = self.mac(purpose, site_id);
        mac.update(&subject.to_be_bytes());
        mac.update(&expiry);
        mac
    }

    fn make(&self, purpose: &[u8], site_id: i32, subject: i64, until: DateTime<Utc>) -> String {
        let expiry = until.timestamp().to_be_bytes();
        let hash = self.mac_until(purpose, site_id, subject, expiry).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([&expiry[..], &hash[..MAC_BYTES]].concat())
    }

    fn is_good(&self, token: &str, purpose: &[u8], site_id: i32, subject: i64, now: DateTime<Utc>) -> bool {
        let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(token) else { return false };
        let Some((expiry, hash)) = bytes.split_first_chunk::<8>() else { return false };
        // Compares in constant time.
        hash.len() == MAC_BYTES
            && self.mac_until(purpose, site_id, subject, *expiry).verify_truncated_left(hash).is_ok()
            && i64::from_be_bytes(*expiry) > now.timestamp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_own_page_view_until_it_expires_and_nothing_else() {
        let tokens = Tokens::new([7; 32]);
        let now = Utc::now();
        let (id, other) = (PageViewId::new(now, 1), PageViewId::new(now, 2));
        let token = tokens.issue(1, id, now);
        assert!(tokens.check(&token, 1, id, now));
        assert!(!tokens.check(&token, 2, id, now), "another site");
        assert!(!tokens.check(&token, 1, other, now), "another page view");
        assert!(!tokens.check(&token, 1, id, now + TimeDelta::hours(25)), "expired");
        assert!(!tokens.check_import(&token, 1, now), "another purpose");
        assert!(!Tokens::new([8; 32]).check(&token, 1, id, now), "another key");
        for end in 0..token.len() {
            assert!(!tokens.check(&token[..end], 1, id, now), "cut to {end}");
        }
    }

    #[test]
    fn every_changed_character_spoils_a_token() {
        let tokens = Tokens::new([7; 32]);
        let now = Utc::now();
        let id = PageViewId::new(now, 1);
        let token = tokens.issue(1, id, now);
        for index in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            assert!(!tokens.check(&String::from_utf8(changed).unwrap(), 1, id, now), "changed at {index}");
        }
    }
}
