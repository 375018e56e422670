//! O12: peers that are gone without a word.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{Collector, Fleet, Launch, Plan, Postgres, Proxy, Target, wait_until};

/// `flags` set how long the collector waits; `limit` is when the last of them has to be forgotten.
async fn vanish(clients: usize, flags: &[&str], limit: Duration) {
    let postgres = Postgres::start_quick();
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open().flags(flags.iter().copied()));
    let proxy = Proxy::start(Target::port(collector.port), 12);
    let open = || collector.metrics().sum("mousetrail_connections");
    // Pools have opened what they need before files are counted.
    let warm = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 20));
    wait_until("the first are in", Duration::from_secs(30), || warm.connections() == 20);
    assert!(warm.drain(Duration::from_secs(30)));
    warm.end();
    wait_until("the first are gone", Duration::from_secs(10), || open() == 0.0);
    let files = collector.open_fds();

    let plan = Plan {
        idle: clients,
        welcome_limit: Duration::from_secs(60),
        ramp: Duration::from_millis(15 * clients as u64),
        addresses: 0,
        ..Plan::new(&proxy.url(), &postgres.site.key, 0)
    };
    let fleet = Fleet::start(&plan);
    wait_until("all are in", Duration::from_secs(60), || fleet.connections() == clients as u64);
    let with_all = collector.open_fds();
    assert!(with_all >= files + clients, "{files} files, {with_all} with all");
    // The proxy lets the end of a connection through; who hears it must not come back and be counted again.
    proxy.refuse(true);
    proxy.both(|faults| faults.blackhole = true);
    let begin = Instant::now();
    let (mut first, mut registry) = (None, None);
    while begin.elapsed() < limit + Duration::from_secs(10) {
        let left = open();
        if left < clients as f64 {
            first.get_or_insert(begin.elapsed());
        }
        if left == 0.0 {
            registry.get_or_insert(begin.elapsed());
            if collector.open_fds() <= files + 8 {
                break;
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    println!(
        "O12: {clients} vanished, the first was missed after {first:?}, the last after {registry:?}, files {files}, {with_all} with all, {} after {:?}",
        collector.open_fds(),
        begin.elapsed()
    );
    assert!(registry.is_some_and(|took| took <= limit), "{registry:?}");
    assert!(collector.open_fds() <= files + 8, "{} files, {files} before", collector.open_fds());
    drop(fleet);
    drop(proxy);
    collector.finish();
}

#[tokio::test]
async fn o12_vanished_peers_are_missed_and_their_files_closed() {
    vanish(150, &["--ping-s", "3", "--pong-s", "2"], Duration::from_secs(8)).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn o12_a_thousand_vanished_peers_are_missed_within_45_seconds() {
    vanish(1_000, &[], Duration::from_secs(45)).await;
}

/// The other side of it: who is silent but there is kept.
#[tokio::test]
async fn o12_silent_peers_that_answer_pings_stay() {
    let postgres = Postgres::start_quick();
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open().flags(["--ping-s", "1", "--pong-s", "1"]));
    let fleet = Fleet::start(&Plan {
        idle: 50,
        addresses: 5,
        welcome_limit: Duration::from_secs(60),
        ..Plan::new(&collector.url(), &postgres.site.key, 0)
    });
    wait_until("all are in", Duration::from_secs(30), || fleet.connections() == 50);
    sleep(Duration::from_secs(6)).await;
    let report = fleet.report();
    assert_eq!((report.connections, report.errors, report.reconnects), (50, 0, 0), "{}", report.line());
    fleet.end();
    collector.finish();
}
