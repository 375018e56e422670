use std::fmt::Error;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use rustix::process::{Resource, getrlimit};

/// What the process knows about itself, looked at when somebody asks. What only Linux tells is absent elsewhere.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut tell = |name, help, metric: &dyn Encode| metric.encode(&mut encoder, name, help);
        let suppressed = ConstCounter::new(super::suppressed());
        tell("mousetrail_log_lines_suppressed", "Log lines that were left out, because there were more than 100 in a second", &suppressed)?;
        tell("mousetrail_panics", "Panics: each one is a bug", &ConstCounter::new(super::panics()))?;
        if let Some(usage) = Usage::read() {
            tell("mousetrail_process_resident_bytes", "Memory that the process has in RAM", &ConstGauge::new(usage.resident_bytes))?;
            tell("mousetrail_process_cpu_seconds", "Time that the process had on processors", &ConstCounter::new(usage.cpu_seconds))?;
        }
        if let Some(open) = open_fds() {
            tell("mousetrail_process_open_fds", "Open files and sockets", &ConstGauge::new(open))?;
        }
        if let Some(limit) = getrlimit(Resource::Nofile).current {
            tell("mousetrail_process_fd_limit", "Open files and sockets that the system allows", &ConstGauge::new(limit as i64))?;
        }
        tell("mousetrail_build", "Version of the collector", &Info::new([("version", env!("CARGO_PKG_VERSION"))]))
    }
}

/// A metric that is written under a name.
trait Encode {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str) -> Result<(), Error>;
}

impl<M: EncodeMetric> Encode for M {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str) -> Result<(), Error> {
        EncodeMetric::encode(self, encoder.encode_descriptor(name, help, None, self.metric_type())?)
    }
}

#[derive(Debug, PartialEq)]
struct Usage {
    resident_bytes: i64,
    cpu_seconds: f64,
}

impl Usage {
    fn read() -> Option<Self> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let (ticks, page) = (rustix::param::clock_ticks_per_second(), rustix::param::page_size());
        Self::parse(&stat, ticks as f64, page as i64)
    }

    /// Reads `proc_pid_stat(5)`: utime, stime and rss are fields 14, 15 and 24.
    fn parse(stat: &str, ticks_a_second: f64, page_bytes: i64) -> Option<Self> {
        // The second field is the name of the program, which may hold spaces and brackets.
        let after_name: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |number: usize| after_name.get(number - 3)?.parse::<i64>().ok();
        let ticks = field(14)? + field(15)?;
        Some(Self { resident_bytes: field(24)? * page_bytes, cpu_seconds: ticks as f64 / ticks_a_second })
    }
}

/// Without the one that reading the list takes.
fn open_fds() -> Option<i64> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count() as i64 - 1)
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn the_fields_of_the_system_are_read_behind_a_name_with_brackets() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 1 0 0 0 150 50 0 0 20 0 5 0 100 999 300 18446744073709551615";
        assert_eq!(Usage::parse(stat, 100.0, 4096), Some(Usage { resident_bytes: 1_228_800, cpu_seconds: 2.0 }));
        assert_eq!(Usage::parse("7 (a", 100.0, 4096), None);
    }

    #[test]
    fn the_process_is_told_with_help_texts() {
        let mut registry = Registry::default();
        crate::telemetry::register(&mut registry);
        let text = crate::telemetry::render(&registry).unwrap();
        for name in ["log_lines_suppressed_total", "panics_total", "process_fd_limit", "build_info{version=\"0.1.0\"} 1"] {
            assert!(text.contains(&format!("\nmousetrail_{name}")), "{name} is missing in {text}");
        }
        assert!(text.contains("# HELP mousetrail_panics "), "{text}");
        if cfg!(target_os = "linux") {
            for name in ["process_resident_bytes", "process_open_fds", "process_cpu_seconds_total"] {
                assert!(text.contains(&format!("\nmousetrail_{name} ")), "{name} is missing in {text}");
            }
        }
    }
}
