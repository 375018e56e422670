use std::collections::{BTreeSet, VecDeque};

use chrono::Utc;
use prometheus_client::registry::Registry;
use proptest::prelude::*;
use tokio::time::Instant;

use super::session::{Action, Admission, Session};
use super::{Close, Tokens};
use crate::event::{Frame, Kind, PageViewId, PointerEvent, SessionId};
use crate::ingest::{Counters, NewChunk, OpenPageView, Outcome, Settled, Site};
use crate::wire::{ServerMessage, encode_frame};

const HELLO: &str = r#"{"type":"hello","v":1,"site":"k","pages":[{"n":0,"nonce":"AAECAwQFBgcICQoLDA0ODw","age_ms":0,"url":"/","viewport":[1,1],"document":[1,1]}]}"#;

fn frame(seq: u32) -> Vec<u8> {
    let events = vec![PointerEvent::new(0, Kind::Move, 0, 0)];
    encode_frame(&Frame {
        page: 0,
        seq,
        t0_ms: 0,
        origin: (0, 0),
        samples: 1,
        dropped: 0,
        tolerance: 20,
        elements: Vec::new(),
        events,
        notes: Vec::new(),
    })
}

/// A session with page view 0 open, and its counters.
fn open_session() -> (Session, Counters) {
    open_session_at(0)
}

/// The same where every seq up to this one was settled before.
fn open_session_at(settled: u32) -> (Session, Counters) {
    let counters = Counters::register(&mut Registry::default());
    let mut session = Session::new(Tokens::new([1; 32]), counters.clone(), false);
    let now = Utc::now();
    assert!(matches!(session.on_text(HELLO, now)[..], [Action::Admit(_)]));
    let admission = Admission { site_id: 1, is_import: false, sample: 1.0, is_forgetting: false };
    assert!(matches!(session.on_admission(Ok(admission), now)[..], [Action::Open { n: 0, .. }]));
    let (id, session_id) = (PageViewId::new(now, 1), SessionId::new(now, 1));
    let view = OpenPageView { id, site_id: 1, page_id: 1, session_id, device: 0, began_at: now, settled };
    assert!(matches!(session.on_opened(0, Ok(view), now)[..], [Action::Send(ServerMessage::Welcome { .. })]));
    (session, counters)
}

/// What the world does to a session.
#[derive(Debug, Clone)]
enum Step {
    /// The client sends this frame.
    Frame(u32),
    /// The client sends this frame, broken behind its seq.
    Broken(u32),
    /// The writer settles the n-th frame that it has.
    Settle(usize, Outcome),
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        12 => Just(Outcome::Committed),
        4 => Just(Outcome::Duplicate),
        1 => Just(Outcome::Quarantined),
        1 => Just(Outcome::Conflict),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (1u32..25).prop_map(Step::Frame),
        1 => (1u32..25).prop_map(Step::Broken),
        5 => (any::<prop::sample::Index>(), outcome()).prop_map(|(index, outcome)| Step::Settle(index.index(8), outcome)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1_000), ..ProptestConfig::default() })]

    /// The promise of the protocol: an ack covers only what is in Postgres, in quarantine, or refused for good.
    #[test]
    fn an_ack_never_covers_a_frame_that_is_not_settled(steps in proptest::collection::vec(step(), 0..120)) {
        let (mut session, counters) = open_session();
        let mut writer: VecDeque<Box<NewChunk>> = VecDeque::new();
        let (mut settled, mut acked) = (BTreeSet::new(), 0);
        for step in steps {
            let actions = match step {
                Step::Frame(seq) => session.on_frame(&frame(seq)),
                Step::Broken(seq) => {
                    let mut bytes = frame(seq);
                    bytes.truncate(bytes.len() - 1);
                    session.on_frame(&bytes)
                }
                Step::Settle(index, outcome) => {
                    let Some(chunk) = writer.remove(index) else { continue };
                    counters.store(1, outcome == Outcome::Committed, 1);
                    settled.insert(chunk.frame.seq);
                    let actions = session.on_settled(Settled { key: chunk.key(), outcome, bytes: 1, since: Instant::now() });
                    let is_acked = actions.iter().any(|action| matches!(action, Action::Send(ServerMessage::Ack { n: 0, .. })));
                    let has_all_before = (1..=chunk.frame.seq).all(|seq| settled.contains(&seq));
                    prop_assert!(is_acked || !has_all_before, "what comes again is acked again");
                    prop_assert!(is_acked || outcome != Outcome::Duplicate || acked == 0, "a duplicate is answered by how far acks have come");
                    actions
                }
            };
            for action in actions {
                match action {
                    Action::Submit(chunk) => writer.push_back(chunk),
                    Action::Send(ServerMessage::Nack { seq: Some(seq), retry: false, .. }) => {
                        settled.insert(seq);
                    }
                    Action::Send(ServerMessage::Ack { n: 0, seq }) => {
                        prop_assert!(seq > 0, "0 would be the outline");
                        prop_assert!(seq >= acked, "acks don't go back");
                        acked = seq;
                    }
                    Action::Send(ServerMessage::Nack { retry: true, .. }) => {}
                    other => prop_assert!(false, "{:?}", other),
                }
            }
            prop_assert!((1..=acked).all(|seq| settled.contains(&seq)), "acked {} of {:?}", acked, settled);
        }
        let in_flight = i64::try_from(writer.len()).unwrap();
        prop_assert_eq!(counters.in_flight.get_or_create(&Site { site: 1 }).get(), in_flight);
    }

    #[test]
    fn no_bytes_and_no_text_make_a_session_panic(frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..20), text in ".{0,80}") {
        let (mut session, _) = open_session();
        for mut bytes in frames {
            if let Some(first) = bytes.first_mut() {
                *first = 1;
            }
            session.on_frame(&bytes);
        }
        session.on_text(&text, Utc::now());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(10_000), ..ProptestConfig::default() })]

    /// Seqs in any order, again, back, with gaps, far ahead, and at the end of their numbers.
    #[test]
    fn b10_seqs_in_any_order_are_acked_up_to_the_first_gap(
        base in prop::sample::select(vec![0, 1, 1_000, i32::MAX as u32 - 70, i32::MAX as u32 - 1, i32::MAX as u32]),
        steps in proptest::collection::vec(
            (prop_oneof![8 => -3i64..12, 4 => 12i64..70, 1 => 60i64..70, 1 => prop::sample::select(vec![1 << 20, i64::from(u32::MAX), -1 << 31])],
             any::<prop::sample::Index>()),
            0..40
        )
    ) {
        let (mut session, counters) = open_session_at(base);
        let mut writer: Vec<Box<NewChunk>> = Vec::new();
        let (mut received, mut settled, mut acked) = (BTreeSet::new(), BTreeSet::new(), base);
        let first_gap = |known: &BTreeSet<u32>| (base + 1..).find(|seq| !known.contains(seq)).unwrap();
        for (offset, which) in steps {
            let Ok(seq) = u32::try_from(i64::from(base) + offset) else { continue };
            let actions = session.on_frame(&frame(seq));
            if seq == 0 || seq > i32::MAX as u32 {
                prop_assert!(matches!(actions[..], [Action::Close(Close::Protocol)]), "{seq}: {actions:?}");
                continue;
            }
            match &actions[..] {
                [Action::Send(ServerMessage::Nack { retry: true, reason, .. })] => {
                    prop_assert_eq!(reason, "gap");
                    prop_assert!(seq > first_gap(&received) + 63, "{} is not too far", seq);
                }
                [Action::Submit(_)] | [Action::Send(ServerMessage::Ack { .. })] => {
                    prop_assert!(seq <= first_gap(&received) + 63, "{} is too far", seq);
                    received.insert(seq);
                }
                other => prop_assert!(false, "{seq}: {other:?}"),
            }
            let ahead = received.iter().filter(|seq| **seq > first_gap(&received)).count();
            prop_assert!(ahead <= 64, "{ahead} wait behind a gap");
            writer.extend(actions.into_iter().filter_map(|action| match action {
                Action::Submit(chunk) => Some(chunk),
                _ => None,
            }));
            if !writer.is_empty() && which.index(3) > 0 {
                let chunk = writer.swap_remove(which.index(writer.len()));
                let outcome = if settled.insert(chunk.frame.seq) { Outcome::Committed } else { Outcome::Duplicate };
                counters.store(1, outcome == Outcome::Committed, 1);
                for action in session.on_settled(Settled { key: chunk.key(), outcome, bytes: 1, since: Instant::now() }) {
                    let Action::Send(ServerMessage::Ack { seq, .. }) = action else { panic!("{action:?}") };
                    prop_assert!(seq >= acked, "acks don't go back");
                    prop_assert_eq!(seq, first_gap(&settled) - 1);
                    acked = seq;
                }
            }
        }
    }
}
