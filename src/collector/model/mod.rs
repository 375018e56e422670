//! Client, collector and store as one state machine under random faults (check D9). The session and the writer are the real ones; the client is
//! a small model of `snippet/src/buffer.ts` and `stream.ts`, Postgres a map in memory. Time is virtual.

mod client;
mod postgres;
mod world;

use proptest::prelude::*;

use world::World;

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// The client cuts a frame of one of its page views, and holds it.
    Cut { page: u16, content: Content },
    /// The client connects, says hello, and is answered. Twice where both are open: an old connection may linger.
    Connect(usize),
    /// A connection breaks, with all that is on its way in either direction.
    Disconnect(usize),
    /// The collector reads a message of a connection: the next one, or one of those behind it.
    Deliver { connection: usize, ahead: usize },
    /// A message that is on its way comes twice.
    Double(usize),
    /// The client hears the next message.
    Hear(usize),
    /// The next message to the client is lost, be it an ack.
    LoseAnswer(usize),
    /// Somebody sends other bytes under the name of a frame that came before.
    Meddle { connection: usize, which: usize },
    /// What Postgres does with one of the next tries.
    Fault(Fault),
    /// Time passes, and the writer with it.
    Pass(u64),
    /// The collector dies and starts again: nothing of its memory is left.
    Restart,
    /// A page view is erased.
    Forget(u16),
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Good,
    /// Postgres refuses it.
    Poison,
    /// The decoder refuses it.
    Broken,
}

/// How a try of a batch goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nothing of it is stored.
    Fails,
    /// All of it is committed, and the answer is lost.
    LosesAnswer,
    /// Nothing comes back, ever, and nothing is stored.
    Hangs,
    /// Nothing comes back, ever, and all of it is stored.
    HangsAfterCommit,
}

fn step() -> impl Strategy<Value = Step> {
    let connection = || 0usize..2;
    let content = prop_oneof![16 => Just(Content::Good), 1 => Just(Content::Poison), 1 => Just(Content::Broken)];
    let fault =
        prop_oneof![3 => Just(Fault::Fails), 3 => Just(Fault::LosesAnswer), 1 => Just(Fault::Hangs), 1 => Just(Fault::HangsAfterCommit)];
    prop_oneof![
        24 => (0u16..world::PAGES, content).prop_map(|(page, content)| Step::Cut { page, content }),
        8 => connection().prop_map(Step::Connect),
        2 => connection().prop_map(Step::Disconnect),
        24 => (connection(), prop_oneof![4 => Just(0usize), 1 => 0usize..8])
            .prop_map(|(connection, ahead)| Step::Deliver { connection, ahead }),
        3 => connection().prop_map(Step::Double),
        20 => connection().prop_map(Step::Hear),
        3 => connection().prop_map(Step::LoseAnswer),
        2 => (connection(), 0usize..64).prop_map(|(connection, which)| Step::Meddle { connection, which }),
        5 => fault.prop_map(Step::Fault),
        12 => prop_oneof![8 => Just(60u64), 2 => Just(1_000), 1 => Just(16_000)].prop_map(Step::Pass),
        1 => Just(Step::Restart),
        1 => prop_oneof![7 => Just(Step::Pass(60)), 1 => (0u16..world::PAGES).prop_map(Step::Forget)],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000), ..ProptestConfig::default() })]

    #[test]
    fn d9_an_ack_is_durable_what_is_held_arrives_and_nothing_is_stored_twice_or_altered(steps in proptest::collection::vec(step(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut world = World::new();
            for step in steps {
                world.take(step).await;
                world.check();
            }
            world.drain().await;
        });
    }
}
