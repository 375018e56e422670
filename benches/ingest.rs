//! Events a second through the real socket into Postgres, committed and acked, beside one writer that loads the same chunks by the same
//! statement without any collector, and beside inserts of one row an event. All in one run on one private Postgres.
//!
//! `make bench` runs it; `cargo bench --bench ingest -- --clients 64 --seconds 60` keeps each part going for longer.

use std::thread;
use std::time::{Duration, Instant};

use awc::ws::{Frame, Message};
use chrono::Utc;
use clap::Parser;
use futures_util::{SinkExt, StreamExt, future::join_all};
use mousetrail::app::Application;
use mousetrail::clock::Clock;
use mousetrail::config::Options;
use mousetrail::event::{self, Agent, Device, Extent, Kind, NewPageView, Nonce, Place, PointerEvent, Visitor};
use mousetrail::store::cluster::Cluster;
use mousetrail::store::{DATABASE, Found, NewChunk, NewSite, PgRole, Server, Store, migrate};
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ServerMessage, Via, encode_frame};
use sqlx::Executor;

/// Events in a frame of 5 s: the mean of the measured real sessions.
const EVENTS: usize = 24;
/// Frames that a client sends ahead of their acks: enough that batches fill before their timer ends.
const AHEAD: u32 = 128;
const BATCH: usize = 1_000;

#[derive(Parser, Clone)]
struct Arguments {
    /// Connections at a time
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// How long each part runs
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let folder = std::env::temp_dir().join(format!("mousetrail-bench-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(&arguments, &folder));
    let _ = std::fs::remove_dir_all(&folder);
}

async fn run(arguments: &Arguments, folder: &std::path::Path) {
    let cluster = Cluster::start(folder).unwrap();
    let mut server = Server::private(folder, DATABASE);
    server.bootstrap(DATABASE).await.unwrap();
    migrate(&mut server).await.unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let mut settings = Options { listen: Some(listen), ..Options::default() }.settle().unwrap();
    // Few clients stand for many here, and come from one address.
    let limits = &mut settings.limits;
    (limits.frames_per_second, limits.frames_burst) = (1_000_000, 1_000_000);
    (limits.max_connections_per_address, limits.max_connections_per_prefix, limits.page_views_per_minute) = (20_000, 20_000, 1_000_000);
    let application = Application::on(server.clone(), Some(cluster), &settings, Clock::system()).await.unwrap();
    let store = application.store().clone();
    let site = store.create_site(&NewSite::parse("Bench", ["*"]).unwrap()).await.unwrap();
    let url = format!("http://127.0.0.1:{}/v1/socket", application.port());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(application.run_until_stopped(async move {
        let _ = stopped.await;
    }));

    let duration = Duration::from_secs(arguments.seconds);
    let (frames, acks_ms) = {
        let (url, key, clients) = (url.clone(), site.public_key.clone(), arguments.clients);
        thread::spawn(move || actix_web::rt::System::new().block_on(through_sockets(&url, &key, clients, duration))).join().unwrap()
    };
    let socket = rate("socket, committed and acked", frames, duration);
    println!("  ack p50 {:.0} ms, p99 {:.0} ms under this load ({} clients)", acks_ms.0, acks_ms.1, arguments.clients);
    let writer = {
        let frames = one_writer(&store, site.site_id, duration).await;
        rate("one writer, same statement, no collector", frames, duration)
    };
    let same = row_an_event(&server, Rows::Same, duration).await;
    let same = rate("one row an event, with all that a chunk says and its two indexes", same, duration);
    let lean = row_an_event(&server, Rows::Lean, duration).await;
    let lean = rate("one row an event, ten columns and two indexes", lean, duration);
    println!("socket / writer {:.2}, socket / rows {:.1}, socket / lean rows {:.1}", socket / writer, socket / same, socket / lean);
    let _ = stop.send(());
    running.await.unwrap().unwrap();
}

fn rate(what: &str, frames: usize, duration: Duration) -> f64 {
    let rate = (frames * EVENTS) as f64 / duration.as_secs_f64();
    println!("{what}: {:.0} k events/s ({frames} frames of {EVENTS} events)", rate / 1_000.0);
    rate
}

/// A frame as a visitor makes them: short moves, a click at the end.
fn frame(page: u16, seq: u32) -> event::Frame {
    let mut events: Vec<_> = (0..EVENTS as i32)
        .map(|at| PointerEvent { element: 3, ..PointerEvent::new((at * 180) as u16, Kind::Move, 400 + at * 7 % 60, 300 + at * 11 % 90) })
        .collect();
    events[EVENTS - 1].kind = Kind::Click;
    let (samples, tolerance) = (120, 20);
    event::Frame {
        page,
        seq,
        t0_ms: seq * 5_000 % 600_000_000,
        origin: (400, 300),
        samples,
        dropped: 0,
        tolerance,
        elements: Vec::new(),
        events,
        notes: Vec::new(),
    }
}

/// Frames acked in the given time, and p50 and p99 of the time from sending to ack, ms.
async fn through_sockets(url: &str, key: &str, clients: usize, duration: Duration) -> (usize, (f64, f64)) {
    let until = Instant::now() + duration;
    let results = join_all((0..clients).map(|number| one_client(url, key, number, until))).await;
    let mut waits: Vec<f64> = results.iter().flat_map(|(_, waits)| waits.iter().copied()).collect();
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits.get(((waits.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(f64::NAN);
    (results.iter().map(|(frames, _)| frames).sum(), (at(0.5), at(0.99)))
}

async fn one_client(url: &str, key: &str, number: usize, until: Instant) -> (usize, Vec<f64>) {
    let (_, mut socket) = awc::Client::new().ws(url).origin("https://bench.example").protocols(["mousetrail.v1"]).connect().await.unwrap();
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&(number as u64).to_le_bytes());
    let new = NewPage {
        nonce: Nonce(nonce),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: "https://bench.example/".to_owned(),
        title: None,
        referrer: None,
        viewport: [1440.0, 900.0],
        document: [1440.0, 3000.0],
        scroll: [0.0; 2],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    let pages = vec![Page { n: 0, state: PageState::New(Box::new(new)) }];
    let hello = ClientMessage::Hello(Hello::new(key, pages));
    socket.send(Message::Text(serde_json::to_string(&hello).unwrap().into())).await.unwrap();
    let (mut sent, mut acked, mut sent_at, mut waits) = (0u32, 0u32, Vec::new(), Vec::new());
    let mut is_welcome = false;
    while Instant::now() < until {
        while is_welcome && sent < acked + AHEAD {
            sent += 1;
            sent_at.push(Instant::now());
            socket.send(Message::Binary(encode_frame(&frame(0, sent)).into())).await.unwrap();
        }
        let Some(Ok(message)) = socket.next().await else { panic!("the collector hung up") };
        let Frame::Text(text) = message else { continue };
        match serde_json::from_slice(&text).unwrap() {
            ServerMessage::Welcome { .. } => is_welcome = true,
            ServerMessage::Ack { seq, .. } => {
                waits.extend((acked..seq).map(|index| sent_at[index as usize].elapsed().as_secs_f64() * 1_000.0));
                acked = seq;
            }
            other => panic!("{other:?}"),
        }
    }
    (acked as usize, waits)
}

/// Frames that one writer loads in the given time, in full batches.
async fn one_writer(store: &Store, site_id: i32, duration: Duration) -> usize {
    let view = NewPageView {
        site_id,
        nonce: Nonce([255; 16]),
        began_at: Utc::now(),
        visitors: [Visitor([9; 8]); 2],
        session_key: None,
        via: event::Via::Load,
        agent: Agent { device: Device::Desktop, browser: String::new(), os: String::new() },
        place: Place::parse("https://bench.example/"),
        title: None,
        referrer: None,
        language: None,
        viewport: Extent::default(),
        document: Extent::default(),
        scroll: Extent::default(),
        screen: None,
        pixel_ratio: None,
        suspect: Default::default(),
        country: None,
    };
    // As many page views as there are clients: a batch updates the counters of each.
    let mut views = Vec::new();
    for number in 0..32u8 {
        let nonce = Nonce([number, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]);
        let Found::Open(view) = store.open_page_view(&NewPageView { nonce, ..view.clone() }, u64::from(number)).await.unwrap() else {
            panic!("the page view is there")
        };
        views.push(view);
    }
    views.sort_by_key(|view| view.id);
    let (until, mut frames, mut round) = (Instant::now() + duration, 0, 0u32);
    let each = BATCH / views.len();
    while Instant::now() < until {
        let chunks: Vec<NewChunk> = views
            .iter()
            .flat_map(|view| (1..=each as u32).map(move |seq| (view, seq)))
            .map(|(view, seq)| {
                let frame = frame(0, round * each as u32 + seq);
                NewChunk { page_view: *view, bytes: encode_frame(&frame), frame }
            })
            .collect();
        let refs: Vec<_> = chunks.iter().collect();
        frames += store.insert_chunks(&refs).await.unwrap().new.len();
        round += 1;
    }
    frames
}

/// How much a row says.
#[derive(Clone, Copy)]
enum Rows {
    /// What one event of `pointer_chunk` says, without looking elsewhere: the layout that most collectors have.
    Same,
    /// What can't be left out.
    Lean,
}

/// Frames' worth of events that one writer loads as rows in the given time: what a table of one row an event would take.
async fn row_an_event(server: &Server, rows: Rows, duration: Duration) -> usize {
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    let (table, insert) = match rows {
        Rows::Same => (
            "create table core.bench_same (page_view_id bigint, seq int, i int2, day date, site_id int, page_id int, session_id bigint, device int2,
                                           at timestamptz, offset_ms int, kind \"char\", x int, y int, element int2, pointer int, buttons int2,
                                           pressure int2, trusted bool, primary key (page_view_id, seq, i, day));
             create index on core.bench_same (site_id, page_id, device, at)",
            "insert into core.bench_same
             select 1, seq, i, current_date, 1, 1, 1, 0, at, seq, 'm', x, y, 3, 0, 0, null, true
             from unnest($1::int4[], $2::int2[], $3::timestamptz[], $4::int4[], $5::int4[]) as u(seq, i, at, x, y)
             on conflict do nothing",
        ),
        Rows::Lean => (
            "create table core.bench_lean (page_view_id bigint, seq int, i int2, at timestamptz, kind \"char\", x int, y int, element int2,
                                           site_id int, page_id int, primary key (page_view_id, seq, i));
             create index on core.bench_lean (site_id, page_id, at)",
            "insert into core.bench_lean
             select 1, seq, i, at, 'm', x, y, 3, 1, 1 from unnest($1::int4[], $2::int2[], $3::timestamptz[], $4::int4[], $5::int4[]) as u(seq, i, at, x, y)
             on conflict do nothing",
        ),
    };
    owner.execute(table).await.unwrap();
    let (until, mut frames, mut seq) = (Instant::now() + duration, 0, 0i32);
    while Instant::now() < until {
        // The same number of events a transaction as the chunks have.
        let count = BATCH * EVENTS;
        let (mut seqs, mut is, mut ats, mut xs, mut ys) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for index in 0..count {
            seqs.push(seq + (index / EVENTS) as i32);
            is.push((index % EVENTS) as i16);
            ats.push(Utc::now());
            xs.push(400 + (index as i32 * 7) % 60);
            ys.push(300 + (index as i32 * 11) % 90);
        }
        seq += BATCH as i32;
        sqlx::query(insert).bind(seqs).bind(is).bind(ats).bind(xs).bind(ys).execute(&mut owner).await.unwrap();
        frames += BATCH;
    }
    frames
}
