//! F2, F5, F6: Postgres hangs, only reads, or has no connection left.

use std::time::{Duration, Instant};

use mousetrail::store::DATABASE;
use rustix::process::Signal;
use sqlx::PgConnection;
use tokio::time::sleep;

use crate::kit::{
    Backoff, Buffer, Collector, Fleet, Plan, Postgres, State, come_home, get, queue_fill, retries, wait_for_acks, wait_until,
};

/// After this long without an answer ingest gives a statement up.
const DEADLINE: Duration = Duration::from_secs(15);

/// Sessions of the collector, by process.
const SESSIONS: &str = "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";

async fn sessions(postgres: &Postgres) -> Vec<i32> {
    sqlx::query_scalar(SESSIONS).fetch_all(&mut postgres.owner().await).await.unwrap()
}

/// Locks the table of chunks and waits until the writer waits for it: a session that is known, in the middle of a statement.
async fn catch(postgres: &Postgres, locker: &mut PgConnection) -> i32 {
    let mut looker = postgres.owner().await;
    sqlx::raw_sql("begin; lock table core.pointer_chunk in access exclusive mode").execute(locker).await.unwrap();
    let begin = Instant::now();
    loop {
        let waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into core.pointer_chunk%'";
        if let Some(pid) = sqlx::query_scalar(waiting).fetch_optional(&mut looker).await.unwrap() {
            return pid;
        }
        assert!(begin.elapsed() < Duration::from_secs(4), "the writer waits for the lock");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn postgres_frozen(id: &str, freeze: Duration, backoff: Backoff) {
    let postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan { backoff, ..Plan::new(&collector.url(), &postgres.site.key, 100) });
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 300);
    let mut locker = postgres.owner().await;
    let caught = catch(&postgres, &mut locker).await;
    postgres.freeze();
    let begin = Instant::now();
    let tries = retries(&collector);
    // Whoever asks gets an answer in time, too.
    let ready = std::thread::spawn({
        let port = collector.port;
        move || (get(port, "/health/ready", DEADLINE * 2).map(|answer| answer.status), begin.elapsed())
    });
    sleep(Duration::from_secs(1)).await;
    let acked = fleet.ledger.count(State::Acked);
    wait_until("the writer gives up waiting", DEADLINE, || retries(&collector) > tries);
    let noticed = begin.elapsed();
    let (status, answered) = ready.join().unwrap();
    while begin.elapsed() < freeze {
        assert!(collector.live(), "alive");
        assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked meanwhile");
        sleep(Duration::from_secs(1)).await;
    }
    let rss = collector.rss_bytes() >> 20;
    postgres.thaw();
    let back = Instant::now();
    sqlx::raw_sql("rollback").execute(&mut locker).await.unwrap();
    wait_until("ready again", Duration::from_secs(60), || collector.ready());
    let ready_ms = back.elapsed().as_millis();
    println!(
        "{id}: frozen for {freeze:?}, noticed after {noticed:?}, not ready after {answered:?}, ready after {ready_ms} ms, rss {rss} MiB"
    );
    assert_eq!(status, Some(503));
    assert!(noticed <= DEADLINE + Duration::from_secs(1), "{noticed:?}");
    assert!(answered <= DEADLINE + Duration::from_secs(1), "{answered:?}");
    wait_for_acks(&fleet, 100, Duration::from_secs(30));
    assert!(!sessions(&postgres).await.contains(&caught), "the session that hung is not used again");
    let report = come_home(id, fleet, &postgres, collector, Duration::from_secs(60)).await;
    assert!(report.most_held_bytes <= Buffer::CAP);
}

#[tokio::test]
async fn f2_a_postgres_that_hangs_is_given_up_after_the_deadline_and_its_connections_with_it() {
    postgres_frozen("F2", Duration::from_secs(20), Backoff::QUICK).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f2_a_postgres_that_hangs_for_a_minute_loses_nothing() {
    postgres_frozen("F2 60 s", Duration::from_secs(60), Backoff::PROTOCOL).await;
}

/// What may pass until frames are stored again.
const BACK: Duration = Duration::from_secs(10);

#[tokio::test]
async fn f5_a_server_that_only_reads_for_a_while_and_then_restarts_loses_nothing() {
    let mut postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 50));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    postgres.execute_as_superuser("alter system set default_transaction_read_only = on").await;
    postgres.execute_as_superuser("select pg_reload_conf()").await;
    wait_until("the writer is refused", Duration::from_secs(10), || collector.log().contains("read-only transaction"));
    sleep(Duration::from_secs(1)).await;
    let acked = fleet.ledger.count(State::Acked);
    sleep(Duration::from_secs(3)).await;
    assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked meanwhile");
    assert!(collector.live());
    postgres.execute_as_superuser("alter system reset default_transaction_read_only").await;
    postgres.execute_as_superuser("select pg_reload_conf()").await;
    let writable = wait_for_acks(&fleet, 50, BACK);
    // The server ends a statement that runs (57P01), and lets nobody in while it recovers (57P03).
    let mut locker = postgres.owner().await;
    catch(&postgres, &mut locker).await;
    postgres.stop_fast();
    sleep(Duration::from_secs(1)).await;
    postgres.start_again_without_waiting();
    wait_until("Postgres is back", Duration::from_secs(60), || postgres.is_ready());
    let restarted = wait_for_acks(&fleet, 50, BACK);
    postgres.stop_immediate();
    postgres.start_again_without_waiting();
    wait_until("Postgres is back", Duration::from_secs(60), || postgres.is_ready());
    let recovered = wait_for_acks(&fleet, 50, BACK);
    assert!(collector.log().contains("terminating connection due to administrator command"), "57P01 was among the faults");
    println!("F5: stores again {writable:?} after it is writable, {restarted:?} and {recovered:?} after restarts");
    come_home("F5", fleet, &postgres, collector, Duration::from_secs(30)).await;
}

/// After a failover, sessions with the old server stay read-only for ever. Here new sessions get what the role is set to, and old ones keep it.
#[tokio::test]
async fn f5_sessions_that_a_failover_left_on_a_standby_are_not_used_again() {
    let postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 50));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    postgres.execute_as_superuser("alter role mousetrail set default_transaction_read_only = on").await;
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'mousetrail'";
    postgres.execute_as_superuser(end).await;
    wait_until("the writer is refused", Duration::from_secs(10), || collector.log().contains("read-only transaction"));
    sleep(Duration::from_secs(2)).await;
    postgres.execute_as_superuser("alter role mousetrail reset default_transaction_read_only").await;
    let took = wait_for_acks(&fleet, 50, BACK);
    // Each of the pool's sessions with the standby may be met once more, and no more than once.
    let refusals = || collector.log().matches("read-only transaction").count();
    let before = refusals();
    wait_for_acks(&fleet, 300, Duration::from_secs(30));
    let later = refusals() - before;
    println!("F5 failover: stores again after {took:?}, {later} refusals after that");
    assert!(later <= 8, "{later} refusals after the failover is over");
    come_home("F5 failover", fleet, &postgres, collector, Duration::from_secs(30)).await;
}

/// Takes all connections that are left, and every one that comes free.
async fn take_all(postgres: &Postgres, taken: &mut Vec<PgConnection>) {
    loop {
        match postgres.stranger().await {
            Ok(connection) => taken.push(connection),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("53300") => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn f6_without_a_free_connection_ingest_keeps_those_that_it_has_and_waits_bounded_for_others() {
    let postgres = Postgres::start_with(&["max_connections=20"]);
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 50));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    let threads = threads(&collector);
    let mut taken = Vec::new();
    take_all(&postgres, &mut taken).await;
    let held = wait_for_acks(&fleet, 300, Duration::from_secs(30));
    // Now it loses what it has, and somebody is faster each time.
    let begin = Instant::now();
    let mut superuser = postgres.superuser(DATABASE).await;
    let mut looks_without = 0;
    // A session that is ending may still give its place to somebody else.
    while looks_without < 5 {
        // Stopped for a moment: on a busy machine nobody would be faster than its own tries.
        collector.signal(Signal::STOP);
        sqlx::raw_sql(END).execute(&mut superuser).await.unwrap();
        take_all(&postgres, &mut taken).await;
        collector.signal(Signal::CONT);
        sleep(Duration::from_millis(50)).await;
        let left: i64 = sqlx::query_scalar(LEFT).fetch_one(&mut superuser).await.unwrap();
        looks_without = if left == 0 { looks_without + 1 } else { 0 };
        assert!(begin.elapsed() < Duration::from_secs(60), "it gets {left} connections again and again");
    }
    let tries = retries(&collector);
    sleep(Duration::from_secs(1)).await;
    let acked = fleet.ledger.count(State::Acked);
    let mut slowest = (Duration::ZERO, Duration::ZERO);
    let mut most = 0;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        let asked = Instant::now();
        assert!(collector.live(), "alive");
        slowest.0 = slowest.0.max(asked.elapsed());
        let asked = Instant::now();
        assert!(!collector.ready(), "not ready without a connection");
        slowest.1 = slowest.1.max(asked.elapsed());
        most = most.max(self::threads(&collector));
        assert!(queue_fill(&collector) < 0.5);
    }
    assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked meanwhile");
    let tries = retries(&collector) - tries;
    drop(taken);
    let back = wait_for_acks(&fleet, 50, BACK);
    println!(
        "F6: 300 acks on the connections held in {held:?}; without any: /health/live {:?}, /health/ready {:?}, {tries} tries, {most} threads \
         ({threads} before); stores again after {back:?}",
        slowest.0, slowest.1
    );
    assert!(tries >= 2.0, "each try was given up in time");
    assert!(slowest.0 < Duration::from_secs(1), "no thread is blocked");
    assert!(slowest.1 < Duration::from_secs(4), "waiting for a connection is bounded");
    assert!(most <= threads + 2, "{most} threads, {threads} before");
    assert!(collector.log().contains("pool timed out"), "the error says that no connection was to be had");
    come_home("F6", fleet, &postgres, collector, Duration::from_secs(30)).await;
}

/// Ends the sessions of the collector; those that the check took have no name.
const END: &str = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'mousetrail'";
const LEFT: &str = "select count(*) from pg_stat_activity where application_name = 'mousetrail'";

fn threads(collector: &Collector) -> usize {
    std::fs::read_dir(format!("/proc/{}/task", collector.pid)).map_or(0, Iterator::count)
}
