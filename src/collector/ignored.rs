use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;

use crate::ingest::{Ingest, StoreError};

/// A change is noticed within this time: then what is remembered of a site is read anew.
const FRESH: TimeDelta = TimeDelta::seconds(30);
/// Sites of which something is remembered. Beyond that all are read anew, which costs a short query each.
const MAX_SITES: usize = 1_000;

/// The networks that sites ignore, remembered for a while. Addresses are compared here, so Postgres never hears one.
pub(super) struct Ignored {
    ingest: Ingest,
    known: Mutex<HashMap<i32, Known>>,
}

/// Of one site.
struct Known {
    networks: Arc<[IpNet]>,
    at: DateTime<Utc>,
}

impl Ignored {
    pub(super) fn new(ingest: Ingest) -> Self {
        Self { ingest, known: Mutex::default() }
    }

    /// Does the site ignore the network of this address?
    pub(super) async fn contains(&self, site_id: i32, address: IpAddr, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let networks = match self.remembered(site_id, now) {
            Some(networks) => networks,
            None => self.read(site_id, now).await?,
        };
        let address = address.to_canonical();
        Ok(networks.iter().any(|network| network.contains(&address)))
    }

    fn remembered(&self, site_id: i32, now: DateTime<Utc>) -> Option<Arc<[IpNet]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not keep what is old for ever.
        known.get(&site_id).filter(|known| (now - known.at).abs() < FRESH).map(|known| Arc::clone(&known.networks))
    }

    async fn read(&self, site_id: i32, now: DateTime<Utc>) -> Result<Arc<[IpNet]>, StoreError> {
        let networks: Arc<[IpNet]> = self.ingest.find_ignored_networks(site_id).await?.into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_SITES {
            known.clear();
        }
        known.insert(site_id, Known { networks: Arc::clone(&networks), at: now });
        Ok(networks)
    }
}
