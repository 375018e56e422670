mod form;
mod lines;
mod panics;
mod process;
mod window;

pub use panics::panics;

use std::io::IsTerminal;

use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

use form::Form;

/// What is logged unless `RUST_LOG` says otherwise: warnings, and our own information. The HTTP server below us calls it an error when a
/// stranger's request can't be read; that is for the stranger to know, and who floods us with such must not drown what matters.
const FILTER: &str = "warn,mousetrail=info,actix_http::h1=off";

/// Log lines to stderr, as text or as JSON, at most 100 in any second. `RUST_LOG` sets what is logged. Panics become log lines, too.
pub fn init(is_json: bool) {
    let form = if is_json { Form::Json } else { Form::Text };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
    let is_terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(lines::stderr(form));
    // A second call, from another test of the same process, changes nothing.
    let is_first = if is_json { subscriber.json().try_init().is_ok() } else { subscriber.with_target(false).try_init().is_ok() };
    if is_first {
        panics::log_them(form);
    }
}

/// Log lines that were left out since the start, because there were too many in a second.
pub fn suppressed() -> u64 {
    lines::suppressed()
}

/// Says what was left out, should the process end right after too many lines.
pub fn flush() {
    lines::flush();
}

/// Tells the registry of what the process knows about itself. It is read when somebody asks for the metrics.
pub fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(process::Process));
}

/// All metrics in the text format that Prometheus reads.
pub fn render(registry: &Registry) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry)?;
    Ok(text)
}
