use std::time::Duration;

use crate::kit::{Collector, Fleet, Plan, Postgres};

#[tokio::test]
async fn a_calm_day_leaves_no_finding() {
    let postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan { frame_interval: Duration::from_millis(200), ..Plan::new(&collector.url(), &postgres.site.key, 20) });
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(fleet.drain(Duration::from_secs(10)), "everything is acked");
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    findings.assert_clean();
    let report = fleet.end();
    assert_eq!((findings.held, findings.sent, report.errors), (0, findings.stored, 0), "{findings:?} {}", report.line());
    assert!(findings.acked > 200, "{}", report.line());
    collector.finish();
}
