//! O3: Postgres takes a tenth of what comes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{Collector, Fleet, Launch, ORIGIN, Plan, Postgres, Proxy, Refused, Socket, State, Target, wait_until};

#[tokio::test]
async fn o3_behind_a_slow_postgres_the_queue_stays_bounded_sockets_wait_and_upgrades_are_refused() {
    let postgres = Postgres::start_quick();
    let proxy = Proxy::start(Target::Unix(postgres.socket()), 3);
    // Small batches, so that a slow statement makes a slow Postgres.
    let flags = ["--queue-mib", "2", "--batch-chunks", "20", "--batch-kib", "64"];
    let collector = Collector::launch(Launch::new(&postgres.url_through(proxy.port)).wide_open().flags(flags));
    // 200 frames a second of 100 events each: what the queue holds is there within seconds.
    let plan = Plan {
        rate_hz: 500.0,
        frame_interval: Duration::from_millis(200),
        welcome_limit: Duration::from_secs(60),
        ..Plan::new(&collector.url(), &postgres.site.key, 40)
    };
    let fleet = Fleet::start(&plan);
    wait_until("the clients are in", Duration::from_secs(60), || fleet.connections() == 40 && fleet.ledger.count(State::Acked) > 100);
    let rss_before = collector.rss_bytes() >> 20;

    proxy.down(|faults| faults.delay = Duration::from_millis(200));
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, collector.port));
    let (begin, mut refused, mut most, mut rss, mut unread, mut tries) = (Instant::now(), 0, 0.0f64, 0, 0.0f64, 0);
    let mut is_full_since = None;
    while begin.elapsed() < Duration::from_secs(12) {
        let metrics = collector.metrics();
        let queue = metrics.sum("mousetrail_queue_bytes");
        let limit = metrics.sum("mousetrail_queue_limit_bytes");
        assert!(queue <= limit, "{queue} of {limit}");
        (most, rss) = (most.max(queue / limit), rss.max(collector.rss_bytes() >> 20));
        if queue >= 0.9 * limit {
            is_full_since.get_or_insert_with(Instant::now);
            // What clients have sent and the collector has not read stands in their sockets.
            unread = unread.max(fleet.report().sends as f64 - metrics.sum("mousetrail_frames_received_total"));
        }
        if is_full_since.is_some() {
            tries += 1;
            let upgrade = Socket::connect(to, Some(Ipv4Addr::new(127, 50, 0, 1)), &format!("Origin: {ORIGIN}\r\n")).await;
            refused += u32::from(matches!(upgrade, Err(Refused::Status(503))));
        }
        sleep(Duration::from_millis(100)).await;
    }
    let sample = fleet.ledger.check(&mut postgres.owner().await).await;
    let report = fleet.report();
    proxy.heal();
    let back = Instant::now();
    let is_home = fleet.drain(Duration::from_secs(60));
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    println!(
        "O3: full after {:?}, {:.1} % at most, {unread} frames unread, {refused} of {tries} upgrades refused, rss {rss_before} to {rss} MiB, slow {}, home {:?} after the brake\nO3: {findings:?}",
        is_full_since.map(|at| at - begin),
        most * 100.0,
        report.slow,
        back.elapsed()
    );
    assert_eq!(sample.lost, 0, "false acks: {sample:?}");
    assert!(is_full_since.is_some(), "the queue was full");
    assert!(unread >= 100.0, "{unread} frames waited in sockets");
    assert!(refused > 0 && refused * 10 >= tries * 5, "{refused} of {tries} upgrades were refused");
    assert!(report.slow >= 3, "clients were asked to coarsen: {}", report.slow);
    assert!(rss <= rss_before + 2 + 64, "{rss_before} to {rss} MiB");
    assert!(is_home, "all is home after the brake");
    findings.assert_clean();
    assert_eq!(findings.held, 0);
    fleet.end();
    collector.finish();
}
