//! F12 and F13: wrong clocks, of the machine and of clients.

use chrono::{DateTime, TimeDelta, Utc};
use mousetrail::clock::Clock;
use mousetrail::event;
use mousetrail::wire::{ServerMessage, encode_frame};

use super::app::{TestApp, new_database, settings, spawn_app, spawn_app_at};
use super::client::{Client, Heard, frame, frame_bytes, new_page, new_page_with, resumed_page};

/// A longest age: a day.
const DAY_MS: u64 = 86_400_000;
/// A largest `t0`: a week.
const WEEK_MS: u32 = 604_800_000;

async fn started_at(app: &TestApp) -> Vec<DateTime<Utc>> {
    let mut owner = app.server.connect(mousetrail::store::PgRole::Owner).await.unwrap();
    sqlx::query_scalar("select started_at from core.page_view order by started_at").fetch_all(&mut owner).await.unwrap()
}

#[actix_web::test]
async fn f12_a_clock_that_is_wrong_from_the_start_loses_nothing() {
    for ahead in [TimeDelta::hours(-1), TimeDelta::hours(1), TimeDelta::days(365)] {
        let clock = Clock::system();
        clock.shift(ahead);
        let app = spawn_app_at(new_database().await, &settings(), clock.clone()).await;
        let (mut client, id, token) = Client::welcomed(&app).await;
        for seq in 1..=5 {
            client.send(frame_bytes(seq)).await;
        }
        client.hear_ack(5).await;
        // Its own token is good by its own clock.
        let mut again = Client::connect(&app).await;
        again.hello(&app.site.key, vec![resumed_page(0, &id, &token)]).await;
        let heard = again.hear().await;
        assert!(matches!(heard, Heard::Message(ServerMessage::Welcome { acked: 5, .. })), "{ahead}: {heard:?}");
        let off = started_at(&app).await[0] - clock.now();
        assert!(off.abs() < TimeDelta::seconds(60), "{ahead}: {off}");
        assert_eq!(app.count("select count(*) from core.pointer_chunk where day <> (started_at at time zone 'utc')::date").await, 0);
        assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 5);
        app.finish().await;
    }
}

#[actix_web::test]
async fn f12_a_clock_that_jumps_under_load_loses_nothing_and_acks_go_on() {
    let clock = Clock::system();
    let app = spawn_app_at(new_database().await, &settings(), clock.clone()).await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    let jumps = [-3_600, 3_600, 365 * 86_400, 0, -365 * 86_400, 0];
    for (seq, jump) in (1..=60).zip(jumps.iter().cycle()) {
        clock.shift(TimeDelta::seconds(*jump));
        client.send(frame_bytes(seq)).await;
    }
    client.hear_ack(60).await;
    assert_eq!(app.count("select count(distinct seq) from core.pointer_chunk").await, 60);
    // One page view has one begin, whatever the clock said later: its frames stay within it.
    assert_eq!(app.count("select count(distinct started_at - offset_ms * interval '1 ms') from core.pointer_chunk").await, 1);

    // A token ends by the clock that there is, and comes back with it; an hour backwards is no reason to refuse one.
    for (ahead, is_good) in [(TimeDelta::hours(-1), true), (TimeDelta::hours(25), false), (TimeDelta::zero(), true)] {
        clock.shift(ahead);
        let mut again = Client::connect(&app).await;
        again.hello(&app.site.key, vec![resumed_page(0, &id, &token)]).await;
        let heard = again.hear().await;
        let is_welcome = matches!(heard, Heard::Message(ServerMessage::Welcome { .. }));
        assert_eq!(is_welcome, is_good, "{ahead}: {heard:?}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn f12_sessions_end_by_the_clock_and_a_jump_does_not_stretch_them() {
    let clock = Clock::system();
    let app = spawn_app_at(new_database().await, &settings(), clock.clone()).await;
    for (nonce, ahead) in (1..).zip([TimeDelta::zero(), TimeDelta::hours(2), TimeDelta::zero(), TimeDelta::days(365)]) {
        clock.shift(ahead);
        let mut client = Client::connect(&app).await;
        client.hello(&app.site.key, vec![new_page(0, nonce)]).await;
        let heard = client.hear().await;
        assert!(matches!(heard, Heard::Message(ServerMessage::Welcome { .. })), "{heard:?}");
    }
    let longest = app.count("select max(extract(epoch from last_seen_at - started_at))::bigint from core.session").await;
    assert!(longest < 60, "a session of {longest} s of which nobody was here more than a moment");
    assert_eq!(app.count("select count(*) from core.page_view").await, 4);
    app.finish().await;
}

#[actix_web::test]
async fn f13_what_a_client_says_of_its_clock_only_counts_within_a_day_and_a_week() {
    let app = spawn_app().await;
    let mut client = Client::connect(&app).await;
    let pages = [(0, 0), (1, 1), (2, DAY_MS - 1), (3, DAY_MS)];
    client.hello(&app.site.key, pages.map(|(n, age_ms)| new_page_with(n, n as u8 + 1, |page| page.age_ms = age_ms)).into()).await;
    for _ in pages {
        let heard = client.hear().await;
        assert!(matches!(heard, Heard::Message(ServerMessage::Welcome { .. })), "{heard:?}");
    }
    let now = Utc::now();
    let begins = started_at(&app).await;
    assert_eq!(begins.len(), 4);
    assert!(begins.iter().all(|begin| *begin <= now && now - *begin < TimeDelta::hours(24) + TimeDelta::seconds(60)), "{begins:?}");
    // Time goes backwards from frame to frame, and to both ends: each frame is taken as it is.
    for (seq, t0_ms) in (1..).zip([WEEK_MS, 0, 5_000, 4_000, 1]) {
        client.send(encode_frame(&event::Frame { t0_ms, ..frame(seq) })).await;
    }
    client.hear_ack(5).await;
    app.finish().await;
}

#[actix_web::test]
async fn f13_times_that_no_clock_has_are_refused_and_never_stored() {
    let app = spawn_app().await;
    let hello = |age: &str| {
        format!(
            r#"{{"type":"hello","v":1,"site":"{}","pages":[{{"n":0,"nonce":"AQEBAQEBAQEBAQEBAQEBAQ","age_ms":{age},"url":"https://shop.example/","viewport":[1,1],"document":[1,1]}}]}}"#,
            app.site.key
        )
    };
    // Ten years, before the begin, nothing that a number is.
    for age in ["315360000000", "86400001", "-1", "1e400", "NaN", "null", "\"1\"", "1.5", "18446744073709551616"] {
        let mut client = Client::connect(&app).await;
        client.say(&hello(age)).await;
        let heard = client.hear().await;
        assert!(matches!(heard, Heard::Close(1002 | 1003 | 1007)), "{age}: {heard:?}");
    }
    assert_eq!(app.count("select count(*) from core.page_view").await, 0);
    let mut client = Client::connect(&app).await;
    client.say(&hello("0")).await;
    let heard = client.hear().await;
    assert!(matches!(heard, Heard::Message(ServerMessage::Welcome { .. })), "the same with a time is fine: {heard:?}");
    // A frame a millisecond past the week is nacked for good, and the next one goes on.
    client.send(encode_frame(&event::Frame { t0_ms: WEEK_MS + 1, ..frame(1) })).await;
    let heard = client.hear().await;
    assert!(matches!(heard, Heard::Message(ServerMessage::Nack { seq: Some(1), retry: false, .. })), "{heard:?}");
    client.send(frame_bytes(2)).await;
    client.hear_ack(2).await;
    app.finish().await;
}
