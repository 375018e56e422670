//! O14: as much as one can throw at it, and a Postgres that takes none of it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mousetrail::wire::encode_frame;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::kit::{Collector, Launch, Movement, Postgres, Proxy, Raw, Target, masked, source, wait_until};

/// What a small machine gives to it.
const MEMORY_MIB: u64 = 256;

/// Frames as large as they come, as fast as they are taken, and never a look at an answer.
async fn pour(to: SocketAddr, key: String, number: usize, until: Instant) -> u64 {
    let Ok(mut raw) = Raw::connect(to, source(number), None).await else { return 0 };
    if raw.greet(&key, 9_000 + number as u64).await.is_err() {
        return 0;
    }
    let (mut movement, mut sent) = (Movement::new(number as u64), 0);
    while Instant::now() < until {
        let bytes = masked(0x82, &encode_frame(&movement.frame(0, 4_000, Duration::from_secs(32), 0)));
        match timeout(until.saturating_duration_since(Instant::now()), raw.stream.write_all(&bytes)).await {
            Ok(Ok(())) => sent += bytes.len() as u64,
            _ => break,
        }
    }
    let _ = raw.stream.set_zero_linger();
    sent
}

/// `FLOOD_SECONDS` with 600 is what the catalogue says. The memory is measured and not limited: a cgroup needs rights that a test has not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "T1: minutes"]
async fn o14_a_flood_of_large_frames_without_a_postgres_stays_within_256_mib() {
    let seconds = std::env::var("FLOOD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let clients = 1_000;
    let postgres = Postgres::start();
    let proxy = Proxy::start(Target::Unix(postgres.socket()), 14);
    let flags = ["--queue-mib", "32", "--max-connections", "2000"];
    let collector = Collector::launch(Launch::new(&postgres.url_through(proxy.port)).wide_open().flags(flags));
    let to = SocketAddr::from(([127, 0, 0, 1], collector.port));
    let until = Instant::now() + Duration::from_secs(seconds);
    let pours: Vec<_> = (0..clients)
        .map(|number| {
            let key = postgres.site.key.clone();
            tokio::spawn(async move {
                sleep(Duration::from_millis(5 * number as u64)).await;
                pour(to, key, number, until).await
            })
        })
        .collect();
    // All are in and pour; half the time Postgres takes what it can, and half of it nothing.
    let (mut most, mut queue, mut open) = (0, 0.0f64, 0.0f64);
    while Instant::now() < until {
        let left = until.saturating_duration_since(Instant::now()).as_secs();
        let is_frozen = left % 20 < 10;
        proxy.both(|faults| faults.freeze = is_frozen);
        sleep(Duration::from_millis(100)).await;
        most = most.max(collector.rss_bytes() >> 20);
        if let Some(metrics) = collector.try_metrics() {
            queue = queue.max(metrics.sum("mousetrail_queue_bytes"));
            open = open.max(metrics.sum("mousetrail_connections"));
        }
    }
    let mut sent = 0;
    for pour in pours {
        sent += pour.await.unwrap();
    }
    proxy.heal();
    println!(
        "O14: {open} of {clients} connections poured {} MiB in {seconds} s, queue {:.1} MiB at most, rss {most} MiB at most",
        sent >> 20,
        queue / f64::from(1 << 20)
    );
    // Upgrades are refused while the queue is full, and these clients don't come back.
    assert!(open >= clients as f64 * 0.2, "{open} connections");
    assert!(queue <= f64::from(32 << 20));
    assert!(most <= MEMORY_MIB, "{most} MiB");
    wait_until("it is well again", Duration::from_secs(60), || collector.ready());
    collector.finish();
}
