use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Queued;
use crate::store::NewChunk;

/// What a frame takes of memory beside its events: queue entry, reply, batch entry, and its bytes twice.
const OVERHEAD_BYTES: usize = 512;
const EVENT_BYTES: usize = 32;
const ELEMENT_BYTES: usize = 512;

/// Frames on their way to the writer, bounded in bytes. A frame keeps its room until it is settled, so that the bound holds for
/// everything that is not yet in Postgres.
#[derive(Clone)]
pub struct Queue {
    room: Arc<Semaphore>,
    size: usize,
    waiting: mpsc::UnboundedSender<Queued>,
}

/// Room for one frame.
#[derive(Debug)]
pub struct Room {
    bytes: usize,
    _permit: OwnedSemaphorePermit,
}

impl Room {
    /// How much it is.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The queue has closed: the collector stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the collector stops")]
pub struct Full;

impl Queue {
    /// A queue of `size` bytes, and the writer's end of it.
    pub fn new(size: usize) -> (Self, mpsc::UnboundedReceiver<Queued>) {
        // The channel is unbounded; the room is not, and nothing gets into the channel without it.
        let (waiting, receiver) = mpsc::unbounded_channel();
        (Self { room: Arc::new(Semaphore::new(size)), size, waiting }, receiver)
    }

    /// Memory that a frame will take, bytes.
    pub fn cost(chunk: &NewChunk) -> usize {
        OVERHEAD_BYTES + 2 * chunk.bytes.len() + EVENT_BYTES * chunk.frame.events.len() + ELEMENT_BYTES * chunk.frame.elements.len()
    }

    /// Waits for room. Fair: who waits longest gets it first.
    pub async fn room(&self, bytes: usize) -> Result<Room, Full> {
        let bytes = bytes.min(self.size);
        let permit = Arc::clone(&self.room).acquire_many_owned(bytes as u32).await.map_err(|_| Full)?;
        Ok(Room { bytes, _permit: permit })
    }

    /// Hands a frame to the writer.
    pub fn push(&self, queued: Queued) -> Result<(), Full> {
        self.waiting.send(queued).map_err(|_| Full)
    }

    /// How full it is, 0 to 1.
    pub fn fill(&self) -> f64 {
        1.0 - self.room.available_permits() as f64 / self.size as f64
    }
}
