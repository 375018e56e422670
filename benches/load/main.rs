//! The load generator: idle and active clients of the real protocol against a collector that runs already (`--url`) or one of its own, which
//! is then a process of its own beside a Postgres of its own. `make load ARGS='--idle 1000 --active 200 --seconds 60'` runs it.

#[path = "mod.rs"]
#[expect(dead_code, unused_imports, reason = "some of it only the chaos tests use")]
mod load;

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Parser;
use load::{Backoff, Collector, Fleet, Launch, Ledger, ORIGIN, Plan, Postgres, Report};
use serde::Serialize;

/// How long clients may take to bring home what they hold, s.
const DRAIN_S: u64 = 60;

#[derive(Parser)]
struct Arguments {
    /// A collector that runs already, such as http://127.0.0.1:8080 [default: one of its own]
    #[arg(long)]
    url: Option<String>,
    /// Key of the site to send to; with --url only
    #[arg(long, default_value = "")]
    key: String,
    /// Origin that the site allows
    #[arg(long, default_value = ORIGIN)]
    origin: String,
    /// Clients that are connected and silent
    #[arg(long, default_value_t = 0)]
    idle: usize,
    /// Clients that move
    #[arg(long, default_value_t = 200)]
    active: usize,
    /// Samples that a moving client takes a second
    #[arg(long, default_value_t = 20.0)]
    rate_hz: f64,
    /// Time between two frames of a client
    #[arg(long, default_value_t = 1_000)]
    frame_interval_ms: u64,
    /// How long the active clients move
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Over this time the idle clients come, and then the active ones
    #[arg(long, default_value_t = 5)]
    ramp_seconds: u64,
    /// Source addresses to spread over [default: one for ten clients]
    #[arg(long)]
    addresses: Option<usize>,
    /// File for the ledger: a line for each frame sent, acked or refused
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// Print the JSON line alone
    #[arg(long)]
    json: bool,
    /// The collector's binary
    #[arg(long, default_value = env!("CARGO_BIN_EXE_mousetrail"))]
    mousetrail: PathBuf,
    /// Further flags of the collector, separated by spaces
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    flags: String,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// The last line.
#[derive(Serialize)]
struct Line {
    idle: usize,
    active: usize,
    rate_hz: f64,
    frame_interval_ms: u64,
    seconds: f64,
    events_a_second: f64,
    /// Frames that are still not settled after the drain.
    unsettled: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    collector: Option<Process>,
    #[serde(flatten)]
    report: Report,
}

/// What the collector of our own took.
#[derive(Serialize)]
struct Process {
    rss_kib_empty: u64,
    rss_kib_idle: u64,
    rss_kib_all: u64,
    rss_kib_end: u64,
    kib_an_idle_connection: f64,
    kib_an_active_connection: f64,
    cpu_seconds: f64,
    cores: f64,
    lost: usize,
    duplicate: usize,
    altered: usize,
    alien: usize,
}

fn main() {
    let arguments = Arguments::parse();
    let say = |words: String| {
        if !arguments.json {
            println!("{words}");
        }
    };
    let own = arguments.url.is_none().then(|| start(&arguments));
    let (url, key) = match &own {
        Some((postgres, collector)) => (collector.url(), postgres.site.key.clone()),
        None => (arguments.url.clone().unwrap_or_default(), arguments.key.clone()),
    };
    let ledger = arguments.ledger.as_deref().map_or_else(Ledger::new, Ledger::in_file);
    let connections = arguments.idle + arguments.active;
    let base = Plan {
        origin: arguments.origin.clone(),
        rate_hz: arguments.rate_hz,
        frame_interval: Duration::from_millis(arguments.frame_interval_ms),
        ramp: Duration::from_secs(arguments.ramp_seconds),
        addresses: arguments.addresses.unwrap_or(connections.div_ceil(10)),
        backoff: Backoff::PROTOCOL,
        seed: arguments.seed,
        ..Plan::new(&url, &key, 0)
    };
    let rss = || own.as_ref().map_or(0, |(_, collector)| collector.rss_bytes() / 1_024);

    let empty = rss();
    let idle = Fleet::start_with(&Plan { idle: arguments.idle, seed: arguments.seed + 1, ..base.clone() }, ledger.clone());
    let is_in = wait_for(&idle, arguments.idle, arguments.ramp_seconds + 30);
    sleep(Duration::from_secs(if arguments.idle > 0 { 3 } else { 0 }));
    let with_idle = rss();
    say(format!("{} of {} idle clients are in: {is_in}", idle.connections(), arguments.idle));

    let cpu_before = own.as_ref().map_or(0.0, |(_, collector)| collector.cpu_seconds());
    let begin = Instant::now();
    let active = Fleet::start_with(&Plan { active: arguments.active, ..base }, ledger.clone());
    let is_in = wait_for(&active, arguments.active, arguments.ramp_seconds + 30);
    say(format!("{} of {} active clients are in: {is_in}", active.connections(), arguments.active));
    // What is measured begins when everybody is there.
    active.tally.reset_times();
    let (measured, acked_before) = (Instant::now(), active.tally.counts().acked_events);
    let mut next = 10;
    while measured.elapsed().as_secs() < arguments.seconds {
        sleep(Duration::from_millis(200).min(Duration::from_secs(arguments.seconds)));
        if measured.elapsed().as_secs() >= next {
            next += 10;
            say(format!("{:4.0} s  rss {} KiB  {}", measured.elapsed().as_secs_f64(), rss(), active.report().line()));
        }
    }
    let seconds = measured.elapsed().as_secs_f64();
    let events = active.tally.counts().acked_events - acked_before;
    let with_all = rss();
    let cpu_seconds = own.as_ref().map_or(0.0, |(_, collector)| collector.cpu_seconds()) - cpu_before;
    let all_seconds = begin.elapsed().as_secs_f64();
    let is_home = active.drain(Duration::from_secs(DRAIN_S));
    if !is_home {
        say(format!("not everything is settled after {DRAIN_S} s"));
    }
    let unsettled = active.unsettled();
    let mut report = active.end();
    let idle_report = idle.end();
    report.errors += idle_report.errors;
    report.refused += idle_report.refused;
    report.timeouts += idle_report.timeouts;
    report.reconnects += idle_report.reconnects;
    let collector = own.map(|(postgres, collector)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let findings = runtime.block_on(async { ledger.check(&mut postgres.owner().await).await });
        say(format!("{findings:?}"));
        let rss_kib_end = collector.rss_bytes() / 1_024;
        collector.finish();
        let each = |more: u64, less: u64, count: usize| if count == 0 { 0.0 } else { more.saturating_sub(less) as f64 / count as f64 };
        Process {
            rss_kib_empty: empty,
            rss_kib_idle: with_idle,
            rss_kib_all: with_all,
            rss_kib_end,
            kib_an_idle_connection: each(with_idle, empty, arguments.idle),
            kib_an_active_connection: each(with_all, with_idle, arguments.active),
            cpu_seconds,
            cores: cpu_seconds / all_seconds,
            lost: findings.lost,
            duplicate: findings.duplicate,
            altered: findings.altered,
            alien: findings.alien,
        }
    });
    let line = Line {
        idle: arguments.idle,
        active: arguments.active,
        rate_hz: arguments.rate_hz,
        frame_interval_ms: arguments.frame_interval_ms,
        seconds,
        events_a_second: events as f64 / seconds,
        unsettled,
        collector,
        report,
    };
    println!("{}", serde_json::to_string(&line).expect("plain structs always serialise"));
}

/// A Postgres and a collector whose limits are no obstacle.
fn start(arguments: &Arguments) -> (Postgres, Collector) {
    let postgres = Postgres::start();
    let mut launch = Launch::new(&postgres.url());
    launch.program = arguments.mousetrail.clone();
    let collector = Collector::launch(launch.wide_open().flags(arguments.flags.split_whitespace()));
    (postgres, collector)
}

/// Waits until this many clients are in; false if they are not in time.
fn wait_for(fleet: &Fleet, count: usize, limit_s: u64) -> bool {
    let begin = Instant::now();
    while fleet.connections() < count as u64 {
        if begin.elapsed().as_secs() > limit_s {
            return false;
        }
        sleep(Duration::from_millis(100));
    }
    true
}
