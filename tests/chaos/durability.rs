//! D1, D2, D3: what was acked is there, whoever is killed, whenever.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::kit::{
    Collector, Findings, Fleet, Launch, Plan, Postgres, Proxy, State, Target, lose_commits, wait_until, without_synchronous_commit,
};

/// 200 clients at 20 Hz, a frame a second each.
fn crowd(url: &str, key: &str) -> Fleet {
    Fleet::start(&Plan::new(url, key, 200))
}

/// Waits until this many more frames are acked: a kill before that would hit nobody.
fn wait_for_load(fleet: &Fleet, more: usize) {
    let before = fleet.ledger.count(State::Acked);
    wait_until("frames are acked", Duration::from_secs(90), || fleet.ledger.count(State::Acked) >= before + more);
}

/// Drains, compares and prints: what every check here ends with.
async fn settle(id: &str, fleet: Fleet, postgres: &Postgres, limit: Duration) -> Findings {
    let begin = Instant::now();
    let is_home = fleet.drain(limit);
    let drained_ms = begin.elapsed().as_millis();
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    println!("{id}: {findings:?}\n{id}: drained {is_home} in {drained_ms} ms, {}", fleet.report().line());
    let report = fleet.end();
    assert!(is_home, "everything is settled within {limit:?}");
    assert_eq!((findings.held, report.held), (0, 0), "nothing is held any more");
    findings
}

async fn kill_collector(id: &str, kills: u32) {
    let seed = 11;
    println!("{id}: seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let postgres = Postgres::start();
    let mut collector = Collector::start(&postgres.url());
    let fleet = crowd(&collector.url(), &postgres.site.key);
    for _ in 0..kills {
        wait_for_load(&fleet, 400);
        sleep(Duration::from_secs_f64(random.random_range(0.0..3.0))).await;
        collector.kill_9();
        sleep(Duration::from_secs_f64(random.random_range(0.0..3.0))).await;
        collector.restart();
    }
    wait_for_load(&fleet, 400);
    let findings = settle(id, fleet, &postgres, Duration::from_secs(30)).await;
    findings.assert_clean();
    assert!(findings.acked as u32 > kills * 300, "there was load: {findings:?}");
    collector.finish();
}

#[tokio::test]
async fn d1_acked_frames_survive_kill_9() {
    kill_collector("D1", 5).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn d1_acked_frames_survive_kill_9_twenty_times() {
    kill_collector("D1", 20).await;
}

/// Kills Postgres as often as told; stops early when the oracle has seen a loss and `until_lost` is set.
async fn kill_postgres(id: &str, kills: u32, is_control: bool) -> Findings {
    let seed = 12;
    println!("{id}: seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // The writer of the log sleeps long, so that without synchronous commits there is something to lose.
    let mut postgres = Postgres::start_with(&["wal_writer_delay=3s", "wal_writer_flush_after=1GB"]);
    let proxy = Proxy::start(Target::Unix(postgres.socket()), seed);
    if is_control {
        proxy.hook(without_synchronous_commit);
    }
    let collector = Collector::start(&postgres.url_through(proxy.port));
    let fleet = crowd(&collector.url(), &postgres.site.key);
    for _ in 0..kills {
        wait_for_load(&fleet, 400);
        sleep(Duration::from_secs_f64(random.random_range(0.0..3.0))).await;
        postgres.kill_9();
        sleep(Duration::from_secs_f64(random.random_range(0.0..2.0))).await;
        postgres.start_again();
        if is_control && fleet.ledger.check(&mut postgres.owner().await).await.lost > 0 {
            break;
        }
    }
    if is_control {
        // Clients whose page views are gone never come home, so there is nothing to wait for.
        let findings = fleet.ledger.check(&mut postgres.owner().await).await;
        println!("{id}: {findings:?}\n{id}: {}", fleet.end().line());
        return findings;
    }
    wait_for_load(&fleet, 400);
    let findings = settle(id, fleet, &postgres, Duration::from_secs(60)).await;
    collector.finish();
    findings
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn d2_acked_frames_survive_kill_9_of_postgres_and_all_its_backends() {
    let findings = kill_postgres("D2", 10, false).await;
    findings.assert_clean();
    assert!(findings.acked > 5_000, "there was load: {findings:?}");
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn d2_control_without_synchronous_commit_the_oracle_sees_the_loss() {
    let findings = kill_postgres("D2 control", 10, true).await;
    assert!(findings.lost > 0, "the oracle is blind: {findings:?}");
}

async fn lose_answers(id: &str, every: u64, wanted: u64) {
    let postgres = Postgres::start();
    let proxy = Proxy::start(Target::Unix(postgres.socket()), 13);
    // Small batches: many commits a second.
    let collector = Collector::launch(Launch::new(&postgres.url_through(proxy.port)).flags(["--batch-ms", "5"]));
    let (hooks, lost) = lose_commits(every);
    proxy.hook(hooks);
    // Connections that stand already have no hook.
    proxy.reset_all();
    let plan = Plan { frame_interval: Duration::from_millis(500), ..Plan::new(&collector.url(), &postgres.site.key, 100) };
    let fleet = Fleet::start(&plan);
    let begin = Instant::now();
    while lost.load(Ordering::Relaxed) < wanted {
        assert!(begin.elapsed() < Duration::from_secs(1_200), "only {} commits were lost", lost.load(Ordering::Relaxed));
        sleep(Duration::from_millis(100)).await;
    }
    println!("{id}: {} ambiguous commits in {:.0} s", lost.load(Ordering::Relaxed), begin.elapsed().as_secs_f64());
    let findings = settle(id, fleet, &postgres, Duration::from_secs(60)).await;
    findings.assert_clean();
    assert_eq!(findings.nacked, 0);
    let metrics = collector.metrics();
    assert!(metrics.sum("mousetrail_frames_duplicate_total") > 0.0, "batches were tried again that had been committed");
    collector.finish();
}

#[tokio::test]
async fn d3_a_commit_whose_answer_is_lost_is_tried_again_and_counts_once() {
    lose_answers("D3", 5, 150).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn d3_a_thousand_commits_whose_answers_are_lost_count_once() {
    lose_answers("D3", 10, 1_000).await;
}
