//! D11: other bytes under a name that is taken.

use futures_util::future::join;
use mousetrail::event::Frame;
use mousetrail::wire::{ServerMessage, encode_envelope, encode_frame};

use super::spawn_eager;
use crate::app::{ORIGIN, TestApp};
use crate::client::{Client, Heard, frame, frame_bytes, resumed_page};
use crate::post::{hello, post};

const NAMES: u32 = 100;
const TRIES: u32 = 10_000;

fn conflict(seq: u32) -> ServerMessage {
    ServerMessage::Nack { n: 0, seq: Some(seq), retry: false, reason: "conflict".to_owned() }
}

/// Another frame under the same name. Which part differs changes with `variant`.
fn other(seq: u32, variant: u32) -> Vec<u8> {
    let mut other = frame(seq);
    match variant % 3 {
        0 => other.samples += 1 + variant,
        1 => other.events.truncate(1),
        _ => other.origin.0 += 1 + variant as i32 % 99,
    }
    encode_frame(&other)
}

async fn sum(app: &TestApp) -> Vec<String> {
    app.texts("select md5(string_agg(c::text, '|' order by seq)) from core.pointer_chunk c").await
}

/// Sends tries and hears the nack of each. A client that never listens would be closed, so it does both at once.
async fn meddle(client: &mut Client, tries: impl Iterator<Item = u32>) -> u32 {
    let mut nacks = 0;
    for variant in tries {
        let seq = variant % NAMES + 1;
        client.send(other(seq, variant)).await;
        loop {
            match client.hear().await {
                Heard::Message(ServerMessage::Ack { .. }) => {}
                Heard::Message(message) => {
                    assert_eq!(message, conflict(seq));
                    nacks += 1;
                    break;
                }
                heard => panic!("{heard:?}"),
            }
        }
    }
    nacks
}

#[actix_web::test]
async fn d11_of_two_frames_under_one_name_the_first_stays_and_the_second_is_refused() {
    let app = spawn_eager().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    for seq in 1..=NAMES {
        client.send(frame_bytes(seq)).await;
    }
    client.hear_ack(NAMES).await;
    let before = sum(&app).await;
    let mut clients = Vec::new();
    for _ in 0..16 {
        let mut second = Client::connect(&app).await;
        second.hello(&app.site.key, vec![resumed_page(0, &id, &token)]).await;
        second.hear().await;
        clients.push(second);
    }
    let nacks: u32 = futures_util::future::join_all(
        clients.iter_mut().zip(0..).map(|(client, first)| meddle(client, (first..TRIES - NAMES).step_by(16))),
    )
    .await
    .iter()
    .sum();
    // The rest in envelopes.
    for variant in TRIES - NAMES..TRIES {
        let seq = variant % NAMES + 1;
        let body = encode_envelope(&hello(&app, vec![resumed_page(0, &id, &token)]), &[other(seq, variant)]);
        let (_, answer) = post(&app, ORIGIN, body).await;
        let messages: Vec<ServerMessage> = serde_json::from_value(answer).unwrap();
        assert!(messages.contains(&conflict(seq)), "{messages:?}");
    }
    assert_eq!(nacks + NAMES, TRIES);
    assert_eq!(sum(&app).await, before, "not a byte has changed");
    assert_eq!(app.metric("mousetrail_frames_rejected_total").await, i64::from(TRIES));
    assert_eq!(app.count("select events from session").await, i64::from(4 * NAMES));
    println!("{TRIES} other frames under {NAMES} names: altered 0, each nacked");
    // And the first bytes again are no conflict.
    client.send(frame_bytes(1)).await;
    client.hear_ack(NAMES).await;
    app.finish().await;
}

#[actix_web::test]
async fn two_frames_of_one_name_in_one_batch_are_told_apart() {
    let app = spawn_eager().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    for seq in 1..=50 {
        client.send(frame_bytes(seq)).await;
        client.send(other(seq, seq)).await;
        client.send(frame_bytes(seq)).await;
    }
    let (mut nacked, mut acked) = (Vec::new(), 0);
    while nacked.len() < 50 || acked < 50 {
        match client.hear().await {
            Heard::Message(ServerMessage::Ack { seq, .. }) => acked = seq,
            Heard::Message(message) => nacked.push(message),
            heard => panic!("{heard:?}"),
        }
    }
    assert_eq!(nacked, (1..=50).map(conflict).collect::<Vec<_>>());
    let stored: Vec<String> =
        app.texts("select samples::text from core.pointer_chunk where samples <> 9 or array_length(dt, 1) <> 4").await;
    assert_eq!(stored, [""; 0], "the first of each won");
    app.finish().await;
}

#[actix_web::test]
async fn of_two_frames_that_race_on_two_connections_exactly_one_is_stored() {
    let app = spawn_eager().await;
    let (mut one, id, token) = Client::welcomed(&app).await;
    let mut two = Client::connect(&app).await;
    two.hello(&app.site.key, vec![resumed_page(0, &id, &token)]).await;
    two.hear().await;
    for seq in 1..=40 {
        let conflicts = join(answer(&mut one, frame_bytes(seq), seq), answer(&mut two, other(seq, 0), seq)).await;
        assert_eq!(u32::from(conflicts.0) + u32::from(conflicts.1), 1, "{seq}");
    }
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 40);
    app.finish().await;
}

/// Sends a frame and hears whether another one was first.
async fn answer(client: &mut Client, bytes: Vec<u8>, seq: u32) -> bool {
    client.send(bytes).await;
    let mut is_conflict = false;
    loop {
        match client.hear().await {
            Heard::Message(ServerMessage::Ack { seq: acked, .. }) if acked >= seq => return is_conflict,
            Heard::Message(ServerMessage::Ack { .. }) => {}
            Heard::Message(message) => {
                assert_eq!(message, conflict(seq));
                is_conflict = true;
            }
            heard => panic!("{heard:?}"),
        }
    }
}

#[actix_web::test]
async fn a_row_from_before_digests_counts_as_the_same() {
    let app = spawn_eager().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    app.execute("update core.pointer_chunk set digest = null").await;
    client.send(encode_frame(&Frame { samples: 77, ..frame(1) })).await;
    assert_eq!(client.hear().await, Heard::Message(ServerMessage::Ack { n: 0, seq: 1 }));
    assert_eq!(app.count("select samples::int8 from core.pointer_chunk").await, 9);
    app.finish().await;
}
