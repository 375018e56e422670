//! O13: fewer open files than visitors.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::sleep;

use crate::kit::{Collector, Launch, ORIGIN, Postgres, Refused, Socket, get, source, tcp, wait_until};

const LIMIT: u64 = 512;

async fn upgrade(to: SocketAddr, from: Ipv4Addr) -> Result<Socket, Refused> {
    Socket::connect(to, Some(from), &format!("Origin: {ORIGIN}\r\n")).await
}

/// Share of a core that the collector uses over the next three seconds.
async fn load(collector: &Collector) -> f64 {
    let (begin, before) = (Instant::now(), collector.cpu_seconds());
    sleep(Duration::from_secs(3)).await;
    (collector.cpu_seconds() - before) / begin.elapsed().as_secs_f64()
}

/// Time until a newcomer gets in.
async fn until_open(to: SocketAddr) -> Duration {
    let begin = Instant::now();
    while upgrade(to, Ipv4Addr::new(127, 70, 0, 1)).await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(30), "nobody gets in any more");
        sleep(Duration::from_millis(50)).await;
    }
    begin.elapsed()
}

#[tokio::test]
async fn o13_with_512_files_a_thousand_connects_are_refused_at_its_own_cap_and_admins_still_get_in() {
    let postgres = Postgres::start_quick();
    let mut launch = Launch::new(&postgres.url()).wide_open().flags(["--hello-timeout-s", "120"]);
    launch.open_files = Some(LIMIT);
    let collector = Collector::launch(launch);
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, collector.port));
    let cap = collector.metrics().sum("mousetrail_connections_limit") as usize;
    assert!(cap < 400, "its own cap lies below {LIMIT}: {cap}");

    let (mut inside, mut full) = (Vec::new(), 0);
    for first in (0..1_000).step_by(50) {
        for upgraded in join_all((first..first + 50).map(|number| upgrade(to, source(number)))).await {
            match upgraded {
                Ok(socket) => inside.push(socket),
                Err(Refused::Status(503)) => full += 1,
                Err(error) => panic!("neither in nor refused: {error:?}"),
            }
        }
    }
    assert_eq!((inside.len(), full), (cap, 1_000 - cap));
    let files = collector.open_fds();
    assert!((files as u64) < LIMIT - 64, "{files} files");
    let busy = load(&collector).await;
    assert!(collector.ready() && collector.live(), "health answers");
    let signin = get(collector.port, "/signin", Duration::from_secs(5)).map(|answer| answer.status);
    assert_eq!(signin, Some(200), "an admin gets in");
    assert!(collector.metrics().sum_where("mousetrail_connections_refused_total", &[("reason", "full")]) >= full as f64);
    drop(inside);
    let recovered = until_open(to).await;
    println!("O13: {cap} in, {full} refused, {files} files, {:.1} % of a core while full, open again after {recovered:?}", busy * 100.0);
    assert!(busy < 0.2, "{busy} of a core");
    assert!(recovered <= Duration::from_secs(5), "{recovered:?}");

    // Connections that ask for nothing: beyond the slots for HTTP they are not even accepted.
    let silent: Vec<_> = join_all((0..1_000).map(|number| tcp(to, Some(source(number))))).await.into_iter().map(Result::unwrap).collect();
    sleep(Duration::from_millis(500)).await;
    let files = collector.open_fds();
    let busy = load(&collector).await;
    let begin = Instant::now();
    wait_until("health answers", Duration::from_secs(30), || collector.live());
    let waited = begin.elapsed();
    drop(silent);
    let recovered = until_open(to).await;
    println!(
        "O13: 1,000 silent ones: {files} files, {:.1} % of a core, health after {waited:?}, open again after {recovered:?}",
        busy * 100.0
    );
    assert!((files as u64) < LIMIT, "{files} files");
    assert!(busy < 0.2, "{busy} of a core");
    assert!(recovered <= Duration::from_secs(5), "{recovered:?}");
    let log = collector.log();
    assert!(!log.contains("Too many open files") && !log.contains("os error 24"), "{log}");
    collector.finish();
}
