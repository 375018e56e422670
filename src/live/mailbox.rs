use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Present;
use crate::event::PageViewId;

/// What may wait for one watcher, bytes. What its socket has under way comes on top; together they stay under 256 KiB.
pub const MAX_WAITING_BYTES: usize = 128 << 10;
/// A watcher that takes nothing for so long, while something waits for it, is given up.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(10);
/// What an update takes of memory beside the bytes of its frame.
const OVERHEAD_BYTES: usize = 128;

/// A frame as the visitor sent it. It may not be committed yet, and after a reconnection it may come twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveFrame {
    /// The page view that it belongs to.
    pub page_view: PageViewId,
    /// Its bytes on the wire, shared by all who watch.
    pub bytes: Arc<[u8]>,
}

/// What a watcher hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Update {
    /// What a watched visitor did.
    Frame(LiveFrame),
    /// A page view began, or its connection came back.
    Arrived(Present),
    /// A page view ended, or its connection broke.
    Left(PageViewId),
    /// So many of the above were lost just here, because they were not taken in time. A list of visitors has to be asked for anew.
    Missed(u64),
}

impl Update {
    fn cost(&self) -> usize {
        let bytes = if let Self::Frame(frame) = self { frame.bytes.len() } else { 0 };
        bytes + OVERHEAD_BYTES
    }
}

/// What waits for one watcher: bounded in bytes. When it is full, the oldest updates are lost as a whole, since the newest matter most.
#[derive(Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Update>,
    bytes: usize,
    missed: u64,
    /// Since when something waits and nothing was taken.
    silent_since: Option<Instant>,
    is_closed: bool,
}

impl Mailbox {
    /// Puts an update in. A watcher that has been silent for too long is given up here, so that it costs nothing any more.
    pub(super) fn put(&self, update: Update) {
        self.put_at(update, Instant::now());
    }

    pub(super) fn put_at(&self, update: Update, now: Instant) {
        let mut state = self.lock();
        if state.is_closed {
            return;
        }
        if now - *state.silent_since.get_or_insert(now) > LONGEST_SILENCE {
            *state = State { is_closed: true, ..State::default() };
        } else {
            state.bytes += update.cost();
            state.waiting.push_back(update);
            while state.bytes > MAX_WAITING_BYTES
                && let Some(lost) = state.waiting.pop_front()
            {
                state.bytes -= lost.cost();
                state.missed += 1;
            }
        }
        drop(state);
        self.arrived.notify_one();
    }

    /// Takes the next update, waiting for one; `None` once the watcher was given up. Can be dropped and called again without loss.
    pub(super) async fn take(&self) -> Option<Update> {
        loop {
            if let Some(taken) = self.take_at(Instant::now()) {
                return taken;
            }
            // A permit is kept where an update came between the look and the wait.
            self.arrived.notified().await;
        }
    }

    /// `None` where nothing waits.
    pub(super) fn take_at(&self, now: Instant) -> Option<Option<Update>> {
        let mut state = self.lock();
        if state.is_closed {
            return Some(None);
        }
        let taken = match std::mem::take(&mut state.missed) {
            0 => {
                let next = state.waiting.pop_front()?;
                state.bytes -= next.cost();
                next
            }
            missed => Update::Missed(missed),
        };
        state.silent_since = (!state.waiting.is_empty()).then_some(now);
        Some(Some(taken))
    }

    /// Bytes that wait.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
