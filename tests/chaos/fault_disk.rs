//! F3, F4: the disk of the data is full, or that of the write-ahead log.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mousetrail::store::PgRole;
use tokio::time::sleep;

use crate::kit::{
    Collector, Disk, Fleet, Plan, Postgres, State, come_home, get, queue_fill, retries, test_folder, wait_for_acks, wait_until,
};

/// What may pass until frames are stored again.
const BACK: Duration = Duration::from_secs(15);

/// Moves the write-ahead log elsewhere. Postgres has to be stopped.
fn move_wal(postgres: &Postgres, folder: &Path) {
    let (from, to) = (postgres.data().join("pg_wal"), folder.join("pg_wal"));
    assert!(Command::new("cp").arg("-a").arg(&from).arg(&to).status().unwrap().success());
    fs::remove_dir_all(&from).unwrap();
    symlink(&to, &from).unwrap();
    let owner = fs::metadata(postgres.data()).unwrap();
    chown(folder, Some(owner.uid()), Some(owner.gid())).unwrap();
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f3_a_full_disk_stops_ingest_until_there_is_room_and_nothing_else() {
    let Some(disk) = Disk::mount(256) else { return };
    let wal = test_folder("wal");
    let mut postgres = Postgres::start_in(&disk.folder().join("pg"), &["max_wal_size=128MB"]);
    postgres.stop_fast();
    move_wal(&postgres, &wal);
    postgres.start_again();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 100));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 300);
    disk.fill();
    let filled = Instant::now();
    wait_until("a batch finds no room", Duration::from_secs(90), || collector.log().contains("No space left on device"));
    let noticed = filled.elapsed();
    let tries = retries(&collector);
    let begin = Instant::now();
    let mut most = 0.0f64;
    while begin.elapsed() < Duration::from_secs(30) {
        assert!(collector.live(), "alive");
        most = most.max(queue_fill(&collector));
        // Who only reads goes on: the sign-in page, and the queries of the admin role.
        assert_eq!(get(collector.port, "/signin", Duration::from_secs(5)).map(|answer| answer.status), Some(200));
        let mut admin = postgres.server().connect(PgRole::Admin).await.unwrap();
        let sessions: i64 = sqlx::query_scalar("select count(*) from public.session").fetch_one(&mut admin).await.unwrap();
        assert!(sessions > 0);
        sleep(Duration::from_secs(1)).await;
    }
    let acked = fleet.ledger.count(State::Acked);
    let more = retries(&collector) - tries;
    disk.free();
    let back = wait_for_acks(&fleet, 100, BACK);
    println!(
        "F3: no room after {noticed:?}, {more} tries more in 30 s, queue at most {most:.3} full, {acked} acked then, stores again after {back:?}"
    );
    assert!(more >= 3.0, "it goes on trying, and the metric says so");
    assert!(most < 0.9);
    come_home("F3", fleet, &postgres, collector, Duration::from_secs(60)).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f4_a_full_disk_of_the_write_ahead_log_ends_postgres_but_not_the_collector() {
    let Some(disk) = Disk::mount(96) else { return };
    let mut postgres = Postgres::start_with(&["max_wal_size=64MB", "min_wal_size=32MB", "wal_recycle=off"]);
    postgres.stop_fast();
    move_wal(&postgres, disk.folder());
    postgres.start_again();
    let mut collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 100));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 300);
    disk.fill();
    // The segments that are there already are used up first.
    let begin = Instant::now();
    while !fs::read_to_string(postgres.log()).unwrap().contains("PANIC") {
        // Each transaction leaves something behind, and each segment is left after it.
        if let Ok(mut owner) = postgres.stranger().await {
            let _ = sqlx::raw_sql("select pg_logical_emit_message(false, 'f4', repeat('x', 8000000))").execute(&mut owner).await;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "the write-ahead log finds no room");
        sleep(Duration::from_millis(100)).await;
    }
    let panicked = begin.elapsed();
    sleep(Duration::from_secs(1)).await;
    let acked = fleet.ledger.count(State::Acked);
    sleep(Duration::from_secs(20)).await;
    assert!(collector.live() && !collector.ready());
    assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked meanwhile");
    assert!(collector.status().is_none(), "the collector did not exit");
    disk.free();
    // It ended when its recovery found no room either, or it goes on recovering by itself.
    let has_ended = postgres.has_ended();
    if has_ended {
        postgres.start_again_without_waiting();
    }
    wait_until("Postgres is back", Duration::from_secs(90), || postgres.is_ready());
    let back = wait_for_acks(&fleet, 100, BACK);
    println!("F4: PANIC after {panicked:?}, Postgres ended: {has_ended}, stores again after {back:?}");
    come_home("F4", fleet, &postgres, collector, Duration::from_secs(60)).await;
}
