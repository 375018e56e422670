use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Lines in any second. A person reads none of more, and a disk fills up with them.
pub(super) const LIMIT: usize = 100;
const SECOND: Duration = Duration::from_secs(1);

/// The lines of the past second. It bounds every second, wherever that begins: a bucket that is refilled would let twice as many through in the
/// first one.
#[derive(Debug, Default)]
pub(super) struct Window {
    written: VecDeque<Instant>,
    left_out: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is written, after a line that says how many were left out before it, where some were.
    Write { left_out: Option<u64> },
    /// It is left out. `is_first`: and it is the first one of them.
    LeaveOut { is_first: bool },
}

impl Window {
    /// Judges a line that comes now.
    pub(super) fn judge(&mut self, now: Instant) -> Verdict {
        // Whoever comes after a gap needs a place for two: the line about the gap counts as well.
        if self.has_room(now, if self.left_out == 0 { 1 } else { 2 }) {
            let left_out = self.report(now);
            self.written.push_back(now);
            return Verdict::Write { left_out };
        }
        self.left_out += 1;
        Verdict::LeaveOut { is_first: self.left_out == 1 }
    }

    /// How many were left out and not yet spoken of, where there is room to say so.
    pub(super) fn report(&mut self, now: Instant) -> Option<u64> {
        if self.left_out == 0 || !self.has_room(now, 1) {
            return None;
        }
        self.written.push_back(now);
        Some(std::mem::take(&mut self.left_out))
    }

    /// The same at the end of the process, where nothing follows that could say it.
    pub(super) fn report_at_last(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.left_out)).filter(|left_out| *left_out > 0)
    }

    /// Is there still something to be spoken of?
    pub(super) fn is_behind(&self) -> bool {
        self.left_out > 0
    }

    fn has_room(&mut self, now: Instant, for_lines: usize) -> bool {
        while self.written.front().is_some_and(|written| now.saturating_duration_since(*written) >= SECOND) {
            self.written.pop_front();
        }
        self.written.len() + for_lines <= LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_than_a_hundred_lines_and_nothing_is_left_out_without_being_counted() {
        let (begin, mut window) = (Instant::now(), Window::default());
        let (mut written, mut told, mut offered) = (Vec::new(), 0, 0);
        // Bursts of all kinds, for ten seconds.
        for ms in 0..10_000_u64 {
            for _ in 0..[0, 1, 0, 7, 0, 0, 90][(ms / 13 % 7) as usize] {
                offered += 1;
                let now = begin + Duration::from_millis(ms);
                if let Verdict::Write { left_out } = window.judge(now) {
                    if let Some(count) = left_out {
                        told += count;
                        written.push((now, true));
                    }
                    written.push((now, false));
                }
            }
        }
        told += window.report_at_last().unwrap_or_default();
        for (at, (first, _)) in written.iter().enumerate() {
            let within = written[at..].iter().take_while(|(line, _)| *line < *first + SECOND).count();
            assert!(within <= LIMIT, "{within} lines within a second");
        }
        let lines = written.iter().filter(|(_, is_notice)| !is_notice).count() as u64;
        assert_eq!(lines + told, offered);
        assert!(told > 10_000 && lines >= 900, "{lines} {told}");
    }

    #[test]
    fn a_quiet_log_is_complete() {
        let (begin, mut window) = (Instant::now(), Window::default());
        for n in 0..1_000 {
            assert_eq!(window.judge(begin + Duration::from_millis(10 * n)), Verdict::Write { left_out: None });
        }
    }

    #[test]
    fn what_was_left_out_is_told_once_and_only_when_there_is_room() {
        let (begin, mut window) = (Instant::now(), Window::default());
        (0..LIMIT).for_each(|_| assert_eq!(window.judge(begin), Verdict::Write { left_out: None }));
        assert_eq!(window.judge(begin), Verdict::LeaveOut { is_first: true });
        assert_eq!(window.judge(begin), Verdict::LeaveOut { is_first: false });
        assert_eq!(window.report(begin + SECOND / 2), None);
        assert!(window.is_behind());
        assert_eq!(window.report(begin + SECOND), Some(2));
        assert_eq!(window.judge(begin + SECOND), Verdict::Write { left_out: None });
    }
}
