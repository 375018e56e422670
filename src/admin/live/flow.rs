use std::time::Duration;

use tokio::time::Instant;

/// What may be under way to a viewer, bytes, before it has to say that it got it. One message may go over it.
const WINDOW: usize = 64 << 10;
/// So much is asked about at once; less waits for the next look at the time.
const ASK_AT: usize = WINDOW / 4;
/// A viewer to whom nothing is sent is asked as often as this whether it is still there.
const ASK_EVERY: Duration = Duration::from_secs(20);
/// How long an answer may take. Whoever doesn't read doesn't answer, however much the system's buffers have swallowed.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What is under way to a viewer. Pings stand in the same stream as what is sent, so the pong to one says that everything before it was read.
pub(super) struct Flow {
    unconfirmed: usize,
    asked: Option<Asked>,
    number: u64,
    last_asked: Instant,
}

/// A ping that was not answered yet.
struct Asked {
    number: u64,
    /// Bytes that its pong confirms.
    bytes: usize,
}

impl Flow {
    pub(super) fn new(now: Instant) -> Self {
        Self { unconfirmed: 0, asked: None, number: 0, last_asked: now }
    }

    /// May more be sent?
    pub(super) fn is_open(&self) -> bool {
        self.unconfirmed < WINDOW
    }

    /// So many bytes were sent.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.unconfirmed += bytes;
    }

    /// Is it time for a ping, because of what was just sent?
    pub(super) fn is_due(&self) -> bool {
        self.asked.is_none() && self.unconfirmed >= ASK_AT
    }

    /// The same, because time has passed.
    pub(super) fn is_due_at(&self, now: Instant) -> bool {
        self.asked.is_none() && (self.unconfirmed > 0 || now - self.last_asked >= ASK_EVERY)
    }

    /// What the ping has to say that is sent now.
    pub(super) fn ask(&mut self, now: Instant) -> [u8; 8] {
        self.number += 1;
        self.last_asked = now;
        self.asked = Some(Asked { number: self.number, bytes: self.unconfirmed });
        self.number.to_be_bytes()
    }

    /// A pong came. One that answers nothing counts for nothing.
    pub(super) fn answer(&mut self, said: &[u8]) {
        if let Some(asked) = self.asked.take_if(|asked| asked.number.to_be_bytes() == said) {
            self.unconfirmed -= asked.bytes;
        }
    }

    /// Until when an answer has to come.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.asked.as_ref().map(|_| self.last_asked + ANSWER_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_over_what_is_not_confirmed_and_a_pong_opens_it() {
        let now = Instant::now();
        let mut flow = Flow::new(now);
        assert!(flow.is_open() && !flow.is_due_at(now));
        flow.sent(WINDOW - 1);
        assert!(flow.is_open() && flow.is_due());
        let ping = flow.ask(now);
        assert_eq!(flow.deadline(), Some(now + ANSWER_LIMIT));
        flow.sent(100);
        assert!(!flow.is_open() && !flow.is_due(), "one ping at a time");
        flow.answer(b"anything");
        flow.answer(&7u64.to_be_bytes());
        assert!(!flow.is_open(), "an answer to nothing");
        flow.answer(&ping);
        assert!(flow.is_open() && flow.deadline().is_none());
        flow.answer(&ping);
        assert!(!flow.is_due() && flow.is_due_at(now), "100 bytes are asked about later");
        let ping = flow.ask(now);
        flow.answer(&ping);
        assert!(!flow.is_due_at(now) && flow.is_due_at(now + ASK_EVERY));
    }
}
