use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::form::Form;
use super::window::{Verdict, Window};

/// The log of this process.
static LOG: OnceLock<Lines<io::Stderr>> = OnceLock::new();

/// How long a gap may stay unspoken of.
const QUIET: Duration = Duration::from_secs(1);

/// Lets so many lines a second through to `W`, and says how many it left out.
struct Lines<W> {
    form: Form,
    suppressed: AtomicU64,
    state: Mutex<State<W>>,
}

struct State<W> {
    window: Window,
    out: W,
    /// A thread waits for the gap's end.
    is_watched: bool,
}

/// Makes a writer for each event, to stderr.
pub(super) fn stderr(form: Form) -> impl Fn() -> Event + Send + Sync + 'static {
    let lines = LOG.get_or_init(|| Lines::new(form, io::stderr()));
    move || Event(lines)
}

pub(super) fn suppressed() -> u64 {
    LOG.get().map_or(0, |lines| lines.suppressed.load(Ordering::Relaxed))
}

pub(super) fn flush() {
    if let Some(lines) = LOG.get() {
        lines.end();
    }
}

/// Writer of one event: the formatter hands it over in one piece.
pub(super) struct Event(&'static Lines<io::Stderr>);

impl Write for Event {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let lines = self.0;
        if lines.write(event, Instant::now()) {
            // At most one at a time, and only while lines are left out. Without a thread the next line, or the end, says what is missing.
            let watch = move || while !lines.is_over() {};
            if std::thread::Builder::new().name("log".to_owned()).spawn(watch).is_err() {
                lines.state().is_watched = false;
            }
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Lines<W> {
    fn new(form: Form, out: W) -> Self {
        Self { form, suppressed: AtomicU64::new(0), state: Mutex::new(State { window: Window::default(), out, is_watched: false }) }
    }

    /// Writes an event or leaves it out. True: a gap begins that nobody watches yet.
    ///
    /// A log that can't be written must not stop the collector, so what the system says to that is not heard.
    fn write(&self, event: &[u8], now: Instant) -> bool {
        let mut state = self.state();
        match state.window.judge(now) {
            Verdict::Write { left_out } => {
                if let Some(count) = left_out {
                    self.tell(&mut state, count);
                }
                let _ = state.out.write_all(&self.form.in_one_line(event));
                false
            }
            Verdict::LeaveOut { is_first } => {
                self.suppressed.fetch_add(1, Ordering::Relaxed);
                let is_unwatched = is_first && !state.is_watched;
                state.is_watched |= is_unwatched;
                is_unwatched
            }
        }
    }

    /// Waits a moment, then speaks of the gap if no line did. True: nothing is left to say.
    fn is_over(&self) -> bool {
        std::thread::sleep(QUIET);
        self.catch_up(Instant::now())
    }

    fn catch_up(&self, now: Instant) -> bool {
        let mut state = self.state();
        if let Some(count) = state.window.report(now) {
            self.tell(&mut state, count);
        }
        state.is_watched = state.window.is_behind();
        !state.is_watched
    }

    fn end(&self) {
        let mut state = self.state();
        if let Some(count) = state.window.report_at_last() {
            self.tell(&mut state, count);
        }
    }

    fn tell(&self, state: &mut State<W>, count: u64) {
        let notice = self.form.notice("log lines were left out, because there were more than 100 in a second", "lines", count);
        let _ = state.out.write_all(notice.as_bytes());
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::window::LIMIT;

    fn written(lines: &Lines<Vec<u8>>) -> Vec<String> {
        String::from_utf8(lines.state().out.clone()).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_gap_is_spoken_of_before_the_next_line() {
        let (begin, lines) = (Instant::now(), Lines::new(Form::Text, Vec::new()));
        let begun = (0..LIMIT + 50).filter(|n| lines.write(format!("line {n}\n").as_bytes(), begin)).count();
        assert_eq!(begun, 1, "one gap, one watcher");
        assert_eq!(written(&lines).len(), LIMIT);
        lines.write(b"later\n", begin + Duration::from_secs(1));
        let written = written(&lines);
        assert!(written[LIMIT].ends_with("lines=50"), "{}", written[LIMIT]);
        assert_eq!(written[LIMIT + 1], "later");
        assert_eq!(lines.suppressed.load(Ordering::Relaxed), 50);
    }

    #[test]
    fn a_gap_is_spoken_of_when_it_gets_quiet_and_at_the_end() {
        let (begin, lines) = (Instant::now(), Lines::new(Form::Json, Vec::new()));
        for _ in 0..LIMIT + 3 {
            lines.write(b"{}\n", begin);
        }
        assert!(!lines.catch_up(begin + QUIET / 2), "no room yet");
        assert!(lines.catch_up(begin + QUIET));
        assert!(written(&lines)[LIMIT].contains("\"lines\":3"));
        for _ in 0..LIMIT {
            lines.write(b"{}\n", begin + QUIET);
        }
        lines.end();
        assert!(written(&lines).last().unwrap().contains("\"lines\":1"));
        lines.end();
        assert_eq!(written(&lines).len(), 2 * LIMIT + 1, "it is said once");
    }

    /// Through the real formatter.
    #[test]
    fn each_line_is_one_json_object_whatever_is_in_the_fields() {
        static TAKEN: OnceLock<Lines<Vec<u8>>> = OnceLock::new();
        struct Taken;
        impl Write for Taken {
            fn write(&mut self, event: &[u8]) -> io::Result<usize> {
                TAKEN.get().unwrap().write(event, Instant::now());
                Ok(event.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        TAKEN.get_or_init(|| Lines::new(Form::Json, Vec::new()));
        let hostile =
            ["a\r\n{\"level\":\"forged\"}", "\u{1b}[31mred\u{9b}2J", "${jndi:ldap://x/y}", "\"}}\n\0", &"x".repeat(1 << 20), "\u{2028}"];
        tracing::subscriber::with_default(tracing_subscriber::fmt().json().with_writer(|| Taken).finish(), || {
            for text in hostile {
                tracing::warn!(text, shown = %text, f = f64::NAN, "{text}");
            }
        });
        let lines = written(TAKEN.get().unwrap());
        assert_eq!(lines.len(), hostile.len());
        for line in lines {
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(value["level"], "WARN");
            assert!(!line.contains('\u{1b}'));
        }
    }
}
