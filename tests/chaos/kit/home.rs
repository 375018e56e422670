use std::time::{Duration, Instant};

use crate::load::{Collector, Fleet, Postgres, Report, State, wait_until};

/// How every fault ends: all frames come home within the limit, each is stored once and as it was sent, and nothing disappeared in the collector.
pub async fn come_home(id: &str, fleet: Fleet, postgres: &Postgres, collector: Collector, limit: Duration) -> Report {
    let report = all_home(id, fleet, postgres, limit).await;
    collector.finish();
    report
}

/// The same without a look at the collector.
pub async fn all_home(id: &str, fleet: Fleet, postgres: &Postgres, limit: Duration) -> Report {
    let begin = Instant::now();
    let is_home = fleet.drain(limit);
    let took = begin.elapsed();
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    let report = fleet.end();
    println!("{id}: home after {took:?}\n{id}: {findings:?}\n{id}: {}", report.line());
    assert!(is_home, "home within {limit:?}: {}", report.line());
    findings.assert_clean();
    assert_eq!((findings.held, findings.quarantined, findings.nacked), (0, 0, 0), "{findings:?}");
    report
}

/// Waits until this many more frames are acked, and says how long it took.
pub fn wait_for_acks(fleet: &Fleet, more: usize, limit: Duration) -> Duration {
    let (before, begin) = (fleet.ledger.count(State::Acked), Instant::now());
    wait_until(&format!("{more} more acks"), limit, || fleet.ledger.count(State::Acked) >= before + more);
    begin.elapsed()
}

/// Tries of a batch that failed so far.
pub fn retries(collector: &Collector) -> f64 {
    collector.metrics().sum("mousetrail_batch_retries_total")
}

/// Share of the queue that is taken.
pub fn queue_fill(collector: &Collector) -> f64 {
    let metrics = collector.metrics();
    metrics.sum("mousetrail_queue_bytes") / metrics.sum("mousetrail_queue_limit_bytes")
}
