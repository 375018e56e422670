//! F15, the second half: the real migrations on tables of a size.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mousetrail::store::{PgRole, Server, migrate};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::task::JoinHandle;

use crate::kit::Postgres;

/// What the binary before had.
const OLD: i64 = 3;
/// Each has ten chunks, and three of them are a session.
const PAGE_VIEWS: i64 = 1_000_000;

/// What is to stand there before, in the columns of migration 3: generated, so that it takes a minute or two and not an hour.
fn fill(page_views: i64) -> String {
    format!(
        "begin;
         select core.ensure_partition(current_date);
         insert into core.site (public_key, name, origins) values ('k_old', 'Old', array['*']);
         insert into core.page (site_id, path) select 1, '/' || n from generate_series(1, 1000) n;
         insert into core.session (session_id, site_id, visitor, started_at, last_seen_at, page_views, events, clicks, entry_page_id, device,
                                   browser, os)
         select n, 1, int8send(n), now() - n * interval '0.1 s', now(), 3, 90, 30, 1 + n % 1000, 0, 'Firefox', 'Linux'
         from generate_series(1, {page_views} / 3 + 1) n;
         insert into core.page_view (page_view_id, day, site_id, session_id, page_id, nonce_hash, host, started_at, last_ms, events, clicks, device,
                                     viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y)
         select {ID} + n, current_date, 1, 1 + n / 3, 1 + n % 1000, sha256(int8send(n)), 'shop.example', now(), 50000, 30, 10, 0,
                1440, 900, 1440, 3000, 0, 0
         from generate_series(1, {page_views}) n;
         insert into core.pointer_chunk (page_view_id, seq, day, site_id, page_id, session_id, device, started_at, offset_ms, x0, y0, dt, kind, x, y,
                                         samples, dropped, tolerance)
         select {ID} + n, seq, current_date, 1, 1 + n % 1000, 1 + n / 3, 0, now(), seq * 5000, 0, 0,
                '{{0,100,200}}', '{{m,m,c}}', '{{1,2,3}}', '{{4,5,6}}', 30, 0, 10
         from generate_series(1, {page_views}) n, generate_series(1, 10) seq;
         commit",
        ID = "((current_date - date '2020-01-01')::bigint << 48)"
    )
}

/// What the binary of migration 3 said for a new page view.
const OPEN: &str = "
    begin;
    insert into core.session (session_id, site_id, visitor, started_at, last_seen_at, page_views, entry_page_id, device, browser, os)
    values (nextval('f15_id'), 1, int8send(currval('f15_id')), now(), now(), 1, 1, 0, 'Firefox', 'Linux');
    insert into core.page_view (page_view_id, day, site_id, session_id, page_id, nonce_hash, host, started_at, device,
                                viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y)
    values (((current_date - date '2020-01-01')::bigint << 48) + currval('f15_id'), current_date, 1, currval('f15_id'), 1, '', 'shop.example',
            now(), 0, 1440, 900, 1440, 3000, 0, 0);
    commit";

/// And for a batch: chunks, and the counters of their page views and sessions.
const BATCH: &str = "
    begin;
    with stored as (
        insert into core.pointer_chunk (page_view_id, seq, day, site_id, page_id, session_id, device, started_at, offset_ms, x0, y0, dt, kind, x, y,
                                        samples, dropped, tolerance)
        select ((current_date - date '2020-01-01')::bigint << 48) + n, nextval('f15_seq'), current_date, 1, 1, 1 + n / 3, 0, now(), 0, 0, 0,
               '{0,100,200}', '{m,m,c}', '{1,2,3}', '{4,5,6}', 30, 0, 10
        from generate_series(1, 50) n
        on conflict do nothing returning page_view_id, seq)
    select count(*) from stored;
    with locked as (select page_view_id from core.page_view
                    where page_view_id between ((current_date - date '2020-01-01')::bigint << 48) + 1
                                           and ((current_date - date '2020-01-01')::bigint << 48) + 50
                    order by page_view_id for no key update)
    update core.page_view v set events = v.events + 3, clicks = v.clicks + 1 from locked where locked.page_view_id = v.page_view_id;
    with locked as (select session_id from core.session where session_id <= 17 order by session_id for no key update)
    update core.session s set events = s.events + 9, last_seen_at = now() from locked where locked.session_id = s.session_id;
    commit";

/// What a loop of one transaction saw.
#[derive(Debug, Default)]
struct Loop {
    done: u64,
    failed: u64,
    longest: Duration,
}

/// Does one transaction again and again, with the time-outs of ingest, until it is over. Failed ones are tried again, and the time goes on.
fn repeat(server: &Server, transaction: &'static str, is_over: &Arc<AtomicBool>) -> JoinHandle<Loop> {
    let (server, is_over) = (server.clone(), is_over.clone());
    tokio::spawn(async move {
        let mut connection = server.connect(PgRole::Owner).await.unwrap();
        sqlx::raw_sql("set lock_timeout = '5s'; set statement_timeout = '10s'").execute(&mut connection).await.unwrap();
        let (mut seen, mut since) = (Loop::default(), Instant::now());
        while !is_over.load(Ordering::Relaxed) {
            match sqlx::raw_sql(transaction).execute(&mut connection).await {
                Ok(_) => {
                    seen.done += 1;
                    seen.longest = seen.longest.max(since.elapsed());
                    since = Instant::now();
                }
                Err(error) => {
                    eprintln!("{error}");
                    seen.failed += 1;
                    let _ = sqlx::raw_sql("rollback").execute(&mut connection).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        seen
    })
}

async fn count(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

async fn migrate_to_old(owner: &mut PgConnection) {
    let old = sqlx::migrate!().migrations.iter().filter(|migration| migration.version <= OLD).cloned().collect();
    Migrator::with_migrations(old).run(owner).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "T1: minutes"]
async fn f15_migrating_ten_million_rows_stops_ingest_for_at_most_two_seconds() {
    // What is loaded in the transaction that made its table needs no log.
    let postgres = Postgres::start_with(&["wal_level=minimal", "max_wal_senders=0", "max_wal_size=2GB"]);
    postgres.execute("create database old").await;
    let mut server = postgres.server().with_database("old");
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    migrate_to_old(&mut owner).await;
    let begin = Instant::now();
    sqlx::raw_sql(AssertSqlSafe(fill(PAGE_VIEWS))).execute(&mut owner).await.unwrap();
    sqlx::raw_sql("create sequence f15_id start 100000000; create sequence f15_seq start 1000").execute(&mut owner).await.unwrap();
    let rows = count(&mut owner, "select count(*) from core.pointer_chunk").await;
    // What was loaded is on disk before anything is measured: writing it out would slow every commit.
    postgres.execute_as_superuser("checkpoint").await;
    println!("F15: {rows} chunks and {PAGE_VIEWS} page views after {:?}", begin.elapsed());

    let is_over = Arc::new(AtomicBool::new(false));
    let loops = [OPEN, BATCH, BATCH].map(|transaction| repeat(&server, transaction, &is_over));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let begin = Instant::now();
    migrate(&mut server).await.unwrap();
    let took = begin.elapsed();
    tokio::time::sleep(Duration::from_secs(5)).await;
    is_over.store(true, Ordering::Relaxed);
    let mut seen = Vec::new();
    for each in loops {
        seen.push(each.await.unwrap());
    }
    let applied = count(&mut owner, "select count(*) from _sqlx_migrations where success").await;
    println!("F15: migrated from {OLD} to {applied} in {took:?}; page views, batches, batches: {seen:?}");
    assert_eq!(applied, sqlx::migrate!().migrations.len() as i64);
    for each in &seen {
        assert!(each.longest <= Duration::from_secs(2), "{each:?}");
        assert!(each.done > 50, "{each:?}");
    }
    let stored = count(&mut owner, "select count(*) from core.pointer_chunk").await - rows;
    assert_eq!(stored as u64, (seen[1].done + seen[2].done) * 50, "what was committed is there");
    assert_eq!(count(&mut owner, "select count(*) from core.page_view").await as u64, PAGE_VIEWS as u64 + seen[0].done);
}
