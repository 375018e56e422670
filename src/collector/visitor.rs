use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::event::Visitor;
use crate::ingest::{Ingest, StoreError};

/// Hashes visitors under the salt of a day. The salts live in Postgres until they are thrown away; here they are only remembered.
pub(super) struct Visitors {
    ingest: Ingest,
    salts: Mutex<HashMap<NaiveDate, [u8; 32]>>,
}

impl Visitors {
    pub(super) fn new(ingest: Ingest) -> Self {
        Self { ingest, salts: Mutex::new(HashMap::new()) }
    }

    /// The visitor under the salt of `today` and under that of the day before: a visit that crosses midnight stays one.
    pub(super) async fn hash(&self, site_id: i32, network: &str, user_agent: &str, today: NaiveDate) -> Result<[Visitor; 2], StoreError> {
        let yesterday = today.pred_opt().unwrap_or(today);
        let mut visitors = [Visitor([0; 8]); 2];
        for (visitor, day) in visitors.iter_mut().zip([today, yesterday]) {
            *visitor = hash(&self.salt(day).await?, site_id, network, user_agent);
        }
        Ok(visitors)
    }

    async fn salt(&self, day: NaiveDate) -> Result<[u8; 32], StoreError> {
        if let Some(salt) = self.salts.lock().ok().and_then(|salts| salts.get(&day).copied()) {
            return Ok(salt);
        }
        let salt = self.ingest.visitor_salt(day).await?;
        if let Ok(mut salts) = self.salts.lock() {
            // Older days are never asked for again, and must not be remembered.
            salts.retain(|known, _| (day - *known).num_days().abs() <= 1);
            salts.insert(day, salt);
        }
        Ok(salt)
    }
}

pub(super) fn hash(salt: &[u8; 32], site_id: i32, network: &str, user_agent: &str) -> Visitor {
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(&site_id.to_be_bytes());
    mac.update(&(network.len() as u32).to_be_bytes());
    mac.update(network.as_bytes());
    mac.update(user_agent.as_bytes());
    Visitor(mac.finalize().into_bytes()[..8].try_into().expect("a slice of 8 bytes"))
}

/// The network of an address as text: its first 24 (IPv4) or 48 (IPv6) bits. All that is ever used of a visitor's address, and never stored.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_differs_by_salt_site_network_and_browser() {
        let base = hash(&[1; 32], 1, "10.1.2", "Firefox");
        assert_eq!(base, hash(&[1; 32], 1, "10.1.2", "Firefox"));
        for other in [
            hash(&[2; 32], 1, "10.1.2", "Firefox"),
            hash(&[1; 32], 2, "10.1.2", "Firefox"),
            hash(&[1; 32], 1, "10.1.3", "Firefox"),
            hash(&[1; 32], 1, "10.1.2", "Chrome"),
            hash(&[1; 32], 1, "10.1.2F", "irefox"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn an_address_is_cut_to_its_network() {
        assert_eq!(network("192.0.2.77".parse().unwrap()), "192.0.2");
        assert_eq!(network("::ffff:192.0.2.77".parse().unwrap()), "192.0.2");
        assert_eq!(network("2001:db8:1:2::3".parse().unwrap()), "2001:db8:1");
    }
}
