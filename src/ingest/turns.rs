use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Connections of the pool that looks for clients leave to the writer, to marks and to the health check.
const RESERVED: u32 = 3;
/// Over so many lanes clients are spread by where they come from.
const LANES: usize = 256;

/// Who may look into Postgres now.
///
/// Without turns, a thousand who come at once would all wait for the pool's few connections, whose limit of two seconds then strikes most of
/// them, often in the middle of connecting: nothing gets done, and all of them try again. And without lanes, a flood out of one network, whose
/// page views wait for each other in Postgres because they are of one visitor, would take all turns and hold up everybody else.
pub(super) struct Turns {
    all: Semaphore,
    lanes: Box<[Semaphore]>,
}

/// The right to look, given back when dropped.
pub struct Turn<'a> {
    _lane: Option<SemaphorePermit<'a>>,
    _all: Option<SemaphorePermit<'a>>,
}

impl Turns {
    /// For a pool of so many connections.
    pub(super) fn new(connections: u32) -> Self {
        let all = connections.saturating_sub(RESERVED).max(1) as usize;
        Self { all: Semaphore::new(all), lanes: (0..LANES).map(|_| Semaphore::new(all.div_ceil(2))).collect() }
    }

    /// Waits for as long as it takes. Fair: who waits longest comes first.
    pub(super) async fn take(&self, from: impl Hash) -> Turn<'_> {
        let mut hasher = DefaultHasher::new();
        from.hash(&mut hasher);
        let lane = &self.lanes[hasher.finish() as usize % LANES];
        // Neither is ever closed.
        let _lane = lane.acquire().await.ok();
        Turn { _lane, _all: self.all.acquire().await.ok() }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn one_network_never_takes_all_turns() {
        let turns = Turns::new(8);
        let flood: Vec<_> = (0..100).map_while(|_| turns.take("flood").now_or_never()).collect();
        assert_eq!(flood.len(), 3);
        let other = turns.take("somebody else").now_or_never();
        assert!(other.is_some());
        drop(flood);
        assert!(turns.take("flood").now_or_never().is_some(), "turns come back");
    }

    #[test]
    fn a_small_pool_still_has_a_turn() {
        assert!(Turns::new(1).take(1).now_or_never().is_some());
    }
}
