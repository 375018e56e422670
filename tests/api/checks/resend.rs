//! D6: every frame comes several times, in any order, on several connections.

use actix_web::rt::System;
use mousetrail::wire::ServerMessage;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::spawn_eager;
use crate::app::TestApp;
use crate::client::{Client, Heard, frame_bytes, new_page_with, resumed_page};

const CONNECTIONS: usize = 3;

/// A copy of a frame, and the connection that it takes.
type Copy = (u32, usize);

/// Each of 1 to 12 frames 1 to 5 times, shuffled.
fn storm() -> impl Strategy<Value = Vec<Copy>> {
    prop::collection::vec(prop::collection::vec(0..CONNECTIONS, 1..=5), 1..=12)
        .prop_map(|frames| {
            (1..).zip(frames).flat_map(|(seq, copies)| copies.into_iter().map(move |connection| (seq, connection))).collect::<Vec<Copy>>()
        })
        .prop_shuffle()
}

#[test]
fn d6_frames_that_come_again_and_again_are_stored_once_and_each_is_answered() {
    let system = System::new();
    let app = system.block_on(spawn_eager());
    let number = std::cell::Cell::new(0u32);
    let mut runner = TestRunner::new(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() });
    let sent = std::cell::Cell::new(0);
    runner
        .run(&storm(), |copies| {
            number.set(number.get() + 1);
            sent.set(sent.get() + system.block_on(weather(&app, number.get(), &copies)));
            Ok(())
        })
        .unwrap();
    system.block_on(async {
        let stored = app.count("select count(*) from core.pointer_chunk").await;
        assert_eq!(app.metric("mousetrail_frames_committed_total").await, stored);
        assert_eq!(app.metric("mousetrail_frames_duplicate_total").await, sent.get() - stored);
        println!("{} sends of {stored} frames: each stored once", sent.get());
        app.finish().await;
    });
}

/// Sends the copies, and then all frames once more on each connection. Returns how many that was.
async fn weather(app: &TestApp, number: u32, copies: &[Copy]) -> i64 {
    let page = new_page_with(0, 0, |page| page.nonce.0[..4].copy_from_slice(&number.to_le_bytes()));
    let mut first = Client::connect(app).await;
    first.hello(&app.site.key, vec![page]).await;
    let Heard::Message(ServerMessage::Welcome { id, token, .. }) = first.hear().await else { panic!("no welcome") };
    let mut clients = vec![first];
    while clients.len() < CONNECTIONS {
        let mut client = Client::connect(app).await;
        client.hello(&app.site.key, vec![resumed_page(0, &id.to_string(), &token)]).await;
        client.hear().await;
        clients.push(client);
    }
    for (seq, connection) in copies {
        clients[*connection].send(frame_bytes(*seq)).await;
    }
    let last = copies.iter().map(|(seq, _)| *seq).max().unwrap_or(0);
    for client in &mut clients {
        for seq in 1..=last {
            client.send(frame_bytes(seq)).await;
        }
    }
    for client in &mut clients {
        client.hear_ack(last).await;
    }
    // A copy of the last frame alone is answered as well.
    for client in &mut clients {
        client.send(frame_bytes(1)).await;
        client.hear_ack(last).await;
    }
    let recount = format!(
        "select count(*) from core.page_view v join core.session s using (session_id),
             lateral (select count(*) as chunks, sum(cardinality(dt)) as events,
                             sum(cardinality(array_positions(kind::text[], 'c'))) as clicks
                      from core.pointer_chunk c where c.page_view_id = v.page_view_id) c
         where v.page_view_id = {id} and c.chunks = {last} and v.events = c.events and v.clicks = {last}"
    );
    assert_eq!(app.count(&recount).await, 1, "the sums are those of a recount");
    copies.len() as i64 + (CONNECTIONS as i64) * (i64::from(last) + 1)
}
