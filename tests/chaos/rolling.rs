//! F14, and the first half of F15: several collectors on one Postgres.

use std::net::SocketAddr;
use std::time::Duration;

use awc::ws::Frame;
use mousetrail::event::{Nonce, PageViewId};
use mousetrail::store::migrate_with;
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ResumedPage, ServerMessage, Via};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Executor, SqlSafeStr};
use tokio::time::{sleep, timeout};

use crate::kit::{
    Collector, Fleet, Launch, ORIGIN, Plan, Postgres, Proxy, Pulse, Socket, State, Target, all_home, come_home, wait_for_acks, wait_until,
};

async fn rolling_deploys(id: &str, clients: usize, hops: usize) {
    let postgres = Postgres::start();
    // All clients come from the proxy's address.
    let mut collectors = [(); 2].map(|()| Collector::launch(Launch::new(&postgres.url()).wide_open()));
    let proxy = Proxy::start(Target::port(collectors[0].port), 31);
    let fleet = Fleet::start(&Plan { addresses: 0, ..Plan::new(&proxy.url(), &postgres.site.key, clients) });
    wait_until("the clients are in", Duration::from_secs(60), || fleet.connections() == clients as u64);
    let (mut longest_end, mut longest_hop) = (Duration::ZERO, Duration::ZERO);
    for hop in 0..hops {
        let (old, new) = (hop % 2, (hop + 1) % 2);
        proxy.switch_to(Target::port(collectors[new].port));
        let begin = std::time::Instant::now();
        collectors[old].terminate();
        let status = collectors[old].wait(Duration::from_secs(15));
        longest_end = longest_end.max(begin.elapsed());
        assert_eq!(status.code(), Some(0), "{}", collectors[old].log());
        wait_until("all clients have come over", Duration::from_secs(30), || {
            collectors[new].metrics().sum("mousetrail_connections") == clients as f64
        });
        longest_hop = longest_hop.max(begin.elapsed());
        collectors[old].restart();
    }
    let report = all_home(id, fleet, &postgres, Duration::from_secs(30)).await;
    let views = postgres.count("select count(*) from core.page_view").await;
    println!("{id}: {clients} clients x {hops} hops, longest end {longest_end:?}, longest until all are over {longest_hop:?}");
    assert_eq!(views, clients as i64, "each client is one page view, wherever it was");
    assert!(longest_end <= Duration::from_secs(10), "{longest_end:?}");
    assert!(report.drains >= (clients * hops) as u64 * 9 / 10, "{}", report.line());
    for collector in collectors {
        collector.finish();
    }
}

#[tokio::test]
async fn f14_clients_that_hop_between_two_collectors_are_stored_exactly_once() {
    rolling_deploys("F14", 20, 5).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f14_a_hundred_clients_that_hop_fifty_times_are_stored_exactly_once() {
    rolling_deploys("F14 50 hops", 100, 50).await;
}

#[tokio::test]
async fn f14_a_nonce_is_one_page_view_on_either_collector_and_its_token_is_good_on_both() {
    let postgres = Postgres::start();
    let [a, b] = [(); 2].map(|()| Collector::start(&postgres.url()));
    let key = &postgres.site.key;
    for number in 0..10u8 {
        // At the same moment, as two connections of one client that reconnects too early.
        let (first, second) = tokio::join!(open(a.port, key, new_page(number)), open(b.port, key, new_page(number)));
        assert_eq!(first.0, second.0, "one page view");
        for (port, token) in [(b.port, first.1), (a.port, second.1)] {
            let state = PageState::Resumed(ResumedPage { id: first.0.to_string(), token, from: 1 });
            assert_eq!(open(port, key, state).await.0, first.0, "the other collector takes the token");
        }
    }
    assert_eq!(postgres.count("select count(*) from core.page_view").await, 10);
    assert_eq!(postgres.count("select count(*) from core.session").await, 1, "one visitor is one session on both");
    a.finish();
    b.finish();
}

fn new_page(number: u8) -> PageState {
    PageState::New(Box::new(NewPage {
        nonce: Nonce([number; 16]),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: format!("{ORIGIN}/page"),
        title: None,
        referrer: None,
        viewport: [1440.0, 900.0],
        document: [1440.0, 3000.0],
        scroll: [0.0; 2],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    }))
}

/// Says hello with one page view and returns what the welcome says of it.
async fn open(port: u16, key: &str, state: PageState) -> (PageViewId, String) {
    let to = SocketAddr::from(([127, 0, 0, 1], port));
    let mut socket = Socket::connect(to, None, &format!("Origin: {ORIGIN}\r\n")).await.unwrap();
    let hello = ClientMessage::Hello(Hello::new(key.to_owned(), vec![Page { n: 0, state }]));
    socket.say(&serde_json::to_string(&hello).unwrap()).await.unwrap();
    let answer = timeout(Duration::from_secs(10), socket.next()).await.unwrap();
    let Some(Ok(Frame::Text(text))) = answer else { panic!("{answer:?}") };
    match serde_json::from_slice(&text).unwrap() {
        ServerMessage::Welcome { id, token, .. } => (id, token),
        other => panic!("{other:?}"),
    }
}

/// What a newer collector might bring. It only adds.
const NEWER: &str = "
    alter table core.pointer_chunk add column newer int;
    alter table core.session add column newer smallint not null default 0;
    create table core.newer (page_view_id bigint primary key, value text not null);
    select core.ensure_partition(date '2030-01-01');
    create index pointer_chunk_newer on core.pointer_chunk_20300101 (newer)";

#[tokio::test]
async fn f15_a_collector_goes_on_while_a_newer_one_migrates_and_starts_on_the_newer_schema() {
    let postgres = Postgres::start();
    let mut collector = Collector::start(&postgres.url());
    let fleet = Fleet::start(&Plan { frame_interval: Duration::from_millis(200), ..Plan::new(&collector.url(), &postgres.site.key, 30) });
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 200);
    // A dashboard, say: while it reads, nobody gets the lock that the migration needs.
    let mut reader = postgres.owner().await;
    sqlx::raw_sql("begin; select count(*) from core.pointer_chunk").execute(&mut reader).await.unwrap();
    let pulse = Pulse::of(&fleet);
    let mut server = postgres.server();
    let migrated = std::thread::spawn(move || {
        let mut all = sqlx::migrate!().migrations.to_vec();
        all.push(Migration::new(9_999, "newer".into(), MigrationType::Simple, NEWER.into_sql_str(), false));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(migrate_with(&Migrator::with_migrations(all), &mut server)).unwrap();
    });
    sleep(Duration::from_secs(4)).await;
    assert!(!migrated.is_finished(), "the reader is in the way");
    sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
    wait_until("it gets its lock now", Duration::from_secs(10), || migrated.is_finished());
    migrated.join().unwrap();
    wait_for_acks(&fleet, 200, Duration::from_secs(10));
    let pause = pulse.longest_pause();
    println!("F15: longest pause {pause:?}");
    assert!(pause <= Duration::from_secs(2), "{pause:?}");
    // Back by one version: the older binary starts on what the newer one left.
    collector.terminate();
    collector.wait(Duration::from_secs(15));
    collector.restart();
    wait_for_acks(&fleet, 100, Duration::from_secs(20));
    come_home("F15", fleet, &postgres, collector, Duration::from_secs(30)).await;
}

#[tokio::test]
async fn collectors_that_start_at_once_on_an_empty_server_migrate_it_once() {
    let postgres = Postgres::start();
    let mut superuser = postgres.superuser("postgres").await;
    for statement in [
        "drop database mousetrail",
        "drop role mousetrail_ingest, mousetrail_admin, mousetrail_reader",
        "create database mousetrail owner mousetrail",
    ] {
        superuser.execute(statement).await.unwrap();
    }
    let url = postgres.url();
    let collectors: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Collector::start(&url))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let migrations = sqlx::migrate!().migrations.len() as i64;
    assert_eq!(postgres.count("select count(*) from _sqlx_migrations where success").await, migrations);
    assert_eq!(postgres.count("select count(*) from pg_roles where rolname like 'mousetrail\\_%'").await, 3);
    for collector in collectors {
        collector.finish();
    }
}
