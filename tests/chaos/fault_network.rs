//! F10: the network is cut, and nobody says so: no FIN, no reset.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::kit::{
    Backoff, Collector, Fleet, Hook, Launch, Plan, Postgres, Proxy, State, Target, Verdict, come_home, retries, wait_for_acks, wait_until,
};

/// When both sides have to know.
const DETECTED: Duration = Duration::from_secs(40);

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f10_a_network_that_is_cut_between_clients_and_collector_is_noticed_by_both() {
    let postgres = Postgres::start();
    // All clients come from the proxy's address.
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let proxy = Proxy::start(Target::port(collector.port), 21);
    let plan = Plan { addresses: 0, backoff: Backoff::PROTOCOL, ..Plan::new(&proxy.url(), &postgres.site.key, 100) };
    let fleet = Fleet::start(&plan);
    let connections = || collector.metrics().sum("mousetrail_connections");
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 300 && connections() == 100.0);
    // Like segments that are lost and sent again: nothing arrives, not even an end.
    proxy.both(|faults| faults.freeze = true);
    let begin = Instant::now();
    wait_until("the clients have noticed", DETECTED, || fleet.connections() == 0);
    let clients = begin.elapsed();
    wait_until("the collector has noticed", DETECTED.saturating_sub(begin.elapsed()), || connections() == 0.0);
    let noticed = begin.elapsed();
    let acked = fleet.ledger.count(State::Acked);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing gets through");
    assert!(collector.ready(), "the collector itself is well");
    proxy.reset_all();
    proxy.heal();
    let back = wait_for_acks(&fleet, 100, Duration::from_secs(60));
    // The same with bytes that vanish for ever, as behind a translator of addresses that forgot its connections.
    wait_until("the clients are back", Duration::from_secs(60), || fleet.connections() == 100);
    proxy.both(|faults| faults.blackhole = true);
    sleep(Duration::from_secs(30)).await;
    proxy.reset_all();
    proxy.heal();
    let again = wait_for_acks(&fleet, 100, Duration::from_secs(60));
    println!(
        "F10 clients: noticed after {clients:?} by the clients and {noticed:?} by the collector, back {back:?} after it; \
         {again:?} after 30 s of a black hole"
    );
    come_home("F10 clients", fleet, &postgres, collector, Duration::from_secs(60)).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn f10_a_network_that_is_cut_between_collector_and_postgres_is_noticed_by_both() {
    let postgres = Postgres::start();
    let proxy = Proxy::start(Target::Unix(postgres.socket()), 22);
    let collector = Collector::start(&postgres.url_through(proxy.port));
    let fleet = Fleet::start(&Plan { backoff: Backoff::PROTOCOL, ..Plan::new(&collector.url(), &postgres.site.key, 100) });
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 300);
    let mut figures = Vec::new();
    for is_lost in [false, true] {
        let tries = retries(&collector);
        proxy.both(|faults| (faults.freeze, faults.blackhole) = (!is_lost, is_lost));
        let begin = Instant::now();
        wait_until("the collector has noticed", DETECTED, || retries(&collector) > tries && !collector.ready());
        let noticed = begin.elapsed();
        sleep(Duration::from_secs(1)).await;
        let acked = fleet.ledger.count(State::Acked);
        sleep(Duration::from_secs(30).saturating_sub(begin.elapsed())).await;
        assert_eq!(fleet.ledger.count(State::Acked), acked, "nothing is acked meanwhile");
        assert!(collector.live());
        // Postgres has ended what nobody finished: no lock is held for a collector that is gone.
        let open = "select count(*) from pg_stat_activity where state like 'idle in transaction%'";
        assert_eq!(postgres.count(open).await, 0, "nothing is left open in Postgres after 30 s");
        proxy.heal();
        let back = wait_for_acks(&fleet, 100, Duration::from_secs(60));
        figures.push((noticed, back));
        wait_until("ready again", Duration::from_secs(20), || collector.ready());
        wait_until("the clients are back", Duration::from_secs(60), || fleet.connections() == 100);
    }
    println!("F10 Postgres: (noticed, back) after bytes that wait and bytes that vanish: {figures:?}");
    come_home("F10 Postgres", fleet, &postgres, collector, Duration::from_secs(60)).await;
}

/// Connections that are older than the present age are forgotten: nothing of them arrives any more, in neither direction. New ones are well.
fn forgetful(age: &Arc<AtomicU64>) -> impl Fn() -> (Hook, Hook) + Send + 'static {
    let age = age.clone();
    move || {
        let born = age.load(Ordering::Relaxed);
        let hook = || -> Hook {
            let age = age.clone();
            Box::new(move |_| if age.load(Ordering::Relaxed) > born { Verdict::Forget } else { Verdict::Pass })
        };
        (hook(), hook())
    }
}

/// A translator of addresses that restarts: all connections of the pool are in the middle of a statement, and never hear of it again.
#[tokio::test]
async fn f10_connections_that_the_network_forgot_are_replaced_all_of_them() {
    let postgres = Postgres::start();
    let (proxy, age) = (Proxy::start(Target::Unix(postgres.socket()), 23), Arc::new(AtomicU64::new(0)));
    proxy.hook(forgetful(&age));
    let collector = Collector::launch(Launch::new(&postgres.url_through(proxy.port)).flags(["--ingest-pool", "2"]));
    let plan = Plan::new(&collector.url(), &postgres.site.key, 20);
    let fleet = Fleet::start(&plan);
    wait_until("the clients are in", Duration::from_secs(60), || fleet.ledger.count(State::Acked) > 100);
    let (mut owner, mut looker) = (postgres.owner().await, postgres.owner().await);
    sqlx::raw_sql("begin; lock table core.session, core.pointer_chunk in access exclusive mode").execute(&mut owner).await.unwrap();
    let more = Fleet::start_with(&Plan { seed: 2, ..plan }, fleet.ledger.clone());
    let begin = Instant::now();
    loop {
        let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&mut looker).await.unwrap();
        if waiting >= 2 {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{waiting} of 2 connections wait");
        sleep(Duration::from_millis(10)).await;
    }
    age.fetch_add(1, Ordering::Relaxed);
    let begin = Instant::now();
    sqlx::raw_sql("rollback").execute(&mut owner).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    wait_for_acks(&fleet, 20, Duration::from_secs(20));
    let back = begin.elapsed();
    wait_until("ready again", Duration::from_secs(10), || collector.ready());
    wait_until("the others are in", Duration::from_secs(30), || more.connections() == 20);
    println!("F10 forgotten: stores again after {back:?}");
    assert!(more.drain(Duration::from_secs(30)));
    come_home("F10 forgotten", fleet, &postgres, collector, Duration::from_secs(30)).await;
}
