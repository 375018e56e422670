//! O8: people look at a large site while visitors come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mousetrail::admin::one_time_owner_link;
use mousetrail::store::{PgRole, Pools, Store};
use sqlx::{AssertSqlSafe, Executor};
use tokio::time::sleep;

use crate::kit::{Collector, Fleet, Histogram, Launch, Plan, Postgres, ask, post, wait_until};

/// Events that stand there before anybody looks: this many chunks of a hundred.
const CHUNKS: u32 = 100_000;

/// Copies of the first visitors' chunks, in sessions of five page views.
fn copies() -> Vec<String> {
    // Columns that are not listed here keep their defaults or come from the source row.
    let source = "(select * from core.pointer_chunk where cardinality(dt) >= 50 order by page_view_id, seq limit 100)";
    vec![
        format!(
            "create temp table source as select row_number() over () - 1 as number, c.* from {source} c;
             create temp table first as select * from core.session order by session_id limit 1;
             create temp table view as select * from core.page_view where page_view_id in (select page_view_id from source)"
        ),
        format!(
            "insert into core.session
             select (jsonb_populate_record(s, jsonb_build_object('session_id', g, 'page_views', 5, 'events', 500))).*
             from first s, generate_series(1, {}) g",
            CHUNKS / 5
        ),
        format!(
            "insert into core.page_view
             select (jsonb_populate_record(v, jsonb_build_object('page_view_id', g, 'session_id', (g + 4) / 5, 'events', cardinality(s.dt),
                     'nonce_hash', '\\x' || md5(g::text)))).*
             from generate_series(1, {CHUNKS}) g join source s on s.number = g % 100 join view v on v.page_view_id = s.page_view_id"
        ),
        format!(
            "insert into core.pointer_chunk
             select (jsonb_populate_record(c, jsonb_build_object('page_view_id', g, 'session_id', (g + 4) / 5, 'seq', 1))).*
             from generate_series(1, {CHUNKS}) g join source s on s.number = g % 100
             join core.pointer_chunk c on c.page_view_id = s.page_view_id and c.seq = s.seq"
        ),
        "analyze".to_owned(),
    ]
}

/// Signs the owner in; the cookie.
async fn sign_in(collector: &Collector, postgres: &Postgres) -> String {
    let store = Store::new(&postgres.server(), Pools::default());
    let link = one_time_owner_link(&store).await.unwrap().expect("there is no account yet");
    store.close().await;
    let headers = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n";
    let body = b"email=owner%40example.com&password=correct+horse+battery";
    let answer = post(collector.port, &link, headers, body, Duration::from_secs(30)).expect("the page answers");
    let cookie =
        answer.head.lines().find_map(|line| line.to_ascii_lowercase().starts_with("set-cookie:").then(|| line[11..].trim().to_owned()));
    let cookie = cookie.unwrap_or_else(|| panic!("{}", answer.head));
    cookie.split(';').next().unwrap().to_owned()
}

/// Asks these pages one after the other until told to stop; how many answers there were.
fn look(port: u16, cookie: String, paths: Vec<String>, is_on: Arc<AtomicBool>, answers: Arc<AtomicU32>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for path in paths.iter().cycle() {
            if !is_on.load(Ordering::Relaxed) {
                return;
            }
            let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
            let answer = ask(port, request.as_bytes(), Duration::from_secs(60)).unwrap_or_else(|| panic!("{path} is not answered"));
            assert!(answer.status == 200 || answer.status == 503, "{path}: {} {}", answer.status, answer.body);
            answers.fetch_add(u32::from(answer.status == 200), Ordering::Relaxed);
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "T1: minutes"]
async fn o8_heavy_questions_over_ten_million_events_slow_visitors_down_by_half_at_most() {
    let postgres = Postgres::start();
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let first = Fleet::start(&Plan { rate_hz: 100.0, seed: 2, ..Plan::new(&collector.url(), &postgres.site.key, 40) });
    sleep(Duration::from_secs(8)).await;
    assert!(first.drain(Duration::from_secs(30)));
    first.end();
    let begin = Instant::now();
    let mut owner = postgres.owner().await;
    for sql in copies() {
        owner.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    let events = postgres.count("select sum(cardinality(dt))::int8 from core.pointer_chunk").await;
    println!("O8: {events} events in {} chunks, copied in {:.0} s", CHUNKS, begin.elapsed().as_secs_f64());
    assert!(events > 9_000_000);

    let cookie = sign_in(&collector, &postgres).await;
    let api = format!("/api/v1/sites/{}", postgres.site.site_id);
    let page: String = sqlx::query_scalar("select path from core.page order by page_id limit 1").fetch_one(&mut owner).await.unwrap();
    let paths = vec![
        format!("{api}/sessions"),
        format!("{api}/heatmap?page={page}"),
        format!("/sites/{}/sessions", postgres.site.site_id),
        format!("{api}/heatmap?page={page}&kind=click"),
    ];
    let fleet = Fleet::start(&Plan::new(&collector.url(), &postgres.site.key, 500));
    wait_until("the clients are in", Duration::from_secs(60), || fleet.connections() == 500);
    sleep(Duration::from_secs(3)).await;
    let (mut calm, mut busy) = (Histogram::default(), Histogram::default());
    let (answers, queries, rss) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)), collector.rss_bytes());
    let mut most = rss;
    for turn in 0..4 {
        let is_on = Arc::new(AtomicBool::new(turn % 2 == 1));
        let mut looks = Vec::new();
        let mut query = None;
        if turn % 2 == 1 {
            looks.extend((0..2).map(|_| look(collector.port, cookie.clone(), paths.clone(), is_on.clone(), answers.clone())));
            // What somebody at psql asks for: a row an event, as the role that may read.
            let (server, is_on, queries) = (postgres.server(), is_on.clone(), queries.clone());
            query = Some(tokio::spawn(async move {
                let mut reader = server.connect(PgRole::Reader).await.unwrap();
                while is_on.load(Ordering::Relaxed) {
                    let _: Result<i64, _> =
                        sqlx::query_scalar("select count(*) from pointer_event where x > 700").fetch_one(&mut reader).await;
                    queries.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        sleep(Duration::from_secs(2)).await;
        fleet.tally.reset_times();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(15) {
            sleep(Duration::from_millis(200)).await;
            most = most.max(collector.rss_bytes());
        }
        let ack = fleet.tally.counts().ack;
        println!("O8: turn {turn}, ack p50 {:.1} ms, p99 {:.1} ms", ack.quantile_ms(0.5), ack.quantile_ms(0.99));
        if turn % 2 == 1 {
            busy.merge(&ack)
        } else {
            calm.merge(&ack)
        }
        is_on.store(false, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || looks.into_iter().for_each(|look| look.join().unwrap())).await.unwrap();
        if let Some(query) = query {
            query.await.unwrap();
        }
        sleep(Duration::from_secs(1)).await;
    }
    let ratio = busy.quantile_ms(0.99) / calm.quantile_ms(0.99);
    println!(
        "O8: ack p99 {:.1} ms alone, {:.1} ms with {} answers and {} queries: {ratio:.2}; rss {} to {} MiB",
        calm.quantile_ms(0.99),
        busy.quantile_ms(0.99),
        answers.load(Ordering::Relaxed),
        queries.load(Ordering::Relaxed),
        rss >> 20,
        most >> 20
    );
    assert!(fleet.drain(Duration::from_secs(30)));
    let findings = fleet.ledger.check(&mut owner).await;
    assert_eq!((findings.lost, findings.altered, findings.held), (0, 0, 0), "{findings:?}");
    let report = fleet.end();
    assert_eq!((report.errors, report.timeouts), (0, 0), "{}", report.line());
    assert!(ratio <= 1.5, "{ratio}");
    collector.finish();
}
