use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

/// Log lines to stderr, as text or as JSON. `RUST_LOG` sets what is logged; otherwise warnings, and our own information.
pub fn init(is_json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,mousetrail=info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, from another test of the same process, changes nothing.
    let _ = if is_json { subscriber.json().try_init() } else { subscriber.with_target(false).try_init() };
}

/// All metrics in the text format that Prometheus reads.
pub fn render(registry: &Registry) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry)?;
    Ok(text)
}
