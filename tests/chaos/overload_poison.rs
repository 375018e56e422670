//! Floods of programs that know a site's key and an allowed origin. The key is public, so what they send is taken; but it must be known for
//! what it is, stay out of what people look at, and go away at once when somebody says so.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use awc::ws::{Frame, Message};
use chrono::Utc;
use futures_util::future::join_all;
use mousetrail::analysis::heat::HeatKind;
use mousetrail::event::{Device, Nonce};
use mousetrail::query::{HeatmapRequest, Segment, Selection, Width, breakpoints, heatmap, pages};
use mousetrail::store::{Pools, Store};
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ServerMessage, Via, encode_frame};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until};

use crate::kit::{Collector, ORIGIN, Postgres, Socket};
use crate::load::{Movement, Refused};

/// How long a flood may take to come in, on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(180);

/// How a flood disguises itself.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flood {
    /// Not at all: a library as it comes.
    Naive,
    /// Headers of a browser, from everywhere, but one program with one idea of a window.
    OneSignature,
    /// Headers of a browser and another window each time; what it sends are a few recorded visits.
    Replayed,
}

/// One page view by somebody.
struct Sender {
    from: Ipv4Addr,
    headers: String,
    page: NewPage,
    /// The same seed moves in the same way.
    movement: u64,
}

const SYSTEMS: [&str; 4] =
    ["Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "Linux; Android 16; K"];

/// What Chromium sends, of one of many versions and languages.
fn browser(random: &mut StdRng) -> String {
    let (system, version) = (SYSTEMS[random.random_range(0..4)], random.random_range(120..142));
    browser_of(system, version, ["en-US", "de-DE", "fr-FR", "es-ES"][random.random_range(0..4)])
}

fn browser_of(system: &str, version: u32, language: &str) -> String {
    format!(
        "Origin: {ORIGIN}\r\nUser-Agent: Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: {language},en;q=0.9\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    )
}

fn page(random: &mut StdRng, title: &str, viewport: [f64; 2]) -> NewPage {
    NewPage {
        nonce: Nonce(random.random()),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: format!("{ORIGIN}/page"),
        // Who it was, for the count afterwards. Nothing judges by it.
        title: Some(title.to_owned()),
        referrer: None,
        viewport,
        document: [viewport[0], 3_000.0],
        scroll: [0.0, 0.0],
        screen: Some([1_920.0, 1_080.0]),
        dpr: Some(1.0),
        pointer: None,
        language: Some("en-US".to_owned()),
    }
}

/// A window as people have them: common widths, heights that depend on their bars.
fn window(random: &mut StdRng) -> [f64; 2] {
    let (w, h) = [(1_536, 730), (1_920, 950), (1_440, 780), (1_366, 650), (1_280, 720)][random.random_range(0..5)];
    [f64::from(w), f64::from(h + random.random_range(-40..40))]
}

fn person(number: usize) -> Sender {
    let mut random = StdRng::seed_from_u64(number as u64);
    let window = window(&mut random);
    Sender {
        from: Ipv4Addr::new(127, 200, number as u8, 1),
        headers: browser(&mut random),
        page: page(&mut random, "person", window),
        movement: 1_000_000 + number as u64,
    }
}

/// One connection of the flood: `connections` of them share an address, sixteen addresses a /24.
fn intruder(flood: Flood, number: usize, connections: usize) -> Sender {
    let mut random = StdRng::seed_from_u64(7_000_000 + number as u64);
    let address = number / connections;
    let window = if flood == Flood::Replayed { window(&mut random) } else { [1_440.0, 900.0] };
    Sender {
        from: Ipv4Addr::new(127, 100, (address / 16) as u8, (address % 16) as u8 + 1),
        headers: match flood {
            Flood::Naive => format!("Origin: {ORIGIN}\r\nUser-Agent: awc/3.7.0\r\n"),
            Flood::OneSignature => browser_of(SYSTEMS[0], 141, "en-US"),
            Flood::Replayed => browser(&mut random),
        },
        page: page(&mut random, "flood", window),
        movement: if flood == Flood::Replayed { number as u64 % 20 } else { number as u64 },
    }
}

/// What all senders share.
#[derive(Clone)]
struct Stage {
    welcomed: Arc<AtomicUsize>,
    end: watch::Receiver<bool>,
}

/// Opens the page view after a while, then sends a frame a second until the end. Says whether the collector let it in.
async fn send(sender: Sender, to: SocketAddr, key: String, after: Duration, mut stage: Stage) -> Result<(), Refused> {
    sleep(after).await;
    let mut socket = Socket::connect(to, Some(sender.from), &sender.headers).await?;
    let hello = Hello::new(&key, vec![Page { n: 0, state: PageState::New(Box::new(sender.page)) }]);
    socket.say(&serde_json::to_string(&ClientMessage::Hello(hello)).unwrap()).await.map_err(Refused::Unreachable)?;
    let mut movement = Movement::new(sender.movement);
    let mut next = None;
    while !*stage.end.borrow() {
        let frame = async {
            match next {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Frame::Text(text))) => {
                    if let Ok(ServerMessage::Welcome { .. }) = serde_json::from_slice(&text) {
                        next = Some(tokio::time::Instant::now());
                        stage.welcomed.fetch_add(1, Ordering::Relaxed);
                    }
                }
                Some(Ok(Frame::Ping(bytes))) => drop(socket.send(Message::Pong(bytes)).await),
                Some(Ok(Frame::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            () = frame => {
                let _ = socket.send_bytes(&encode_frame(&movement.frame(0, 20, Duration::from_secs(1), 0))).await;
                next = Some(tokio::time::Instant::now() + Duration::from_secs(1));
            }
            _ = stage.end.changed() => {}
        }
    }
    Ok(())
}

/// A flood beside people. Everything about it is measured, said and asserted.
async fn poison(flood: Flood, addresses: usize, connections: usize, people: usize, lasting: Duration) {
    let postgres = Postgres::start();
    let collector = Collector::start(&postgres.url());
    let (to, key) = (SocketAddr::from((Ipv4Addr::LOCALHOST, collector.port)), postgres.site.key.clone());
    let begin = Instant::now();
    let (end, ended) = watch::channel(false);
    let stage = Stage { welcomed: Arc::default(), end: ended };
    // People come all the time, the flood after a moment and all at once.
    let persons = (0..people).map(|number| {
        let after = lasting.mul_f64(0.7 * number as f64 / people as f64);
        tokio::spawn(send(person(number), to, key.clone(), after, stage.clone()))
    });
    let crowd = (0..addresses * connections).map(|number| {
        let after = lasting.mul_f64(0.1 + 0.5 * number as f64 / (addresses * connections) as f64);
        tokio::spawn(send(intruder(flood, number, connections), to, key.clone(), after, stage.clone()))
    });
    // One address that wants more than its share.
    let greedy = (0..30).map(|number| {
        let greedy = Sender { from: Ipv4Addr::new(127, 99, 0, 1), ..intruder(flood, 1_000_000 + number, 1) };
        tokio::spawn(send(greedy, to, key.clone(), lasting.mul_f64(0.3), stage.clone()))
    });
    let (persons, crowd, greedy): (Vec<_>, Vec<_>, Vec<_>) = (persons.collect(), crowd.collect(), greedy.collect());
    // All of them came, or the machine has been at it for too long; then a few frames more.
    sleep(lasting.mul_f64(0.8)).await;
    while stage.welcomed.load(Ordering::Relaxed) < people + addresses * connections && begin.elapsed() < LIMIT {
        sleep(Duration::from_millis(100)).await;
    }
    let opened = begin.elapsed();
    sleep(lasting.mul_f64(0.2)).await;
    end.send_replace(true);
    for person in join_all(persons).await {
        person.unwrap().expect("no person is refused");
    }
    let let_in = join_all(crowd).await.into_iter().filter(|end| end.as_ref().unwrap().is_ok()).count();
    let greedy = join_all(greedy).await.into_iter().filter(|end| end.as_ref().unwrap().is_ok()).count();
    assert!(greedy <= 20, "{greedy} connections of one address");

    let count = |title: &str, more: &str| {
        let sql = format!("select count(*) from core.page_view where title = '{title}' {more}");
        let postgres = &postgres;
        async move { postgres.count(&sql).await }
    };
    let (flooded, found) = (count("flood", "").await, count("flood", "and suspect <> 0").await);
    let (came, wronged) = (count("person", "").await, count("person", "and suspect <> 0").await);
    let share = |part: i64, whole: i64| part as f64 * 100.0 / whole.max(1) as f64;
    println!(
        "{flood:?}: of {flooded} page views of the flood ({let_in} connections let in) {found} are marked ({:.2} %), of {came} people {wronged} ({:.2} %); all were there after {:.1} s",
        share(found, flooded),
        share(wronged, came),
        opened.as_secs_f64()
    );
    assert_eq!(came, people as i64);
    assert!(flooded as usize >= addresses * connections * 9 / 10, "the flood came through: {flooded}");
    assert!(share(found, flooded) >= 95.0 && share(wronged, came) <= 1.0);

    // The heatmap that opens by itself is made of people.
    let store = Store::new(&postgres.server(), Pools::default());
    let today = Utc::now().date_naive();
    let days = (today - chrono::Days::new(1), today);
    let classes: Vec<_> = breakpoints(&store.admin, postgres.site.site_id).await.unwrap().classes().collect();
    let mut shown = [0, 0];
    for device in [Device::Desktop, Device::Phone, Device::Tablet] {
        for (suspects, shown) in [false, true].into_iter().zip(&mut shown) {
            for page in pages(&store.admin, postgres.site.site_id, device, days, suspects).await.unwrap() {
                let segment = Segment { suspects, ..Segment::of_days(days.0, days.1) };
                let request = HeatmapRequest {
                    selection: Selection { site_id: postgres.site.site_id, pages: vec![page.page_id], device, segment },
                    kind: HeatKind::Movement,
                    pointer: None,
                    classes: classes.clone(),
                    width: Width::All,
                    overlay: None,
                };
                *shown += heatmap(&store.admin, &request).await.unwrap().views as i64;
            }
        }
    }
    let sent = |title| count(title, "and events > 0 and suspect = 0");
    assert_eq!(shown[0], sent("person").await + sent("flood").await);
    println!("{flood:?}: the heatmap shows {} page views, with the suspect ones {}", shown[0], shown[1]);
    assert!(shown[1] > shown[0] * 2);

    // One click.
    let begin = Instant::now();
    let mut removed = 0;
    loop {
        let erased = store.forget_suspects(postgres.site.site_id, 500).await.unwrap();
        removed += i64::from(erased);
        if erased < 500 {
            break;
        }
    }
    println!("{flood:?}: {removed} page views removed in {:.2} s", begin.elapsed().as_secs_f64());
    assert_eq!((removed, count("flood", "").await), (found + wronged, flooded - found));
    assert_eq!(count("person", "").await, came - wronged);
    let left =
        postgres.count("select count(*) from core.pointer_chunk where page_view_id not in (select page_view_id from core.page_view)").await;
    assert_eq!(left, 0, "frames without a page view");
    store.close().await;
    collector.finish();
}

#[tokio::test]
async fn o6_a_small_flood_is_marked_and_people_are_not() {
    for flood in [Flood::Naive, Flood::OneSignature, Flood::Replayed] {
        poison(flood, 30, 10, 20, Duration::from_secs(5)).await;
    }
}

#[tokio::test]
#[ignore = "half a minute: make soak"]
async fn o6_two_thousand_connections_of_a_plain_program_are_marked_and_a_hundred_people_are_not() {
    poison(Flood::Naive, 200, 10, 100, Duration::from_secs(30)).await;
}

#[tokio::test]
#[ignore = "half a minute: make soak"]
async fn o6_two_thousand_connections_with_one_signature_are_marked_and_a_hundred_people_are_not() {
    poison(Flood::OneSignature, 200, 10, 100, Duration::from_secs(30)).await;
}

#[tokio::test]
#[ignore = "half a minute: make soak"]
async fn o6_two_thousand_connections_that_replay_recorded_visits_are_marked_and_a_hundred_people_are_not() {
    poison(Flood::Replayed, 200, 10, 100, Duration::from_secs(30)).await;
}
