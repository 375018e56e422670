//! D4, D5: the order of the end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::kit::{Collector, Fleet, ORIGIN, Plan, Postgres, Proxy, Refused, Socket, State, Target, get, wait_until};

/// What SIGTERM may take at most.
const LIMIT: Duration = Duration::from_secs(10);

async fn terminate_under_load(id: &str, times: u32) {
    let seed = 14;
    let mut random = StdRng::seed_from_u64(seed);
    let postgres = Postgres::start();
    let mut collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 200));
    let (mut before, mut longest) = (0, Duration::ZERO);
    for _ in 0..times {
        wait_until("the clients are back", Duration::from_secs(60), || fleet.connections() == 200);
        sleep(Duration::from_secs_f64(random.random_range(0.5..2.0))).await;
        let begin = Instant::now();
        collector.terminate();
        let status = collector.wait(LIMIT + Duration::from_secs(5));
        longest = longest.max(begin.elapsed());
        assert_eq!(status.code(), Some(0), "{}", collector.log());
        // The last acks may still be on their way into the clients.
        sleep(Duration::from_millis(200)).await;
        let findings = fleet.ledger.check(&mut postgres.owner().await).await;
        findings.assert_clean();
        let (read, unheard) = (findings.stored - before, findings.stored - findings.acked);
        assert!(unheard * 100 <= read, "{unheard} of {read} frames that were read were not acked: {findings:?}");
        before = findings.stored;
        collector.restart();
    }
    assert!(fleet.drain(Duration::from_secs(30)));
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    let report = fleet.end();
    println!("{id}: {times} times, longest {longest:?}\n{id}: {findings:?}\n{id}: {}", report.line());
    findings.assert_clean();
    assert_eq!(findings.held, 0);
    assert!(longest <= LIMIT, "{longest:?}");
    assert!(report.closes.get(&1012).copied().unwrap_or(0) + report.drains >= u64::from(times) * 200, "{}", report.line());
    collector.finish();
}

#[tokio::test]
async fn d4_sigterm_under_load_loses_nothing_and_acks_what_was_read() {
    terminate_under_load("D4", 6).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn d4_sigterm_under_load_twenty_times_loses_nothing_and_acks_what_was_read() {
    terminate_under_load("D4", 20).await;
}

#[tokio::test]
async fn d4_the_end_comes_in_order_and_a_second_sigterm_does_not_shorten_it() {
    let postgres = Postgres::start();
    let proxy = Proxy::start(Target::Unix(postgres.socket()), 15);
    let mut collector = Collector::start(&postgres.url_through(proxy.port));
    let fleet = Fleet::start(&Plan { frame_interval: Duration::from_millis(100), ..Plan::new(&collector.url(), &postgres.site.key, 20) });
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    // No commit comes through for a while: the end has to wait for it.
    proxy.down(|faults| faults.freeze = true);
    sleep(Duration::from_millis(500)).await;
    let acked = fleet.ledger.count(State::Acked);
    collector.terminate();
    wait_until("it is not ready any more", Duration::from_secs(5), || {
        get(collector.port, "/health/ready", Duration::from_secs(2)).is_some_and(|answer| answer.status == 503)
    });
    assert!(collector.live(), "it lives until the end");
    let to = SocketAddr::from(([127, 0, 0, 1], collector.port));
    let upgrade = Socket::connect(to, None, &format!("Origin: {ORIGIN}\r\n")).await.map(|_| ());
    assert!(matches!(upgrade, Err(Refused::Status(503))), "{upgrade:?}");
    collector.terminate();
    sleep(Duration::from_millis(1_500)).await;
    assert!(collector.status().is_none(), "it waits for the commit");
    assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked before its commit");
    proxy.heal();
    let status = collector.wait(LIMIT);
    assert_eq!(status.code(), Some(0), "{}", collector.log());
    sleep(Duration::from_millis(200)).await;
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    println!("D4 order: {findings:?}");
    findings.assert_clean();
    assert!(findings.acked > acked, "what waited was acked in the end");
    assert!((findings.stored - findings.acked) * 100 <= findings.stored, "{findings:?}");
    assert!(fleet.report().closes.contains_key(&1012) || fleet.report().drains >= 20, "{}", fleet.report().line());
    collector.restart();
    assert!(fleet.drain(Duration::from_secs(30)));
    fleet.ledger.check(&mut postgres.owner().await).await.assert_clean();
    fleet.end();
    collector.finish();
}

#[tokio::test]
async fn d5_sigterm_while_postgres_is_down_ends_in_time_and_says_what_was_not_committed() {
    let mut postgres = Postgres::start();
    let mut collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 50));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    postgres.stop_immediate();
    sleep(Duration::from_secs(3)).await;
    let (acked, begin) = (fleet.ledger.count(State::Acked), Instant::now());
    collector.terminate();
    let status = collector.wait(LIMIT + Duration::from_secs(10));
    let took = begin.elapsed();
    let log = collector.log();
    let words = log.lines().rev().find(|line| line.contains("not committed")).unwrap_or_default();
    println!("D5: {took:?}, {status}, {words}");
    assert_ne!(status.code(), Some(0), "{log}");
    let count: u64 = words.split_whitespace().filter_map(|word| word.parse().ok()).next().unwrap_or(0);
    assert!(count > 0, "it says how many: {words:?}");
    assert!(took <= LIMIT, "{took:?}");
    assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing was acked falsely");
    postgres.start_again();
    collector.restart();
    assert!(fleet.drain(Duration::from_secs(30)));
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    println!("D5: {findings:?}");
    findings.assert_clean();
    assert_eq!(findings.held, 0);
    fleet.end();
    collector.finish();
}
