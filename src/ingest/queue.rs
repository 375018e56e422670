use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Queued;
use crate::store::NewChunk;

/// What a frame takes of memory beside its events: queue entry, reply, batch entry, and its bytes twice.
const OVERHEAD_BYTES: usize = 512;
const EVENT_BYTES: usize = 32;
const ELEMENT_BYTES: usize = 512;

/// Frames on their way to the writer, bounded in bytes. A frame keeps its room until it is settled, so that the bound holds for
/// everything that is not yet in Postgres.
#[derive(Clone, Debug)]
pub struct Queue {
    room: Arc<Semaphore>,
    size: usize,
    /// Bytes of frames that are read already and wait for room.
    wanted: Arc<AtomicUsize>,
    waiting: mpsc::UnboundedSender<Queued>,
}

/// How full the queue is, and so what the collector does about it (design, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Nothing.
    Calm,
    /// From 50 %: clients are asked to coarsen.
    Slow,
    /// From 75 %: half of the new visits are sent away for a while.
    Shed,
    /// From 90 %: sockets are not read, so that clients hold their frames. New connections are refused: nobody would read their hello.
    Stop,
    /// Nothing fits any more.
    Full,
}

impl Pressure {
    /// At this fill, 0 to 1.
    fn at(fill: f64) -> Self {
        match fill {
            fill if fill >= 0.99 => Self::Full,
            fill if fill >= 0.9 => Self::Stop,
            fill if fill >= 0.75 => Self::Shed,
            fill if fill >= 0.5 => Self::Slow,
            _ => Self::Calm,
        }
    }

    /// Level of the `slow` message: the client's tolerance is multiplied by 2 to this power.
    pub fn slow_level(self) -> u8 {
        self as u8
    }
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
        (Self { room: Arc::new(Semaphore::new(size)), size, wanted: Arc::default(), waiting }, receiver)
    }

    /// Memory that a frame will take, bytes.
    pub fn cost(chunk: &NewChunk) -> usize {
        OVERHEAD_BYTES + 2 * chunk.bytes.len() + EVENT_BYTES * chunk.frame.events.len() + ELEMENT_BYTES * chunk.frame.elements.len()
    }

    /// Waits for room. Fair: who waits longest gets it first.
    pub async fn room(&self, bytes: usize) -> Result<Room, Full> {
        let bytes = bytes.min(self.size);
        let _wanted = Wanted::new(&self.wanted, bytes);
        let permit = Arc::clone(&self.room).acquire_many_owned(bytes as u32).await.map_err(|_| Full)?;
        Ok(Room { bytes, _permit: permit })
    }

    /// Hands a frame to the writer.
    pub fn push(&self, queued: Queued) -> Result<(), Full> {
        self.waiting.send(queued).map_err(|_| Full)
    }

    /// How full it is. What waits for room counts too: a batch that is done makes room for many, and if all connections then read a frame to put
    /// there, most of these frames would wait in memory that nothing bounds.
    pub fn pressure(&self) -> Pressure {
        Pressure::at((self.bytes() + self.wanted.load(Ordering::Relaxed)) as f64 / self.size as f64)
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        self.size - self.room.available_permits()
    }
}

/// A frame that waits for room, for as long as it waits.
struct Wanted<'a> {
    all: &'a AtomicUsize,
    bytes: usize,
}

impl<'a> Wanted<'a> {
    fn new(all: &'a AtomicUsize, bytes: usize) -> Self {
        all.fetch_add(bytes, Ordering::Relaxed);
        Self { all, bytes }
    }
}

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Collector for Queue {
    fn encode(&self, mut encoder: DescriptorEncoder) -> std::fmt::Result {
        let gauge = ConstGauge::new(self.bytes() as i64);
        let encoder =
            encoder.encode_descriptor("mousetrail_queue_bytes", "Bytes of frames that wait for Postgres", None, gauge.metric_type())?;
        gauge.encode(encoder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pressure_rises_with_what_waits_and_falls_when_it_is_settled() {
        let (queue, _waiting) = Queue::new(1_000);
        let mut rooms = Vec::new();
        for (bytes, expected) in
            [(499, Pressure::Calm), (1, Pressure::Slow), (250, Pressure::Shed), (150, Pressure::Stop), (90, Pressure::Full)]
        {
            rooms.push(queue.room(bytes).await.unwrap());
            assert_eq!(queue.pressure(), expected, "at {}", queue.bytes());
        }
        let more = queue.room(200);
        let mut more = std::pin::pin!(more);
        assert!(futures_util::poll!(more.as_mut()).is_pending(), "what is over the bound waits");
        rooms.clear();
        assert!(more.await.is_ok());
        assert_eq!(queue.pressure(), Pressure::Calm);
    }

    #[tokio::test]
    async fn frames_that_wait_for_room_are_pressure_until_they_have_it_or_give_up() {
        let (queue, _waiting) = Queue::new(1_000);
        let most = queue.room(600).await.unwrap();
        let mut more = Box::pin(queue.room(500));
        assert!(futures_util::poll!(more.as_mut()).is_pending());
        assert_eq!(queue.pressure(), Pressure::Full, "600 that are there and 500 that wait");
        drop(most);
        let room = more.await.unwrap();
        assert_eq!((queue.bytes(), queue.pressure()), (500, Pressure::Slow));
        let mut gives_up = Box::pin(queue.room(600));
        assert!(futures_util::poll!(gives_up.as_mut()).is_pending());
        drop(gives_up);
        drop(room);
        assert_eq!((queue.bytes(), queue.pressure()), (0, Pressure::Calm));
    }

    #[tokio::test]
    async fn a_frame_that_is_larger_than_the_queue_gets_all_of_it_instead_of_waiting_for_ever() {
        let (queue, _waiting) = Queue::new(100);
        assert_eq!(queue.room(1_000).await.unwrap().bytes(), 100);
    }
}
