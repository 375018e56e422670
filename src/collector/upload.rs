use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Close;
use super::network::Network;

/// Uploads at a time of one address.
const MAX_UPLOADS_OF_ADDRESS: usize = 2;

/// Counts uploads that are under way. They have limits of their own, so that big things never stand before small ones.
#[derive(Clone)]
pub(super) struct Uploads {
    places: Arc<Semaphore>,
    addresses: Arc<Mutex<HashMap<Network, usize>>>,
}

impl Uploads {
    /// So many at a time.
    pub(super) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), addresses: Arc::default() }
    }

    /// Lets an upload begin.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Place, Close> {
        let network = Network::address(address);
        let mut addresses = self.lock();
        let count = addresses.get(&network).copied().unwrap_or_default();
        if count >= MAX_UPLOADS_OF_ADDRESS {
            return Err(Close::Policy);
        }
        let permit = self.places.clone().try_acquire_owned().map_err(|_| Close::Overload)?;
        addresses.insert(network, count + 1);
        drop(addresses);
        Ok(Place { uploads: self.clone(), network, _permit: permit })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to upload, given back when dropped.
pub(super) struct Place {
    uploads: Uploads,
    network: Network,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut addresses = self.uploads.lock();
        if let Some(count) = addresses.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_places_of_four_and_gives_them_back() {
        let uploads = Uploads::new(4);
        let address = |last| IpAddr::from([192, 0, 2, last]);
        let mine: Vec<_> = (0..2).map(|_| uploads.enter(address(1)).ok().unwrap()).collect();
        assert_eq!(uploads.enter(address(1)).err(), Some(Close::Policy));
        let others: Vec<_> = (2..4).map(|last| uploads.enter(address(last)).ok().unwrap()).collect();
        assert_eq!(uploads.enter(address(9)).err(), Some(Close::Overload));
        drop(mine);
        let again = uploads.enter(address(1));
        assert!(again.is_ok());
        drop((others, again));
        assert!(uploads.lock().is_empty());
    }
}
