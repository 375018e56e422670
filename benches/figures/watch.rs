use std::time::{Duration, Instant};

use awc::ws::{Frame, Message};
use futures_util::{SinkExt, StreamExt};
use mousetrail::store::{Pools, Store};
use tokio::time::sleep;

use crate::crowd::Crowd;
use crate::load::{Postgres, Site};
use crate::times::Times;
use crate::visitor::{Place, Visitor};

/// From a frame's sending to its arrival at somebody who watches.
pub async fn run(place: &Place, postgres: &Postgres) {
    let cookie = sign_in(postgres).await;
    let idle = measure(place, postgres, &cookie, 100).await;
    println!("visitor to watcher, idle system: {}", idle.line());
    let crowd = Crowd::start(place, 1_000, 200, Duration::from_secs(1));
    let busy = measure(place, postgres, &cookie, 101).await;
    let acks: Vec<_> = crowd.finish();
    println!("visitor to watcher, 200 active clients: {}", busy.line());
    let mut times = Times::default();
    acks.iter().for_each(|(_, wait)| times.add(*wait));
    println!("  their acks meanwhile: {}", times.line());
}

/// The cookie of somebody who is signed in.
pub async fn sign_in(postgres: &Postgres) -> String {
    let store = Store::new(&postgres.server(), Pools::default());
    let account_id = match store.create_owner_link().await.unwrap() {
        Some(link) => store.use_link(&link, "owner@bench.example", "no password fits").await.unwrap().unwrap(),
        None => store.list_accounts().await.unwrap()[0].account_id,
    };
    let token = store.create_login(account_id, "bench").await.unwrap();
    store.close().await;
    format!("mousetrail={}", token.text())
}

/// Path of the live view of a site.
pub fn live_path(site: &Site) -> String {
    format!("/api/v1/sites/{}/live", site.site_id)
}

async fn measure(place: &Place, postgres: &Postgres, cookie: &str, number: u32) -> Times {
    let mut visitor = Visitor::open(place, number, "").await;
    let session = session(postgres, &visitor.id).await;
    let request = awc::Client::new().ws(format!("http://{}{}", place.to, live_path(&place.site)));
    let request = request.set_header("cookie", cookie).set_header("origin", format!("http://{}", place.to));
    let (_, mut viewer) = request.connect().await.unwrap();
    viewer.send(Message::Text(format!(r#"{{"watch":"{session}"}}"#).into())).await.unwrap();
    let mut times = Times::default();
    // The visitor is told that somebody watches: from then on frames are shown.
    while !matches!(visitor.hear().await, mousetrail::wire::ServerMessage::Watch { on: true }) {}
    for _ in 0..500 {
        let (_, bytes) = visitor.frame();
        let sent = Instant::now();
        visitor.socket.send_bytes(&bytes).await.unwrap();
        loop {
            match viewer.next().await.unwrap().unwrap() {
                Frame::Binary(shown) if shown[8..] == bytes => break,
                Frame::Ping(said) => viewer.send(Message::Pong(said)).await.unwrap(),
                Frame::Close(reason) => panic!("{reason:?}"),
                _ => {}
            }
        }
        times.add(sent.elapsed());
        sleep(Duration::from_millis(rand::random_range(20..60))).await;
    }
    visitor.hear_ack(visitor.movement.seq()).await;
    times
}

/// The session of a page view.
pub async fn session(postgres: &Postgres, id: &str) -> i64 {
    postgres.count(&format!("select session_id from core.page_view where page_view_id = {id}")).await
}
