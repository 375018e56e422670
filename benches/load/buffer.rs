use std::collections::VecDeque;
use std::time::Instant;

/// A frame that a client keeps until it is settled.
#[derive(Clone, Debug)]
pub struct Held {
    pub seq: u32,
    pub bytes: Vec<u8>,
    pub events: u32,
    /// When it was sent first.
    pub sent_at: Option<Instant>,
}

/// Unacked frames of one page view in their order, at most a number of bytes.
#[derive(Debug)]
pub struct Buffer {
    frames: VecDeque<Held>,
    bytes: usize,
    cap: usize,
}

impl Buffer {
    /// What the protocol says a client keeps.
    pub const CAP: usize = 1 << 20;

    pub fn new(cap: usize) -> Self {
        Self { frames: VecDeque::new(), bytes: 0, cap }
    }

    /// Is there room for a frame of about this size?
    pub fn has_room(&self, bytes: usize) -> bool {
        self.bytes + bytes <= self.cap
    }

    /// Takes a frame. The caller has looked whether there is room.
    pub fn push(&mut self, held: Held) {
        self.bytes += held.bytes.len();
        self.frames.push_back(held);
        assert!(self.bytes <= self.cap, "the buffer is over its cap");
    }

    /// Lets go of everything up to `seq`.
    pub fn settle(&mut self, seq: u32) -> Vec<Held> {
        let mut settled = Vec::new();
        while self.frames.front().is_some_and(|held| held.seq <= seq) {
            let held = self.frames.pop_front().expect("there is one");
            self.bytes -= held.bytes.len();
            settled.push(held);
        }
        settled
    }

    /// Lets go of one frame.
    pub fn remove(&mut self, seq: u32) -> Option<Held> {
        let index = self.frames.iter().position(|held| held.seq == seq)?;
        let held = self.frames.remove(index)?;
        self.bytes -= held.bytes.len();
        Some(held)
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }

    /// The first frame behind `seq`.
    pub fn after(&mut self, seq: u32) -> Option<&mut Held> {
        self.frames.iter_mut().find(|held| held.seq > seq)
    }

    /// Lowest seq that is held.
    pub fn first_seq(&self) -> Option<u32> {
        self.frames.front().map(|held| held.seq)
    }

    pub fn len(&self) -> usize {
        self.frames.len()
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
