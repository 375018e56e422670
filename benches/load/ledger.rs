use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use mousetrail::event::PageViewId;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::findings::Findings;

/// What a client was told of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing yet.
    Sent,
    /// Committed, or so it was said.
    Acked,
    /// Refused for good.
    Nacked,
}

/// A frame as it was sent.
#[derive(Clone, Debug)]
pub struct Entry {
    /// First 8 bytes of the SHA-256 of the frame's bytes, big endian: what `pointer_chunk.digest` holds.
    pub digest: i64,
    pub events: u32,
    pub state: State,
    /// The bytes themselves, of every 32nd frame, to compare what is stored event by event.
    pub bytes: Option<Vec<u8>>,
}

/// Everything that clients sent and were told, by page view and seq. A line is written before a frame is sent first, so that the ledger never
/// knows less than the collector.
#[derive(Clone, Default)]
pub struct Ledger {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<(i64, u32), Entry>,
    file: Option<File>,
}

impl Ledger {
    /// In memory alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// In memory, and line by line in a file: `sent ID SEQ DIGEST EVENTS`, `acked ID SEQ`, `nacked ID SEQ`.
    pub fn in_file(path: &Path) -> Self {
        let ledger = Self::new();
        ledger.lock().file = Some(File::create(path).unwrap());
        ledger
    }

    /// Says that a frame is about to be sent. Sending it again changes nothing, but other bytes are an error of the client.
    pub fn sent(&self, id: PageViewId, seq: u32, bytes: &[u8], events: u32) {
        let digest = digest(bytes);
        let mut inner = self.lock();
        if let Some(entry) = inner.entries.get(&(id.get(), seq)) {
            assert_eq!(entry.digest, digest, "frame {seq} of {id} was sent with other bytes before");
            return;
        }
        inner.write(format_args!("sent {id} {seq} {digest} {events}"));
        let bytes = inner.entries.len().is_multiple_of(32).then(|| bytes.to_vec());
        inner.entries.insert((id.get(), seq), Entry { digest, events, state: State::Sent, bytes });
    }

    /// Says that the collector acked a frame.
    pub fn acked(&self, id: PageViewId, seq: u32) {
        self.settle(id, seq, State::Acked);
    }

    /// Says that the collector refused a frame for good.
    pub fn nacked(&self, id: PageViewId, seq: u32) {
        self.settle(id, seq, State::Nacked);
    }

    fn settle(&self, id: PageViewId, seq: u32, state: State) {
        let mut inner = self.lock();
        let Some(entry) = inner.entries.get_mut(&(id.get(), seq)) else { return };
        // A cumulative ack passes over what was refused before.
        if entry.state == State::Sent {
            entry.state = state;
            inner.write(format_args!("{} {id} {seq}", if state == State::Acked { "acked" } else { "nacked" }));
        }
    }

    /// Frames sent, each counted once.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frames in this state.
    pub fn count(&self, state: State) -> usize {
        self.lock().entries.values().filter(|entry| entry.state == state).count()
    }

    /// What it knows at the moment, by page view id and seq.
    pub fn entries(&self) -> HashMap<(i64, u32), Entry> {
        self.lock().entries.clone()
    }

    /// Compares it with what is stored. `owner` needs the rights of the owner.
    pub async fn check(&self, owner: &mut PgConnection) -> Findings {
        let entries = self.entries();
        Findings::compare(&entries, owner).await
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Inner {
    fn write(&mut self, line: std::fmt::Arguments<'_>) {
        if let Some(file) = &mut self.file {
            file.write_all(format!("{line}\n").as_bytes()).unwrap();
        }
    }
}

/// First 8 bytes of the SHA-256, big endian.
pub fn digest(bytes: &[u8]) -> i64 {
    i64::from_be_bytes(Sha256::digest(bytes)[..8].try_into().expect("8 bytes"))
}
