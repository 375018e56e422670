//! O11: those who begin and never come to an end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::kit::{Collector, Fleet, Launch, Plan, Postgres, Raw, masked, source, tcp, wait_until};

/// How somebody dawdles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dawdler {
    /// The head of a request, byte by byte.
    Head,
    /// Upgraded, and silent.
    NoHello,
    /// A binary frame, byte by byte.
    HalfFrame,
    /// A message in fragments whose last one never comes, with pings between them.
    Fragments,
}

impl Dawdler {
    /// When it has to be gone: the time-outs by default.
    fn limit(self) -> Duration {
        match self {
            Self::Head | Self::NoHello => Duration::from_secs(5),
            Self::HalfFrame | Self::Fragments => Duration::from_secs(10),
        }
    }

    /// Begins, and then sends a little every `pause`. The time until the connection was over, from when the clock of the collector ran.
    async fn dawdle(self, to: SocketAddr, number: usize, key: String, pause: Duration) -> Option<Duration> {
        let from = source(number);
        let (mut stream, begin, more): (TcpStream, Instant, Vec<u8>) = match self {
            Self::Head => {
                let mut stream = tcp(to, Some(from)).await.ok()?;
                let begin = Instant::now();
                stream.write_all(b"GET /v1/socket HTTP/1.1\r\nX-Slow: ").await.ok()?;
                (stream, begin, vec![b'a'])
            }
            Self::NoHello => {
                let raw = Raw::connect(to, from, None).await.ok()?;
                (raw.stream, Instant::now(), masked(0x89, b""))
            }
            Self::HalfFrame | Self::Fragments => {
                let mut raw = Raw::connect(to, from, None).await.ok()?;
                raw.greet(&key, 70_000 + number as u64).await.ok()?;
                let begin = Instant::now();
                let (head, more) = match self {
                    Self::HalfFrame => (masked(0x82, &[1; 4_000])[..20].to_vec(), vec![1]),
                    _ => (masked(0x02, &[1; 100]), [masked(0x89, b"?"), masked(0x00, &[1])].concat()),
                };
                raw.stream.write_all(&head).await.ok()?;
                (raw.stream, begin, more)
            }
        };
        let mut buffer = [0; 512];
        while begin.elapsed() < Duration::from_secs(60) {
            match timeout(pause, stream.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) => return Some(begin.elapsed()),
                Ok(Ok(_)) => continue,
                Err(_) => {
                    if stream.write_all(&more).await.is_err() {
                        return Some(begin.elapsed());
                    }
                }
            }
        }
        None
    }
}

/// `count` of each kind beside honest clients. `slack`: how much later they may be gone on this machine.
async fn dawdle(postgres: Postgres, count: usize, honest: usize, pause: Duration, slack: Duration) {
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open());
    let to = SocketAddr::from(([127, 0, 0, 1], collector.port));
    let plan = Plan {
        welcome_limit: Duration::from_secs(60),
        ramp: Duration::from_millis(20 * honest as u64),
        ..Plan::new(&collector.url(), &postgres.site.key, honest)
    };
    let fleet = Fleet::start(&plan);
    wait_until("the clients are in", Duration::from_secs(60), || fleet.connections() == honest as u64);
    let files = collector.open_fds();
    let kinds = [Dawdler::Head, Dawdler::NoHello, Dawdler::HalfFrame, Dawdler::Fragments];
    let mut tasks = Vec::new();
    for number in 0..count {
        for (kind, dawdler) in kinds.into_iter().enumerate() {
            let key = postgres.site.key.clone();
            tasks.push(tokio::spawn(async move { (dawdler, dawdler.dawdle(to, 300 + number * 4 + kind, key, pause).await) }));
        }
        // They come over a few seconds, so that it is their patience that is measured and not how fast a debug binary shakes hands.
        sleep(Duration::from_secs(3) / count as u32).await;
    }
    let ends: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    // All of it is said before any of it is judged.
    let times = kinds.map(|kind| {
        let mut times: Vec<_> = ends.iter().filter(|end| end.0 == kind).filter_map(|end| end.1).collect();
        times.sort();
        println!("O11: {} of {count} {kind:?} gone, median {:?}, last {:?}", times.len(), times.get(times.len() / 2), times.last());
        (kind, times)
    });
    for (kind, times) in times {
        assert_eq!(times.len(), count, "{kind:?}");
        assert!(times[count - 1] <= kind.limit() + slack, "{kind:?}: {:?}", times[count - 1]);
        assert!(times[count / 2] + Duration::from_secs(1) >= kind.limit(), "{kind:?} had its time: {:?}", times[count / 2]);
    }
    wait_until("files are closed", Duration::from_secs(5), || collector.open_fds() <= files + 10);
    assert!(fleet.drain(Duration::from_secs(30)));
    let findings = fleet.ledger.check(&mut postgres.owner().await).await;
    findings.assert_clean();
    let report = fleet.end();
    println!("O11: {}", report.line());
    assert_eq!((report.errors, report.timeouts, report.refused, report.reconnects), (0, 0, 0, 0), "{}", report.line());
    collector.finish();
}

#[tokio::test]
async fn o11_who_never_comes_to_an_end_is_sent_away_in_time() {
    dawdle(Postgres::start_quick(), 100, 50, Duration::from_secs(1), Duration::from_secs(4)).await;
}

#[tokio::test]
#[ignore = "T1: minutes"]
async fn o11_two_thousand_of_each_kind_are_sent_away_in_time() {
    dawdle(Postgres::start(), 2_000, 200, Duration::from_secs(5), Duration::from_secs(2)).await;
}

/// Who was sent away, or did not answer, but keeps his end of the connection open must not keep ours.
#[tokio::test]
async fn o11_connections_that_clients_never_close_are_closed_at_our_end() {
    let postgres = Postgres::start_quick();
    let flags = ["--header-timeout-s", "1", "--hello-timeout-s", "1", "--ping-s", "1", "--pong-s", "1", "--message-timeout-s", "2"];
    let collector = Collector::launch(Launch::new(&postgres.url()).wide_open().flags(flags));
    let to = SocketAddr::from(([127, 0, 0, 1], collector.port));
    let mut first = Raw::connect(to, source(1), None).await.unwrap();
    first.greet(&postgres.site.key, 1).await.unwrap();
    drop(first);
    wait_until("the first is gone", Duration::from_secs(10), || collector.metrics().sum("mousetrail_connections") == 0.0);
    sleep(Duration::from_secs(2)).await;
    // The pool of Postgres connections may grow meanwhile, and keeps what it has.
    let files = collector.open_fds() + 8;
    let mut open = Vec::new();
    for number in 0..20 {
        // A quarter asks for nothing, a quarter doesn't say hello, a quarter stops in a frame, and a quarter answers no ping.
        open.push(match number % 4 {
            0 => {
                let mut stream = tcp(to, Some(source(number))).await.unwrap();
                stream.write_all(b"GET /v1/socket HTTP/1.1\r\nX-Slow: ").await.unwrap();
                stream
            }
            1 => Raw::connect(to, source(number), None).await.unwrap().stream,
            part => {
                let mut raw = Raw::connect(to, source(number), None).await.unwrap();
                raw.greet(&postgres.site.key, 80_000 + number as u64).await.unwrap();
                if part == 2 {
                    raw.stream.write_all(&masked(0x82, &[1; 100])[..20]).await.unwrap();
                }
                raw.stream
            }
        });
    }
    let begin = Instant::now();
    wait_until("their files are closed", Duration::from_secs(15), || collector.open_fds() <= files);
    println!("O11: {} connections that nobody closed are closed after {:?}", open.len(), begin.elapsed());
    drop(open);
    collector.finish();
}
