//! O4, O10: one who takes too much, or never listens, is nobody else's trouble.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use awc::ws::Frame;
use mousetrail::wire::{ServerMessage, encode_frame};
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::kit::{Collector, Fleet, Movement, ORIGIN, Plan, Postgres, Raw, Socket, hello, masked, wait_until};

/// Frames a second that one connection may send, and at once after a pause.
const RATE: f64 = 20.0;
const BURST: f64 = 200.0;

fn address(collector: &Collector) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, collector.port))
}

/// Sends 2,000 frames a second of one event each for so long; then how many of them are stored, and how many may be.
async fn offend(collector: &Collector, postgres: &Postgres, number: u8, lasting: Duration) -> (f64, f64, u64) {
    let from = Some(Ipv4Addr::new(127, 60, 0, number));
    let mut socket =
        Socket::connect(address(collector), from, &format!("Origin: {ORIGIN}\r\n")).await.expect("one connection is no offence");
    let opened = Instant::now();
    socket.say(&hello(&postgres.site.key, 1_000 + u64::from(number))).await.unwrap();
    let id = loop {
        if let Some(Ok(Frame::Text(text))) = socket.next().await
            && let Ok(ServerMessage::Welcome { id, .. }) = serde_json::from_slice(&text)
        {
            break id;
        }
    };
    let mut movement = Movement::new(u64::from(number));
    let (mut sent, mut ticks) = (0, tokio::time::interval(Duration::from_millis(10)));
    while opened.elapsed() < lasting {
        tokio::select! {
            message = socket.next() => assert!(matches!(message, Some(Ok(_))), "it is slowed down, and not sent away"),
            _ = ticks.tick() => for _ in 0..20 {
                sent += 1;
                socket.send_bytes(&encode_frame(&movement.frame(0, 1, Duration::from_millis(1), 0))).await.unwrap();
            }
        }
    }
    let stored = postgres.count(&format!("select count(*) from core.pointer_chunk where page_view_id = {}", id.get())).await;
    let allowed = BURST + RATE * opened.elapsed().as_secs_f64();
    // What is still unread must not be read.
    let _ = socket.stream().set_zero_linger();
    (stored as f64, allowed, sent)
}

/// Ack p99 of the neighbours over the next while, ms.
async fn p99(fleet: &Fleet, lasting: Duration) -> f64 {
    fleet.tally.reset_times();
    sleep(lasting).await;
    fleet.report().ack_p99_ms
}

async fn crowd(collector: &Collector, postgres: &Postgres, active: usize) -> Fleet {
    let plan = Plan {
        welcome_limit: Duration::from_secs(60),
        ramp: Duration::from_millis(20 * active as u64),
        ..Plan::new(&collector.url(), &postgres.site.key, active)
    };
    let fleet = Fleet::start(&plan);
    wait_until("the clients are in", Duration::from_secs(60), || fleet.connections() == active as u64);
    sleep(Duration::from_secs(2)).await;
    fleet
}

async fn settle(fleet: Fleet, postgres: &Postgres) {
    assert!(fleet.drain(Duration::from_secs(30)));
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    assert_eq!((findings.lost, findings.altered, findings.duplicate, findings.held), (0, 0, 0, 0), "{findings:?}");
    let report = fleet.end();
    assert_eq!((report.errors, report.timeouts, report.reconnects), (0, 0, 0), "{}", report.line());
}

/// Calm and offence by turns. `slack`: how much slower neighbours may get, as a share and in ms.
async fn offence(postgres: Postgres, neighbours: usize, turns: u8, lasting: Duration, slack: (f64, f64)) {
    let collector = Collector::start(&postgres.url());
    let fleet = crowd(&collector, &postgres, neighbours).await;
    let (mut calm, mut offended) = (0.0, 0.0);
    for turn in 1..=turns {
        calm += p99(&fleet, lasting).await / f64::from(turns);
        let (during, (stored, allowed, sent)) = tokio::join!(p99(&fleet, lasting), offend(&collector, &postgres, turn, lasting));
        offended += during / f64::from(turns);
        println!("O4: {sent} frames sent in {lasting:?}, {stored} stored, {allowed:.0} allowed");
        assert!(stored <= allowed * 1.05 && stored >= allowed * 0.9, "{stored} of {allowed}");
    }
    println!("O4: ack p99 of {neighbours} neighbours: {calm:.1} ms without the offender, {offended:.1} ms with it");
    assert!(offended <= calm * slack.0 + slack.1, "{offended} ms against {calm} ms");
    settle(fleet, &postgres).await;
    collector.finish();
}

#[tokio::test]
async fn o4_two_thousand_frames_a_second_of_one_client_are_paced_and_neighbours_hardly_notice() {
    offence(Postgres::start_quick(), 60, 1, Duration::from_secs(8), (3.0, 1_000.0)).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn o4_five_hundred_neighbours_of_an_offender_are_at_most_a_fifth_slower() {
    offence(Postgres::start(), 500, 2, Duration::from_secs(25), (1.2, 5.0)).await;
}

/// Takes part and never reads: a frame every `pause`, and with them pings that ask for a pong each. Returns when it was sent away.
async fn never_read(to: SocketAddr, key: String, number: usize, pings: usize, pause: Duration, until: Instant) -> Option<Duration> {
    let from = Ipv4Addr::new(127, 61, (number / 16) as u8, (number % 16) as u8 + 1);
    let mut raw = Raw::connect(to, from, Some(4_096)).await.unwrap();
    raw.greet(&key, 5_000 + number as u64).await.unwrap();
    let begin = Instant::now();
    let mut movement = Movement::new(number as u64);
    let mut left = pings;
    while Instant::now() < until {
        let mut bytes = masked(0x82, &encode_frame(&movement.frame(0, 2, Duration::from_millis(50), 0)));
        for _ in 0..left.min(200) {
            bytes.extend(masked(0x89, &[b'p'; 125]));
        }
        left -= left.min(200);
        match timeout(until.saturating_duration_since(Instant::now()), raw.stream.write_all(&bytes)).await {
            Ok(Ok(())) => sleep(pause).await,
            Ok(Err(_)) => return Some(begin.elapsed()),
            Err(_) => break,
        }
    }
    None
}

async fn deaf(postgres: Postgres, peers: usize, pings: usize, pause: Duration, lasting: Duration, slack: (f64, f64)) {
    let collector = Collector::start(&postgres.url());
    let fleet = crowd(&collector, &postgres, 60).await;
    let calm = p99(&fleet, Duration::from_secs(5)).await;
    let (before, until) = (collector.rss_bytes(), Instant::now() + lasting);
    let deaf: Vec<_> = (0..peers)
        .map(|number| tokio::spawn(never_read(address(&collector), postgres.site.key.clone(), number, pings, pause, until)))
        .collect();
    fleet.tally.reset_times();
    let mut most = before;
    while Instant::now() < until {
        sleep(Duration::from_millis(100)).await;
        most = most.max(collector.rss_bytes());
    }
    let offended = fleet.report().ack_p99_ms;
    let mut sent_away = Vec::new();
    for end in deaf {
        sent_away.extend(end.await.unwrap());
    }
    let each = (most - before) as f64 / 1_024.0 / peers as f64;
    println!(
        "O10: {peers} that never read: {each:.0} KiB each, {} sent away (after {:?} at most), ack p99 {calm:.1} to {offended:.1} ms",
        sent_away.len(),
        sent_away.iter().max()
    );
    assert!(each <= 256.0, "{each} KiB");
    assert!(offended <= calm * slack.0 + slack.1, "{offended} ms against {calm} ms");
    settle(fleet, &postgres).await;
    collector.finish();
}

#[tokio::test]
async fn o10_clients_that_never_read_their_acks_take_little_memory_and_nobody_elses_time() {
    deaf(Postgres::start_quick(), 100, 100, Duration::from_millis(500), Duration::from_secs(6), (3.0, 1_000.0)).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn o10_clients_that_never_read_a_flood_of_pongs_are_sent_away() {
    deaf(Postgres::start(), 100, 100_000, Duration::from_millis(100), Duration::from_secs(45), (1.1, 50.0)).await;
}
