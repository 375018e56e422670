//! O1, O2, O15: as many as there may be, more than there may be, and for as long as it takes to see a leak.

use std::fs;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{Backoff, Collector, Fleet, Launch, Plan, Postgres, wait_until};

/// A number from the environment, for checks whose length is a matter of patience.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn threads(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("Threads:")).and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Clients who wait as long as the protocol says, spread so thin that no limit of an address is met.
fn plan(collector: &Collector, postgres: &Postgres, idle: usize, active: usize) -> Plan {
    Plan {
        idle,
        active,
        addresses: (idle + active).div_ceil(10),
        ramp: Duration::from_millis(3 * (idle + active) as u64),
        backoff: Backoff::PROTOCOL,
        // On a busy machine the first page views wait for Postgres; that everybody is there in time is asserted.
        welcome_limit: Duration::from_secs(60),
        ..Plan::new(&collector.url(), &postgres.site.key, 0)
    }
}

fn wait_for(fleet: &Fleet, count: usize) {
    wait_until("all are in", Duration::from_secs(180), || fleet.connections() == count as u64);
}

/// What a crowd may cost. Memory in KiB a connection.
struct Bounds {
    ack_p50_ms: f64,
    ack_p99_ms: f64,
    idle_kib: f64,
    active_kib: f64,
    rss_mib: u64,
    cores: f64,
}

async fn steady(id: &str, postgres: Postgres, idle: usize, active: usize, lasting: Duration, bounds: &Bounds) {
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let rss = || collector.rss_bytes() >> 10;
    let empty = rss();
    let silent = Fleet::start(&Plan { seed: 2, ..plan(&collector, &postgres, idle, 0) });
    wait_for(&silent, idle);
    sleep(Duration::from_secs(2)).await;
    let with_idle = rss();
    let moving = Fleet::start(&plan(&collector, &postgres, 0, active));
    wait_for(&moving, active);
    moving.tally.reset_times();
    let (begin, cpu, mut most) = (Instant::now(), collector.cpu_seconds(), 0);
    let mut next = Duration::from_secs(60);
    while begin.elapsed() < lasting {
        sleep(Duration::from_millis(250)).await;
        most = most.max(rss());
        if begin.elapsed() >= next {
            next += Duration::from_secs(60);
            println!("{id}: {:4.0} s, rss {} KiB, {}", begin.elapsed().as_secs_f64(), rss(), moving.report().line());
        }
    }
    let cores = (collector.cpu_seconds() - cpu) / begin.elapsed().as_secs_f64();
    let with_all = rss();
    let report = moving.report();
    let each = |more: u64, less: u64, count: usize| more.saturating_sub(less) as f64 / count as f64;
    let (idle_kib, active_kib) = (each(with_idle, empty, idle), each(with_all, with_idle, active));
    println!(
        "{id}: {idle} idle at {idle_kib:.1} KiB, {active} active at {active_kib:.1} KiB, {} MiB at most, {cores:.2} cores, ack p50 {} ms, p99 {} ms",
        most >> 10,
        report.ack_p50_ms,
        report.ack_p99_ms
    );
    let is_home = moving.drain(Duration::from_secs(60));
    let findings = moving.ledger.check(&mut postgres.owner().await).await;
    println!("{id}: {findings:?}");
    for report in [moving.end(), silent.end()] {
        let failures = (report.errors, report.refused, report.timeouts, report.reconnects, report.unreachable, report.nacked_retry);
        assert_eq!(failures, (0, 0, 0, 0, 0, 0), "{}", report.line());
    }
    assert!(is_home, "everything is settled");
    findings.assert_clean();
    assert!(report.ack_p50_ms <= bounds.ack_p50_ms && report.ack_p99_ms <= bounds.ack_p99_ms, "{}", report.line());
    assert!(idle_kib <= bounds.idle_kib && active_kib <= bounds.active_kib, "{idle_kib} and {active_kib} KiB");
    assert!(most >> 10 <= bounds.rss_mib && cores <= bounds.cores, "{} MiB, {cores} cores", most >> 10);
    collector.finish();
}

/// The debug binary shares its cores with other tests here: the bounds only find what is out of all proportion.
#[tokio::test]
async fn o1_a_thousand_idle_and_two_hundred_active_clients_meet_no_error() {
    let bounds = Bounds { ack_p50_ms: 2_000.0, ack_p99_ms: 5_000.0, idle_kib: 64.0, active_kib: 160.0, rss_mib: 300, cores: 2.0 };
    steady("O1", Postgres::start_quick(), 1_000, 200, Duration::from_secs(10), &bounds).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn o1_ten_thousand_idle_and_two_thousand_active_clients_for_a_quarter_of_an_hour() {
    let bounds = Bounds { ack_p50_ms: 150.0, ack_p99_ms: 1_000.0, idle_kib: 16.0, active_kib: 32.0, rss_mib: 400, cores: 1.2 };
    let lasting = Duration::from_secs(60 * setting("O1_MINUTES", 15));
    steady("O1", Postgres::start(), 10_000, 2_000, lasting, &bounds).await;
}

/// Steps of so many times 40,000 samples a second, and then back to the first. `STEP_SECONDS=600` makes them as long as the catalogue says.
#[tokio::test]
#[ignore = "T1: minutes"]
async fn o2_three_times_forty_thousand_samples_a_second_bend_it_and_do_not_break_it() {
    let active = 2_000;
    let seconds = setting("STEP_SECONDS", 20);
    let postgres = Postgres::start();
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    for (number, times) in [1.0, 2.0, 3.0, 1.0].into_iter().enumerate() {
        let fleet = Fleet::start(&Plan { rate_hz: 20.0 * times, seed: 10 + number as u64, ..plan(&collector, &postgres, 0, active) });
        wait_for(&fleet, active);
        // A step after overload has half a minute to become as good as before.
        sleep(Duration::from_secs(if number == 3 { 15 } else { 3 })).await;
        fleet.tally.reset_times();
        let (begin, before, cpu) = (Instant::now(), fleet.tally.counts().acked_events, collector.cpu_seconds());
        let (mut most, mut queue) = (0, 0.0f64);
        while begin.elapsed() < Duration::from_secs(seconds) {
            sleep(Duration::from_millis(500)).await;
            most = most.max(collector.rss_bytes() >> 20);
            queue = queue.max(collector.metrics().sum("mousetrail_queue_bytes"));
        }
        let took = begin.elapsed().as_secs_f64();
        let rate = (fleet.tally.counts().acked_events - before) as f64 / took;
        let cores = (collector.cpu_seconds() - cpu) / took;
        let report = fleet.report();
        println!(
            "O2: {times} x 40,000 offered, {rate:.0} events/s acked, ack p50 {} ms, p99 {} ms, {most} MiB, queue {:.1} MiB at most, {cores:.2} cores",
            report.ack_p50_ms,
            report.ack_p99_ms,
            queue / f64::from(1 << 20)
        );
        let is_home = fleet.drain(Duration::from_secs(120));
        let findings = fleet.ledger.check(&mut postgres.owner().await).await;
        // The ledger of this step alone: what other steps stored is alien to it.
        println!("O2: {findings:?}");
        assert!(is_home, "{}", report.line());
        assert_eq!((findings.lost, findings.altered, findings.duplicate), (0, 0, 0));
        assert_eq!(fleet.end().stopped, 0);
        assert!(queue <= f64::from(64 << 20) && most <= 400, "bounded: queue {queue}, {most} MiB");
        if times == 1.0 {
            assert!(rate >= 0.97 * 40_000.0, "{rate} events/s");
            assert!(report.ack_p99_ms <= 1_000.0, "{}", report.line());
        }
    }
    collector.finish();
}

/// Slope of a line through the points, least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let over = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>();
    over / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

#[test]
fn a_slope_is_what_it_says() {
    assert!((slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) - 2.0).abs() < 1e-9);
}

/// A quarter of the load for an hour, or `SOAK_MINUTES`. Visitors leave and others come all the time, as they do.
#[tokio::test]
#[ignore = "T1: an hour"]
async fn o15_a_quarter_of_the_load_for_an_hour_leaks_nothing() {
    let minutes = setting("SOAK_MINUTES", 60);
    let (postgres, lasting) = (Postgres::start(), Duration::from_secs(60 * minutes));
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let begin = Instant::now();
    let base = plan(&collector, &postgres, 0, 450);
    let fleet = Fleet::start(&base);
    let (mut points, mut visitors, mut number) = (Vec::new(), 0, 100);
    wait_for(&fleet, 450);
    // Allocator, pools and prepared statements have what they need after a third of the time.
    let warm = lasting / 3;
    while begin.elapsed() < lasting {
        // 50 of the 500 are new every few seconds.
        number += 1;
        let passing = Fleet::start(&Plan { seed: number, active: 50, ..base.clone() });
        sleep(Duration::from_secs(10)).await;
        assert!(passing.drain(Duration::from_secs(30)), "{}", passing.report().line());
        visitors += 50;
        let report = passing.end();
        assert_eq!((report.errors, report.timeouts), (0, 0), "{}", report.line());
        if begin.elapsed() >= warm {
            let files = collector.open_fds();
            points.push((
                begin.elapsed().as_secs_f64() / 3_600.0,
                collector.rss_bytes() as f64 / f64::from(1 << 20),
                files,
                threads(collector.pid),
            ));
        }
    }
    let rss: Vec<_> = points.iter().map(|point| (point.0, point.1)).collect();
    let grown = slope(&rss);
    let span = |of: fn(&(f64, f64, usize, u64)) -> u64| (points.iter().map(of).min().unwrap(), points.iter().map(of).max().unwrap());
    let (files, threads) = (span(|point| point.2 as u64), span(|point| point.3));
    println!(
        "O15: {minutes} min, {visitors} visitors came and went, rss {:.1} to {:.1} MiB, {grown:.2} MiB/h, files {files:?}, threads {threads:?}",
        rss[0].1,
        rss[rss.len() - 1].1
    );
    println!("O15: {}", fleet.report().line());
    assert!(fleet.drain(Duration::from_secs(60)));
    let report = fleet.end();
    assert_eq!((report.errors, report.timeouts, report.reconnects), (0, 0, 0));
    // Within minutes a page of the allocator more is already a steep slope.
    assert!(grown <= if minutes >= 60 { 1.0 } else { 60.0 }, "{grown} MiB/h");
    // Pools open and close connections, and a POST may be just there.
    assert!(files.1 - files.0 <= 30 && threads.0 == threads.1, "files {files:?}, threads {threads:?}");
    collector.finish();
}
