//! A writer and a store without sockets.

use chrono::{DateTime, Utc};
use mousetrail::event::{self, Agent, Device, Extent, NewPageView, Nonce, Place, Visitor};
use mousetrail::ingest::{Counters, Found, Limits, NewChunk, OpenPageView, Queue, Queued, Room, Settled, Sink, Writer, replies};
use mousetrail::store::Store;
use mousetrail::wire::encode_frame;
use prometheus_client::registry::Registry;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A page view of the site that began at this time.
pub async fn open(store: &Store, site_id: i32, number: u8, began_at: DateTime<Utc>) -> OpenPageView {
    let view = NewPageView {
        site_id,
        nonce: Nonce([number; 16]),
        began_at,
        visitors: [Visitor([number % 4; 8]); 2],
        session_key: None,
        via: event::Via::Load,
        agent: Agent { device: Device::Desktop, browser: String::new(), os: String::new() },
        place: Place::parse("https://shop.example/page"),
        title: None,
        referrer: None,
        language: None,
        viewport: Extent::default(),
        document: Extent::default(),
        scroll: Extent::default(),
        screen: None,
        pixel_ratio: None,
        suspect: event::Suspect::NONE,
        country: None,
    };
    let Found::Open(view) = store.open_page_view(&view, u64::from(number)).await.unwrap() else { panic!("the page view is there") };
    view
}

/// A frame of a page view, ready to be stored.
pub fn chunk(view: &OpenPageView, frame: event::Frame) -> NewChunk {
    NewChunk { page_view: *view, bytes: encode_frame(&frame), frame }
}

/// Sends chunks through a writer, all of them in its queue before it begins, and returns what became of each, and the counters.
pub async fn write(sink: impl Sink + Send + Sync + 'static, chunks: Vec<NewChunk>, limits: Limits) -> (Vec<Settled>, Counters) {
    let counters = Counters::register(&mut Registry::default());
    let limits = Limits { queue_bytes: 512 << 20, ..limits };
    let (queue, waiting) = Queue::new(limits.queue_bytes);
    let (reply, mut heard) = replies();
    for chunk in chunks {
        counters.receive(chunk.page_view.site_id);
        let room: Room = queue.room(Queue::cost(&chunk)).await.unwrap();
        queue.push(Queued { chunk, reply: reply.clone(), room, since: Instant::now() }).unwrap();
    }
    drop(reply);
    let stop = CancellationToken::new();
    stop.cancel();
    Writer::new(sink, waiting, limits, counters.clone()).run(stop).await;
    let mut settled = Vec::new();
    while let Some(one) = heard.recv().await {
        settled.push(one);
    }
    assert_eq!((queue.bytes(), counters.in_flight()), (0, 0), "nothing stays under way");
    (settled, counters)
}
