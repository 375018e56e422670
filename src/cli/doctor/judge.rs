//! What a number means. Apart from how it is found, so that each bound can be tested without a full disk or a wrong clock.

use std::path::Path;

use chrono::TimeDelta;

use super::finding::Finding;

/// Free bytes below which Postgres may stop within hours of a busy site.
const LITTLE: u64 = 5 << 30;
/// Free bytes below which it may stop at any time: `max_wal_size` of the private cluster alone is 2 GB.
const HARDLY_ANY: u64 = 1 << 30;
/// The oldest Postgres that the schema is tested on.
const OLDEST: i32 = 14;

/// Disk space where Postgres keeps its data.
pub(super) fn disk(free: u64, total: u64, path: &Path) -> Finding {
    let found = format!("{} of {} free at {}", gib(free), gib(total), path.display());
    let advice = "Make room or a larger disk: when it is full, Postgres takes nothing, clients keep what they can, and the rest is lost.";
    match free {
        _ if free < HARDLY_ANY => Finding::fail("postgres.disk", found, advice),
        _ if free < LITTLE || free < total / 20 => Finding::warning("postgres.disk", found, advice),
        _ => Finding::ok("postgres.disk", found),
    }
}

/// How far the clock of Postgres is ahead of ours.
pub(super) fn clock(ahead: TimeDelta) -> Finding {
    let seconds = ahead.num_milliseconds() as f64 / 1_000.0;
    let found =
        format!("the clock of Postgres is {:.3} s {} this machine's", seconds.abs(), if seconds < 0.0 { "behind" } else { "ahead of" });
    let advice = "Let both machines follow a time server (timedatectl set-ntp true): sessions, tokens and partitions go by these clocks.";
    match seconds.abs() {
        off if off > 30.0 => Finding::fail("postgres.clock", found, advice),
        off if off > 1.0 => Finding::warning("postgres.clock", found, advice),
        _ => Finding::ok("postgres.clock", found),
    }
}

/// Connections of Postgres against what one more collector takes.
pub(super) fn connections(max: i64, reserved: i64, open: i64, pools: i64) -> Finding {
    let usable = max - reserved;
    let found = format!("{open} of {usable} in use; a collector takes up to {pools}");
    let advice = format!(
        "Raise max_connections to at least {}: each collector holds up to {pools}, two during a deploy.",
        2 * pools + 10 + reserved
    );
    match usable {
        _ if usable < pools + 2 || open >= usable => Finding::fail("postgres.connections", found, advice),
        _ if usable < 2 * pools + 10 || usable - open < pools => Finding::warning("postgres.connections", found, advice),
        _ => Finding::ok("postgres.connections", found),
    }
}

/// `server_version_num`.
pub(super) fn version(number: i32) -> Finding {
    let found = format!("Postgres {}.{}", number / 10_000, number % 10_000);
    if number / 10_000 < OLDEST {
        return Finding::fail("postgres.version", found, format!("Upgrade to Postgres {OLDEST} or newer."));
    }
    Finding::ok("postgres.version", found)
}

/// A setting that has to be on.
pub(super) fn durable(check: &'static str, setting: &str, value: &str) -> Finding {
    if value == "on" {
        return Finding::ok(check, "on");
    }
    Finding::fail(
        check,
        format!("{setting} is {value}"),
        format!("Set {setting} = on and reload Postgres: without it a crash loses or spoils frames that were acknowledged."),
    )
}

/// The oldest transaction that holds its locks and does nothing.
pub(super) fn idle_in_transaction(seconds: Option<f64>) -> Finding {
    match seconds {
        Some(seconds) if seconds > 60.0 => Finding::warning(
            "postgres.idle_in_transaction",
            format!("a session has been idle in its transaction for {seconds:.0} s"),
            "Find it in pg_stat_activity and end it (pg_terminate_backend): it holds locks that a migration waits for, and dead rows can't be cleaned up. \
             idle_in_transaction_session_timeout ends such sessions.",
        ),
        _ => Finding::ok("postgres.idle_in_transaction", "no session holds a transaction open"),
    }
}

/// Something that is used up to a limit.
pub(super) fn share(check: &'static str, what: &str, used: f64, limit: f64, advice: &str) -> Finding {
    let found = format!("{used:.0} of {limit:.0} {what}");
    if limit > 0.0 && used / limit > 0.8 { Finding::warning(check, found, advice) } else { Finding::ok(check, found) }
}

fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_disk_is_judged_by_what_is_free() {
        let judged = |free: u64, total: u64| disk(free << 30, total << 30, Path::new("/d")).state;
        assert_eq!(judged(0, 100), State::Fail);
        assert_eq!(judged(2, 10), State::Warning);
        assert_eq!(judged(20, 1_000), State::Warning, "2 % are little");
        assert_eq!(judged(100, 1_000), State::Ok);
    }

    #[test]
    fn a_clock_is_judged_in_both_directions() {
        for (ms, state) in [(0, State::Ok), (-900, State::Ok), (1_500, State::Warning), (-29_000, State::Warning), (-31_000, State::Fail)] {
            assert_eq!(clock(TimeDelta::milliseconds(ms)).state, state, "{ms}");
        }
        assert!(clock(TimeDelta::hours(-1)).found.contains("3600.000 s behind"));
    }

    #[test]
    fn connections_have_to_suffice_for_a_second_collector() {
        assert_eq!(connections(100, 3, 20, 16).state, State::Ok);
        assert_eq!(connections(100, 3, 90, 16).state, State::Warning);
        assert_eq!(connections(100, 3, 97, 16).state, State::Fail);
        assert_eq!(connections(40, 3, 1, 16).state, State::Warning);
        assert_eq!(connections(15, 3, 1, 16).state, State::Fail);
    }

    #[test]
    fn versions_settings_and_shares_are_judged() {
        assert_eq!(version(130_011).state, State::Fail);
        assert_eq!(version(170_004).found, "Postgres 17.4");
        assert_eq!(durable("postgres.fsync", "fsync", "off").state, State::Fail);
        assert_eq!(durable("postgres.fsync", "fsync", "on").state, State::Ok);
        assert_eq!(idle_in_transaction(Some(3_600.0)).state, State::Warning);
        assert_eq!(idle_in_transaction(None).state, State::Ok);
        assert_eq!(share("metrics.queue", "bytes", 81.0, 100.0, "x").state, State::Warning);
        assert_eq!(share("metrics.queue", "bytes", 1.0, 0.0, "x").state, State::Ok);
    }
}
