//! F7, F9: somebody holds what ingest needs, or ends what it does.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{Collector, Fleet, Plan, Postgres, Pulse, State, come_home, queue_fill, retries, wait_for_acks, wait_until};

/// Longer than ingest waits for a lock (5 s), with the time that a batch takes until it waits.
const HELD: Duration = Duration::from_secs(8);

/// What Postgres says of SQLSTATE 55P03.
const LOCK_TIMEOUT: &str = "canceling statement due to lock timeout";

/// Holds locks for a while under load. Says how often ingest gave up waiting for one.
async fn locked(id: &str, take: &str, held: Duration) {
    let postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 50));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.connections() == 50 && fleet.ledger.count(State::Acked) > 100);
    let mut owner = postgres.owner().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("begin; {take}"))).execute(&mut owner).await.unwrap();
    let (begin, mut most) = (Instant::now(), 0.0f64);
    while begin.elapsed() < held {
        most = most.max(queue_fill(&collector));
        assert!(collector.live());
        // Clients that wait longer for an ack come back, and then wait for the lock themselves.
        assert!(begin.elapsed() > Duration::from_secs(15) || collector.ready(), "whoever does not need the lock goes on");
        sleep(Duration::from_millis(200)).await;
    }
    sqlx::raw_sql("rollback").execute(&mut owner).await.unwrap();
    let back = wait_for_acks(&fleet, 50, Duration::from_secs(10));
    let waits = collector.log().matches(LOCK_TIMEOUT).count();
    println!("{id}: held for {held:?}, {waits} waits given up, queue at most {:.3} full, stores again after {back:?}", most);
    assert!(waits > 0, "the lock was waited for until lock_timeout");
    assert!(most < 0.5, "the queue is bounded: {most}");
    come_home(id, fleet, &postgres, collector, Duration::from_secs(30)).await;
}

#[tokio::test]
async fn f7_a_table_that_somebody_locks_is_waited_for_in_short_tries() {
    locked("F7", "lock table core.pointer_chunk in access exclusive mode", HELD).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f7_a_table_that_somebody_locks_for_half_a_minute_is_waited_for_in_short_tries() {
    locked("F7 30 s", "lock table core.pointer_chunk in access exclusive mode", Duration::from_secs(30)).await;
}

/// A psql that somebody left open, in the middle of an update.
#[tokio::test]
async fn f7_rows_that_somebody_forgot_in_a_transaction_are_waited_for_in_short_tries() {
    locked("F7 idle in transaction", "select count(*) from (select from core.session for update) s", HELD).await;
}

/// `alter table` behind a session that only reads, but for long: everybody would queue up behind both.
#[tokio::test]
async fn f7_an_alter_table_behind_a_long_reader_stops_ingest_no_longer_than_its_lock_timeout() {
    let postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan { frame_interval: Duration::from_millis(200), ..Plan::new(&collector.url(), &postgres.site.key, 30) });
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    let (mut reader, mut owner) = (postgres.owner().await, postgres.owner().await);
    sqlx::raw_sql("begin; select count(*) from core.pointer_chunk").execute(&mut reader).await.unwrap();
    sqlx::raw_sql("set lock_timeout = '1s'").execute(&mut owner).await.unwrap();
    let pulse = Pulse::of(&fleet);
    for _ in 0..3 {
        let altered = sqlx::raw_sql("alter table core.pointer_chunk add column f7 int").execute(&mut owner).await;
        assert!(altered.is_err(), "the reader is in the way");
        sleep(Duration::from_millis(500)).await;
    }
    sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
    sqlx::raw_sql("alter table core.pointer_chunk add column f7 int").execute(&mut owner).await.unwrap();
    wait_for_acks(&fleet, 50, Duration::from_secs(10));
    let pause = pulse.longest_pause();
    println!("F7 alter table: longest pause {pause:?}, {} retries", retries(&collector));
    assert!(pause <= Duration::from_secs(2), "{pause:?}");
    come_home("F7 alter table", fleet, &postgres, collector, Duration::from_secs(30)).await;
}

/// Every 20th insert is cancelled from within, as `pg_cancel_backend` by an operator or a proxy would; number 100 runs into `statement_timeout`.
const CANCELS: &str = "
    create sequence core.f9_insert;
    create sequence core.f9_cancelled;
    create function core.f9() returns trigger language plpgsql security definer as $$
    declare
        number bigint := nextval('core.f9_insert');
    begin
        if number = 100 then
            perform pg_sleep(60);
        elsif number % 20 = 0 then
            perform nextval('core.f9_cancelled');
            perform pg_cancel_backend(pg_backend_pid());
            perform pg_sleep(1);
        end if;
        return null;
    end $$;
    create trigger f9 before insert on core.pointer_chunk for each statement execute function core.f9()";

#[tokio::test]
async fn f9_cancelled_statements_are_tried_again_and_nothing_is_lost_or_counted_twice() {
    let postgres = Postgres::start();
    postgres.execute(CANCELS).await;
    let collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan { frame_interval: Duration::from_millis(100), ..Plan::new(&collector.url(), &postgres.site.key, 20) });
    let begin = Instant::now();
    while postgres.count("select last_value from core.f9_insert").await < 200 {
        assert!(begin.elapsed() < Duration::from_secs(90), "200 inserts");
        sleep(Duration::from_millis(100)).await;
    }
    let (cancelled, retries) = (postgres.count("select last_value from core.f9_cancelled").await, retries(&collector));
    let log = collector.log();
    println!("F9: {cancelled} statements cancelled, {retries} retries, 200 inserts in {:?}", begin.elapsed());
    assert!(cancelled >= 8, "{cancelled}");
    assert!(retries > cancelled as f64, "each of them, and the one that ran into its time-out");
    assert!(log.contains("canceling statement due to user request"));
    assert!(log.contains("canceling statement due to statement timeout"));
    come_home("F9", fleet, &postgres, collector, Duration::from_secs(30)).await;
}
