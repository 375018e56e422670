use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::proxy_faults::{Hook, Verdict};

/// Cuts what a Postgres client sends into messages: (type, body). The startup message has type 0.
#[derive(Default)]
pub struct Messages {
    bytes: Vec<u8>,
    has_started: bool,
}

impl Messages {
    /// Takes the next bytes and gives the messages that are whole.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        self.bytes.extend_from_slice(bytes);
        let mut messages = Vec::new();
        loop {
            let head = usize::from(self.has_started);
            let Some(length) = self.bytes.get(head..head + 4) else { return messages };
            let end = head + u32::from_be_bytes(length.try_into().expect("4 bytes")) as usize;
            if self.bytes.len() < end {
                return messages;
            }
            let kind = if self.has_started { self.bytes[0] } else { 0 };
            messages.push((kind, self.bytes[head + 4..end].to_vec()));
            self.bytes.drain(..end);
            self.has_started = true;
        }
    }
}

/// Makes commits ambiguous: every `every`th COMMIT reaches Postgres, but its answer vanishes and the connection is reset. Returns the hooks for
/// `Proxy::hook` and the number of commits done so.
pub fn lose_commits(every: u64) -> (impl Fn() -> (Hook, Hook) + Send + 'static, Arc<AtomicU64>) {
    let (seen, lost) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let count = lost.clone();
    let make = move || {
        let is_next = Arc::new(AtomicBool::new(false));
        let (seen, lost, is_lost) = (seen.clone(), lost.clone(), is_next.clone());
        let mut messages = Messages::default();
        let up: Hook = Box::new(move |bytes| {
            for (kind, body) in messages.read(bytes) {
                let is_commit = kind == b'Q' && body.eq_ignore_ascii_case(b"commit\0");
                if is_commit && (seen.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every) {
                    is_next.store(true, Ordering::Relaxed);
                }
            }
            Verdict::Pass
        });
        let down: Hook = Box::new(move |_| {
            if is_lost.swap(false, Ordering::Relaxed) {
                // Bytes of an answer have come, so Postgres has committed.
                lost.fetch_add(1, Ordering::Relaxed);
                return Verdict::Reset;
            }
            Verdict::Pass
        });
        (up, down)
    };
    (make, count)
}

/// Takes `synchronous_commit=on` out of the startup message and puts `off` there: what a collector that doesn't care would say.
pub fn without_synchronous_commit() -> (Hook, Hook) {
    let mut has_started = false;
    let up: Hook = Box::new(move |bytes| {
        if std::mem::replace(&mut has_started, true) {
            return Verdict::Pass;
        }
        let wanted = b"synchronous_commit=on";
        let Some(at) = bytes.windows(wanted.len()).position(|window| window == wanted) else { return Verdict::Pass };
        let mut changed = [&bytes[..at], b"synchronous_commit=off".as_slice(), &bytes[at + wanted.len()..]].concat();
        let length = (changed.len() as u32).to_be_bytes();
        changed[..4].copy_from_slice(&length);
        Verdict::Replace(changed)
    });
    (up, Box::new(|_| Verdict::Pass))
}
