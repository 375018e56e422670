use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use super::Queued;
use crate::store::{ChunkKey, NewChunk};

/// When a batch is full, and how much may wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes that may wait for Postgres in all.
    pub queue_bytes: usize,
    /// Chunks in a batch.
    pub batch_chunks: usize,
    /// Bytes of frames in a batch.
    pub batch_bytes: usize,
    /// How long the first frame of a batch waits for others.
    pub batch_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue_bytes: 64 << 20, batch_chunks: 1_000, batch_bytes: 1 << 20, batch_time: Duration::from_millis(50) }
    }
}

/// Frames that are written together. Knows nothing of time or Postgres.
#[derive(Default)]
pub(super) struct Batch {
    /// By key, as the store wants them. A frame that came twice stands here once, with everybody who waits for it.
    chunks: BTreeMap<ChunkKey, Vec<Queued>>,
    bytes: usize,
}

impl Batch {
    /// Adds a frame.
    pub(super) fn push(&mut self, queued: Queued) {
        self.bytes += queued.chunk.bytes.len();
        match self.chunks.entry(queued.chunk.key()) {
            Entry::Vacant(entry) => {
                entry.insert(vec![queued]);
            }
            Entry::Occupied(mut entry) => entry.get_mut().push(queued),
        }
    }

    /// Should it be written now?
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.chunks.len() >= limits.batch_chunks || self.bytes >= limits.batch_bytes
    }

    /// How many different frames it holds.
    pub(super) fn len(&self) -> usize {
        self.chunks.len()
    }

    /// One chunk for each key, sorted by key.
    pub(super) fn chunks(&self) -> Vec<&NewChunk> {
        self.chunks.values().filter_map(|same| same.first()).map(|queued| &queued.chunk).collect()
    }

    /// Takes all who wait for one frame, the one whose bytes were written first.
    pub(super) fn take(&mut self, key: ChunkKey) -> Vec<Queued> {
        self.chunks.remove(&key).unwrap_or_default()
    }
}
