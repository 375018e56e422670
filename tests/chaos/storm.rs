//! O9: everybody comes back at once.

use std::fs;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{Backoff, Collector, Fleet, Launch, Plan, Postgres, wait_until};

/// Connections that the kernel dropped because a listener's queue was full, since boot.
fn listen_overflows() -> u64 {
    let text = fs::read_to_string("/proc/net/netstat").unwrap_or_default();
    let mut lines = text.lines().filter(|line| line.starts_with("TcpExt:")).map(str::split_whitespace);
    let (Some(names), Some(values)) = (lines.next(), lines.next()) else { return 0 };
    names.zip(values).find(|(name, _)| *name == "ListenOverflows").and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

async fn storm(id: &str, postgres: Postgres, clients: usize) {
    let mut collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let plan = Plan {
        idle: clients * 9 / 10,
        active: clients / 10,
        frame_interval: Duration::from_secs(5),
        ramp: Duration::from_millis(4 * clients as u64),
        addresses: clients.div_ceil(10),
        backoff: Backoff::PROTOCOL,
        ..Plan::new(&collector.url(), &postgres.site.key, 0)
    };
    let fleet = Fleet::start(&plan);
    wait_until("all are in", Duration::from_secs(180), || fleet.connections() == clients as u64);
    sleep(Duration::from_secs(5)).await;
    let steady = collector.rss_bytes();
    let (overflows, tries) = (listen_overflows(), fleet.report().connects);
    collector.kill_9();
    sleep(Duration::from_secs(1)).await;
    let begin = Instant::now();
    collector.restart();
    let (mut peak, mut most_back) = (0, None);
    while begin.elapsed() < Duration::from_secs(120) && fleet.connections() < clients as u64 {
        peak = peak.max(collector.rss_bytes());
        if most_back.is_none() && fleet.connections() * 100 >= clients as u64 * 99 {
            most_back = Some(begin.elapsed());
        }
        sleep(Duration::from_millis(100)).await;
    }
    let all_back = begin.elapsed();
    let report = fleet.report();
    let (overflows, tries) = (listen_overflows() - overflows, report.connects - tries);
    println!(
        "{id}: 99 % of {clients} back after {most_back:?}, all after {all_back:?}, {tries} tries, {overflows} overflows, rss {} MiB before, {} at most",
        steady >> 20,
        peak >> 20
    );
    println!("{id}: {}", report.line());
    assert!(most_back.unwrap_or(all_back) <= Duration::from_secs(90));
    // The kernel counts for the whole machine, and other tests fill queues on purpose: only the long check has it for itself.
    assert!(clients < 1_000 || overflows * 100 < tries, "{overflows} of {tries}");
    // What a debug binary needs by itself is more than a few hundred clients take.
    assert!(clients < 1_000 || peak as f64 <= 1.3 * steady as f64, "{peak} against {steady}");
    assert!(tries as f64 <= clients as f64 * (all_back.as_secs_f64() + 1.0).max(2.0), "nobody tries more than once a second on average");
    assert!(fleet.drain(Duration::from_secs(60)));
    fleet.ledger.check(&mut postgres.owner().await).await.assert_clean();
    fleet.end();
    collector.finish();
}

#[tokio::test]
async fn o9_clients_come_back_after_a_restart() {
    storm("O9", Postgres::start_quick(), 100).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn o9_five_thousand_clients_come_back_after_a_restart() {
    storm("O9", Postgres::start(), 5_000).await;
}
