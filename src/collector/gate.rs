use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Limits;
use super::network::Network;

/// Counts who is connected, and lets nobody in beyond the limits.
pub(super) struct Gate {
    limits: Limits,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    addresses: HashMap<Network, usize>,
    prefixes: HashMap<Network, usize>,
    sites: HashMap<i32, usize>,
}

/// Which limit a connection met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// Of all connections.
    All,
    /// Of one address.
    Address,
    /// Of one prefix.
    Prefix,
    /// Of one site.
    Site,
}

impl Full {
    /// Its name in metrics.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::All => "full",
            Self::Address => "address",
            Self::Prefix => "prefix",
            Self::Site => "site",
        }
    }
}

/// The right to be connected, given back when dropped.
pub(super) struct Pass {
    gate: Arc<Gate>,
    address: IpAddr,
    site_id: Option<i32>,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, inside: Mutex::default() }
    }

    /// Lets a connection in, before anything is read from it.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Pass, Full> {
        let mut inside = self.lock();
        let count = |counts: &HashMap<Network, usize>, network| counts.get(&network).copied().unwrap_or(0);
        if inside.all >= self.limits.connections {
            return Err(Full::All);
        }
        if count(&inside.addresses, Network::address(address)) >= self.limits.connections_per_address {
            return Err(Full::Address);
        }
        if count(&inside.prefixes, Network::prefix(address)) >= self.limits.connections_per_prefix {
            return Err(Full::Prefix);
        }
        inside.all += 1;
        *inside.addresses.entry(Network::address(address)).or_default() += 1;
        *inside.prefixes.entry(Network::prefix(address)).or_default() += 1;
        Ok(Pass { gate: Arc::clone(self), address, site_id: None })
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// Counts the connection for its site, once that is known.
    pub(super) fn enter_site(&mut self, site_id: i32) -> Result<(), Full> {
        let mut inside = self.gate.lock();
        let count = inside.sites.entry(site_id).or_default();
        let most = self.gate.limits.connections_per_site;
        if most > 0 && *count >= most {
            return Err(Full::Site);
        }
        *count += 1;
        self.site_id = Some(site_id);
        Ok(())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.lock();
        inside.all -= 1;
        leave(&mut inside.addresses, Network::address(self.address));
        leave(&mut inside.prefixes, Network::prefix(self.address));
        if let Some(site_id) = self.site_id {
            leave(&mut inside.sites, site_id);
        }
    }
}

fn leave<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Arc<Gate> {
        let limits =
            Limits { connections: 10, connections_per_address: 2, connections_per_prefix: 3, connections_per_site: 1, ..Limits::default() };
        Arc::new(Gate::new(limits))
    }

    #[test]
    fn each_limit_holds_and_who_leaves_makes_room() {
        let gate = gate();
        let enter = |text: &str| gate.enter(text.parse().unwrap());
        let first = [enter("192.0.2.1"), enter("192.0.2.1")].map(|pass| pass.ok().unwrap());
        assert_eq!(enter("192.0.2.1").err(), Some(Full::Address));
        let third = enter("192.0.2.2").ok().unwrap();
        assert_eq!(enter("192.0.2.3").err(), Some(Full::Prefix));
        drop(third);
        assert!(enter("192.0.2.3").is_ok());
        let many: Vec<_> = (0..8).map(|n| enter(&format!("10.0.{n}.1")).ok().unwrap()).collect();
        assert_eq!(enter("203.0.113.1").err(), Some(Full::All));
        drop((first, many));
        let inside = gate.lock();
        assert_eq!((inside.all, inside.addresses.len(), inside.prefixes.len()), (0, 0, 0), "nobody leaves a trace");
    }

    #[test]
    fn a_site_is_counted_from_its_hello_to_the_end() {
        let gate = gate();
        let mut passes = [1, 2].map(|n| gate.enter(IpAddr::from([10, 0, n, 1])).ok().unwrap());
        assert_eq!(passes[0].enter_site(7), Ok(()));
        assert_eq!(passes[1].enter_site(7), Err(Full::Site));
        assert_eq!(passes[1].enter_site(8), Ok(()));
        drop(passes);
        assert!(gate.lock().sites.values().all(|count| *count == 0));
    }
}
