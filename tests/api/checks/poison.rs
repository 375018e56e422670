//! D8: what Postgres refuses costs its neighbours nothing.

use chrono::Utc;
use mousetrail::event::{Kind, Note, PointerEvent};
use mousetrail::ingest::{Limits, Outcome, Site};
use mousetrail::store::{Pools, Store};

use super::direct::{chunk, open, write};
use crate::app::spawn_app;
use crate::client::frame;

const FRAMES: u32 = 100_000;

#[actix_web::test]
async fn d8_one_poisoned_frame_in_a_thousand_goes_into_quarantine_and_all_others_are_committed() {
    let app = spawn_app().await;
    app.execute("alter table core.pointer_chunk add constraint no_sixes check (x0 <> 666)").await;
    let store = Store::new(&app.server, Pools::default());
    let view = open(&store, app.site.site_id, 1, Utc::now()).await;
    let chunks = (1..=FRAMES)
        .map(|seq| {
            let mut sent = frame(seq);
            // One event is enough: a hundred thousand frames take their time.
            sent.events.truncate(1);
            sent.t0_ms = seq;
            // Anywhere in its batch, and of three kinds: a broken constraint, a text that Postgres can't hold, a number out of range.
            let is_poisoned = seq % 1_000 == (seq / 1_000 * 137 + 17) % 1_000;
            match (is_poisoned, seq / 1_000 % 3) {
                (true, 0) => sent.origin.0 = 666,
                (true, 1) => {
                    sent.events[0] = PointerEvent::new(0, Kind::Identify, 100, 200);
                    sent.notes = vec![Note { index: 0, name: "nul \0".to_owned(), value: String::new() }];
                }
                (true, _) => {
                    sent.events[0] = PointerEvent::new(0, Kind::Event, 100, 200);
                    sent.notes = vec![Note { index: 0, name: "huge".to_owned(), value: r#"{"number":1e999999}"#.to_owned() }];
                }
                (false, _) => {}
            }
            (is_poisoned, chunk(&view, sent))
        })
        .collect::<Vec<_>>();
    let poisoned: Vec<u32> = chunks.iter().filter(|(is_poisoned, _)| *is_poisoned).map(|(_, chunk)| chunk.frame.seq).collect();
    let count = poisoned.len();
    let (settled, counters) = write(store.clone(), chunks.into_iter().map(|(_, chunk)| chunk).collect(), Limits::default()).await;
    let of = |outcome| settled.iter().filter(|one| one.outcome == outcome).count();
    assert_eq!((of(Outcome::Committed), of(Outcome::Quarantined)), (FRAMES as usize - count, count));
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, i64::from(FRAMES) - count as i64);
    let kept = app.texts("select seq::text from core.quarantine q order by q.seq").await;
    assert_eq!(kept, poisoned.iter().map(u32::to_string).collect::<Vec<_>>(), "these and no other");
    let states = app.texts("select distinct sqlstate from core.quarantine order by 1").await;
    assert_eq!(states, ["22003", "22021", "23514"], "each with the error of its own");
    let batches = u64::from(FRAMES) / 1_000;
    let extra = (counters.statements.get() - batches) as f64 / count as f64;
    println!("{count} poisoned frames in {FRAMES}: {extra:.1} extra statements each, and one for the quarantine");
    assert_eq!(count, 100);
    assert!(extra <= 12.0, "{extra}");
    assert_eq!(counters.committed.get_or_create(&Site { site: app.site.site_id }).get(), u64::from(FRAMES) - count as u64);
    app.finish().await;
}
