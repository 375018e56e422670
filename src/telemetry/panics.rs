use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::atomic::{AtomicU64, Ordering};

use super::form::Form;

static PANICS: AtomicU64 = AtomicU64::new(0);

/// Panics since the start. Each one is a bug, even where a task's end hid it.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Counts panics and logs each as one line. What a panic does is the same as ever.
pub(super) fn log_them(form: Form) {
    let usual = take_hook();
    set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        log(info, form);
        // Its many lines are for the developer at a terminal. They would spoil a log of JSON, and they show the whole message.
        if form == Form::Text && (cfg!(debug_assertions) || std::env::var_os("RUST_BACKTRACE").is_some()) {
            usual(info);
        }
    }));
}

fn log(info: &PanicHookInfo<'_>, form: Form) {
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    // A message that was put together may quote what a visitor sent, such as a text that was cut within a character.
    let message = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not shown, because it may quote data)");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    let backtrace = Backtrace::capture();
    if form == Form::Json && backtrace.status() == BacktraceStatus::Captured {
        // Its begin has the place; all of it would be too long for a line.
        let backtrace: String = backtrace.to_string().chars().take(8_000).collect();
        tracing::error!(location, thread, panic = message, backtrace, "a panic: this is a bug, please report it");
    } else {
        tracing::error!(location, thread, panic = message, "a panic: this is a bug, please report it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_counted_and_takes_its_usual_way() {
        log_them(Form::Json);
        let before = panics();
        let outcome = std::panic::catch_unwind(|| panic!("on purpose"));
        let _ = take_hook();
        assert!(outcome.is_err());
        assert!(panics() > before);
    }
}
