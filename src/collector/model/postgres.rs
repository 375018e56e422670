use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use super::Fault;
use crate::event::PageViewId;
use crate::ingest::{ChunkKey, Inserted, NewChunk, Sink, StoreError};

/// The marker of a frame that it refuses.
pub(super) const POISON: u32 = 666;

/// A store in memory that keeps the store's contract: all of a batch or nothing, the first of a name stays, and faults as told.
#[derive(Clone, Default)]
pub(super) struct Postgres(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    /// Digests by name.
    pub(super) stored: HashMap<ChunkKey, i64>,
    pub(super) quarantined: HashSet<ChunkKey>,
    pub(super) forgotten: HashSet<PageViewId>,
    /// Was something put into quarantine that it would have taken?
    pub(super) has_wronged: bool,
    /// For the next tries, one each.
    pub(super) faults: VecDeque<Fault>,
}

impl Postgres {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// Every seq up to this one is stored or in quarantine, as the store finds it for a welcome.
    pub(super) fn settled(&self, id: PageViewId) -> u32 {
        (1..).take_while(|seq| self.stored.contains_key(&(id, *seq)) || self.quarantined.contains(&(id, *seq))).count() as u32
    }

    pub(super) fn forget(&mut self, id: PageViewId) {
        self.forgotten.insert(id);
        self.stored.retain(|key, _| key.0 != id);
        self.quarantined.retain(|key| key.0 != id);
    }

    fn insert(&mut self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
        assert!(chunks.is_sorted_by(|a, b| a.key() < b.key()), "a batch is sorted and has each name once");
        // As there: an erased page view is found out before its rows meet anything that could refuse them.
        let mut inserted = Inserted::default();
        for chunk in chunks {
            if self.forgotten.contains(&chunk.page_view.id) {
                inserted.forgotten.insert(chunk.page_view.id);
            } else if chunk.frame.dropped == POISON && !self.stored.contains_key(&chunk.key()) {
                return Err(StoreError::refusal());
            }
        }
        for chunk in chunks.iter().filter(|chunk| !self.forgotten.contains(&chunk.page_view.id)) {
            match self.stored.get(&chunk.key()) {
                Some(digest) => {
                    inserted.standing.insert(chunk.key(), Some(*digest));
                }
                None => {
                    self.stored.insert(chunk.key(), chunk.digest());
                    inserted.new.insert(chunk.key());
                }
            }
        }
        Ok(inserted)
    }
}

impl Sink for Postgres {
    async fn insert(&self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
        let fault = self.state().faults.pop_front();
        match fault {
            None => self.state().insert(chunks),
            Some(Fault::Fails) => Err(StoreError::Missing("connection")),
            Some(Fault::LosesAnswer) => {
                self.state().insert(chunks)?;
                Err(StoreError::Missing("answer"))
            }
            Some(Fault::Hangs) => std::future::pending().await,
            Some(Fault::HangsAfterCommit) => {
                let _ = self.state().insert(chunks);
                std::future::pending().await
            }
        }
    }

    async fn quarantine(&self, chunk: &NewChunk, _: &StoreError) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.forgotten.contains(&chunk.page_view.id) {
            return Ok(false);
        }
        state.has_wronged |= chunk.frame.dropped != POISON;
        state.quarantined.insert(chunk.key());
        Ok(true)
    }
}
