//! F1, F11: Postgres is away, and the network is bad.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{Backoff, Buffer, Collector, Fleet, Launch, Plan, Postgres, Proxy, State, Target, wait_until};

async fn postgres_away(id: &str, outage: Duration, backoff: Backoff) {
    let mut postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan { backoff, ..Plan::new(&collector.url(), &postgres.site.key, 200) });
    wait_until("the clients are in", Duration::from_secs(90), || fleet.ledger.count(State::Acked) > 600);
    postgres.stop_immediate();
    // Acks of what was committed before are still on their way.
    sleep(Duration::from_secs(1)).await;
    let acked = fleet.ledger.count(State::Acked);
    let begin = Instant::now();
    while begin.elapsed() < outage {
        assert!(!collector.ready(), "not ready without Postgres");
        assert!(collector.live(), "but alive");
        assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked meanwhile");
        sleep(Duration::from_secs(2)).await;
    }
    let rss = collector.rss_bytes() >> 20;
    postgres.start_again();
    let back = Instant::now();
    wait_until("ready again", Duration::from_secs(60), || collector.ready());
    let ready_ms = back.elapsed().as_millis();
    // A client that has just begun its longest pause comes when that is over, and then has to be heard.
    let limit = backoff.longest.max(Duration::from_secs(45)) + Duration::from_secs(15);
    let is_home = fleet.drain(limit);
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    let report = fleet.end();
    println!(
        "{id}: outage {outage:?}, ready after {ready_ms} ms, home after {:?}, rss {rss} MiB\n{id}: {findings:?}\n{id}: {}",
        back.elapsed(),
        report.line()
    );
    assert!(is_home, "caught up within {limit:?}: {}", report.line());
    findings.assert_clean();
    assert_eq!(findings.held, 0);
    assert!(report.most_held_bytes <= Buffer::CAP);
    collector.finish();
}

#[tokio::test]
async fn f1_while_postgres_is_away_clients_hold_and_nothing_is_acked() {
    postgres_away("F1", Duration::from_secs(20), Backoff::QUICK).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f1_a_minute_without_postgres_loses_nothing() {
    postgres_away("F1 60 s", Duration::from_secs(60), Backoff::PROTOCOL).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f1_five_minutes_without_postgres_lose_nothing() {
    postgres_away("F1 5 min", Duration::from_secs(300), Backoff::PROTOCOL).await;
}

/// A client whose buffer is small counts what it drops, and tells the collector.
#[tokio::test]
async fn f1_what_a_full_buffer_drops_is_counted_and_reported() {
    let mut postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let plan =
        Plan { frame_interval: Duration::from_millis(200), buffer_bytes: 2_000, ..Plan::new(&collector.url(), &postgres.site.key, 10) };
    let fleet = Fleet::start(&plan);
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 50);
    postgres.stop_immediate();
    wait_until("the buffers are full", Duration::from_secs(30), || fleet.tally.counts().dropped_events > 200);
    postgres.start_again();
    // The first frames with room again say how many events went before them.
    let begin = Instant::now();
    loop {
        let told = postgres.count("select coalesce(sum(dropped), 0)::int8 from core.pointer_chunk").await as u64;
        if told == fleet.tally.counts().dropped_events {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(40), "{told} told, {}", fleet.report().line());
        sleep(Duration::from_millis(100)).await;
    }
    assert!(fleet.drain(Duration::from_secs(30)));
    fleet.ledger.check(&mut postgres.owner().await).await.assert_clean();
    let report = fleet.end();
    println!("F1 full buffers: {} events dropped and told, at most {} bytes held", report.dropped_events, report.most_held_bytes);
    assert!(report.most_held_bytes <= 2_000);
    collector.finish();
}

async fn bad_network(id: &str, frames: usize) {
    let seed = 16;
    let postgres = Postgres::start();
    // All clients come from the proxy's address.
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let proxy = Proxy::start(Target::port(collector.port), seed);
    proxy.both(|faults| {
        faults.delay = Duration::from_millis(200);
        faults.jitter = Duration::from_millis(100);
        faults.dribble = 0.05;
    });
    // Every connection lives for 50 s on average: 2 % of them are reset each second.
    proxy.reset_at_random(0.02);
    let plan = Plan {
        frame_interval: Duration::from_millis(200),
        rate_hz: 40.0,
        addresses: 0,
        ..Plan::new(&proxy.url(), &postgres.site.key, 200)
    };
    let fleet = Fleet::start(&plan);
    wait_until("enough frames", Duration::from_secs(600), || fleet.ledger.len() >= frames);
    let is_home = fleet.drain(Duration::from_secs(60));
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    let report = fleet.end();
    println!("{id}: {} resets of {} connections\n{id}: {findings:?}\n{id}: {}", proxy.resets(), proxy.accepted(), report.line());
    assert!(is_home, "{}", report.line());
    findings.assert_clean();
    assert_eq!(findings.held, 0);
    assert!(proxy.resets() > 10);
    collector.finish();
}

#[tokio::test]
async fn f11_a_lossy_link_with_resets_in_the_middle_of_frames_loses_nothing() {
    bad_network("F11", 20_000).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f11_a_lossy_link_loses_nothing_of_a_hundred_thousand_frames() {
    bad_network("F11", 100_000).await;
}
