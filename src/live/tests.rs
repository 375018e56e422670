use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use tokio::time::Instant;

use super::mailbox::Mailbox;
use super::{Hub, LONGEST_SILENCE, MAX_WAITING_BYTES, Presence, Present, Topic, Update, Watcher};
use crate::event::{Device, PageViewId, SessionId};

fn at() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn session(number: u64) -> SessionId {
    SessionId::new(at(), number)
}

/// A page view of session 1 of site 1, unless changed.
fn present(number: u64) -> Present {
    let page_view = PageViewId::new(at(), number);
    let since = at() + TimeDelta::seconds(number as i64);
    Present { page_view, session: session(1), site_id: 1, page_id: 1, device: Device::Desktop, since }
}

fn topic() -> Topic {
    Topic::Session { site_id: 1, session: session(1) }
}

fn publish(hub: &Hub, bytes: &[u8]) {
    hub.publish(1, session(1), present(1).page_view, bytes);
}

/// What waits, without waiting for more.
fn heard(watcher: &mut Watcher) -> Vec<Update> {
    std::iter::from_fn(|| watcher.next().now_or_never().flatten()).collect()
}

fn texts(updates: &[Update]) -> Vec<String> {
    let text = |update: &Update| match update {
        Update::Frame(frame) => String::from_utf8_lossy(&frame.bytes).into_owned(),
        other => format!("{other:?}"),
    };
    updates.iter().map(text).collect()
}

#[test]
fn frames_reach_those_who_watch_their_session_and_nobody_else() {
    let hub = Hub::default();
    publish(&hub, b"before");
    let (mut one, mut two, mut other_site) = (hub.watcher(), hub.watcher(), hub.watcher());
    one.watch(topic());
    one.watch(topic());
    two.watch(topic());
    two.watch(Topic::Session { site_id: 1, session: session(2) });
    other_site.watch(Topic::Session { site_id: 2, session: session(1) });
    publish(&hub, b"first");
    hub.publish(1, session(2), present(9).page_view, b"second");
    hub.publish(1, session(3), present(9).page_view, b"nobody's");
    one.unwatch(topic());
    publish(&hub, b"third");
    assert_eq!(texts(&heard(&mut one)), ["first"]);
    assert_eq!(texts(&heard(&mut two)), ["first", "second", "third"]);
    assert_eq!(texts(&heard(&mut other_site)), [""; 0]);
}

#[test]
fn a_lagging_watcher_keeps_the_newest_frames_within_its_bytes_and_hears_how_many_it_missed() {
    let hub = Hub::default();
    let mut watcher = hub.watcher();
    watcher.watch(topic());
    for number in 0..10u8 {
        publish(&hub, &[number; 30 << 10]);
        assert!(watcher.waiting_bytes() <= MAX_WAITING_BYTES);
    }
    let updates = heard(&mut watcher);
    assert_eq!(updates[0], Update::Missed(6));
    let kept: Vec<_> = updates[1..].iter().map(|update| if let Update::Frame(frame) = update { frame.bytes[0] } else { 0 }).collect();
    assert_eq!(kept, [6, 7, 8, 9]);
    assert_eq!(watcher.waiting_bytes(), 0);
    // Small ones are bounded, too: each costs more than its bytes.
    (0..10_000).for_each(|_| publish(&hub, b""));
    assert!(watcher.waiting_bytes() <= MAX_WAITING_BYTES);
    assert_eq!(heard(&mut watcher).len(), 1 + MAX_WAITING_BYTES / 128);
}

#[test]
fn a_watcher_that_takes_nothing_is_given_up_and_one_that_takes_something_is_not() {
    let (silent, slow) = (Mailbox::default(), Mailbox::default());
    let mut now = Instant::now();
    for _ in 0..20 {
        for _ in 0..2 {
            silent.put_at(Update::Missed(0), now);
            slow.put_at(Update::Missed(0), now);
        }
        now += LONGEST_SILENCE / 9;
        assert!(matches!(slow.take_at(now), Some(Some(_))), "it takes one of two");
    }
    assert_eq!(silent.bytes(), 0, "it costs nothing any more");
    assert_eq!(silent.take_at(now), Some(None));
    silent.put_at(Update::Missed(0), now);
    assert_eq!(silent.take_at(now), Some(None));
    // Nothing to take is no silence.
    while slow.take_at(now).is_some() {}
    now += LONGEST_SILENCE * 3;
    slow.put_at(Update::Missed(7), now);
    assert_eq!(slow.take_at(now), Some(Some(Update::Missed(7))));
}

#[tokio::test]
async fn an_update_wakes_a_watcher_that_waits() {
    let hub = Hub::default();
    let mut watcher = hub.watcher();
    watcher.watch(topic());
    let waiting = tokio::spawn(async move { watcher.next().await });
    tokio::task::yield_now().await;
    publish(&hub, b"now");
    let heard = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!(texts(&Vec::from_iter(heard)), ["now"]);
}

/// What a presence hears now, if anything.
fn told(presence: &mut Presence) -> Option<bool> {
    presence.watched().now_or_never()
}

#[test]
fn a_visitor_hears_of_the_first_watcher_and_of_the_end_of_the_last() {
    let hub = Hub::default();
    let mut visitor = hub.arrive(present(1));
    let mut stranger = hub.arrive(Present { session: session(2), ..present(2) });
    assert_eq!(told(&mut visitor), None);
    let (mut one, mut two) = (hub.watcher(), hub.watcher());
    one.watch(topic());
    assert_eq!(told(&mut visitor), Some(true));
    two.watch(topic());
    assert_eq!(told(&mut visitor), None);
    one.unwatch(topic());
    assert_eq!(told(&mut visitor), None);
    drop(two);
    assert_eq!(told(&mut visitor), Some(false));
    assert_eq!(told(&mut stranger), None);
    // Off and on again before it looked: nothing to say.
    one.watch(topic());
    one.unwatch(topic());
    assert_eq!(told(&mut visitor), None);
}

#[test]
fn who_comes_to_a_session_that_is_watched_hears_it_at_once_and_who_turns_away_from_it_too() {
    let hub = Hub::default();
    let mut watcher = hub.watcher();
    watcher.watch(topic());
    let mut visitor = hub.arrive(present(1));
    assert_eq!(told(&mut visitor), Some(true));
    visitor.turn_to(present(2));
    assert_eq!(told(&mut visitor), None, "the same session goes on");
    visitor.turn_to(Present { session: session(2), ..present(3) });
    assert_eq!(told(&mut visitor), Some(false));
}

#[test]
fn a_site_shows_who_is_there_and_tells_who_comes_and_goes() {
    let hub = Hub::default();
    let mut watcher = hub.watcher();
    watcher.watch(Topic::Site(1));
    let mut first = hub.arrive(present(1));
    let second = hub.arrive(present(2));
    let elsewhere = hub.arrive(Present { site_id: 2, ..present(3) });
    assert_eq!(hub.visitors(1).newest, [present(2), present(1)]);
    // The same page view on a second connection: its browser came back before the old one was given up.
    let again = hub.arrive(present(2));
    drop(second);
    assert_eq!(hub.visitors(1).total, 2);
    first.turn_to(present(4));
    drop((again, first, elsewhere));
    assert_eq!(
        heard(&mut watcher),
        [
            Update::Arrived(present(1)),
            Update::Arrived(present(2)),
            Update::Left(present(1).page_view),
            Update::Arrived(present(4)),
            Update::Left(present(2).page_view),
            Update::Left(present(4).page_view),
        ]
    );
    assert_eq!(hub.visitors(1), Default::default());
    assert_eq!(hub.visitors(2), Default::default());
}

#[test]
fn a_list_is_cut_to_the_newest() {
    let hub = Hub::default();
    let all: Vec<_> = (0..1_000).map(|number| hub.arrive(present(number))).collect();
    let visitors = hub.visitors(1);
    assert_eq!((visitors.total, visitors.newest.len(), visitors.newest[0]), (1_000, 400, present(999)));
    drop(all);
}
