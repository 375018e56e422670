//! F8: writers that want the same rows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures_util::future::join_all;
use mousetrail::event::{Element, ElementBox, ElementFlags};
use mousetrail::ingest::{Limits, Outcome};
use mousetrail::store::{Pools, Store};

use super::direct::{chunk, open, write};
use crate::app::spawn_app;
use crate::client::frame;

const WRITERS: u64 = 8;
const DURATION: Duration = Duration::from_secs(6);

#[actix_web::test]
async fn f8_writers_with_the_same_keys_in_any_order_never_wait_in_a_circle() {
    let app = spawn_app().await;
    let store = Store::new(&app.server, Pools::default());
    let mut views = Vec::new();
    for number in 0..12 {
        views.push(open(&store, app.site.site_id, number, Utc::now()).await);
    }
    let deadlocks = "select deadlocks::int8 from pg_stat_database where datname = current_database()";
    let before = app.count(deadlocks).await;
    let until = Instant::now() + DURATION;
    let writers = (0..WRITERS).map(|number| {
        let (store, views) = (Store::new(&app.server, Pools { ingest: 1, admin: 1, ..Pools::default() }), views.clone());
        tokio::spawn(async move {
            let (mut random, mut batches, mut errors) = (number * 977 + 13, 0, Vec::new());
            let mut next = move |below: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % below
            };
            while Instant::now() < until {
                // Seqs grow with the time, so that some are new for whoever comes first, and most are somebody else's as well.
                let base = (DURATION.as_millis() - until.saturating_duration_since(Instant::now()).as_millis()) as u64 / 20;
                let mut batch = BTreeMap::new();
                for _ in 0..60 {
                    let view = &views[next(views.len() as u64) as usize];
                    let seq = (base + next(40)) as u32 + 1;
                    let mut sent = frame(seq);
                    sent.t0_ms = seq;
                    sent.elements = vec![element(next(500) as u16)];
                    let chunk = chunk(view, sent);
                    batch.insert(chunk.key(), chunk);
                }
                let batch: Vec<_> = batch.values().collect();
                match store.insert_chunks(&batch).await {
                    Ok(_) => batches += 1,
                    Err(error) => errors.push(error.to_string()),
                }
            }
            (batches, errors)
        })
    });
    let results: Vec<(u32, Vec<String>)> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    // Postgres tells its counters about once a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let batches: u32 = results.iter().map(|(batches, _)| batches).sum();
    let errors: Vec<&String> = results.iter().flat_map(|(_, errors)| errors).collect();
    let deadlocks = app.count(deadlocks).await - before;
    println!("{WRITERS} writers, {batches} batches of overlapping keys in {} s: {deadlocks} deadlocks", DURATION.as_secs());
    assert_eq!((deadlocks, errors.len()), (0, 0), "{errors:?}");
    assert_eq!(
        app.count("select count(*) from core.page_view v where events <> (select 4 * count(*) from core.pointer_chunk c where c.page_view_id = v.page_view_id)").await,
        0,
        "whoever was first has counted, and nobody else"
    );
    app.finish().await;
}

#[actix_web::test]
async fn f8_a_hundred_deadlocks_are_all_tried_again() {
    let app = spawn_app().await;
    // Every second statement is told that it was the victim. A sequence counts on when its transaction is rolled back.
    app.execute(
        "create sequence core.tries;
         create function core.deadlock() returns trigger language plpgsql security definer as $$
         declare n bigint := nextval('core.tries');
         begin
             if n <= 200 and n % 2 = 1 then raise exception 'deadlock detected' using errcode = '40P01'; end if;
             return null;
         end $$;
         create trigger deadlock before insert on core.pointer_chunk for each statement execute function core.deadlock();",
    )
    .await;
    let store = Store::new(&app.server, Pools::default());
    let view = open(&store, app.site.site_id, 1, Utc::now()).await;
    let chunks = (1..=500).map(|seq| chunk(&view, frame(seq))).collect();
    let (settled, counters) = write(store, chunks, Limits { batch_chunks: 5, ..Limits::default() }).await;
    assert!(settled.iter().all(|one| one.outcome == Outcome::Committed));
    assert_eq!((counters.retries.get(), counters.statements.get()), (100, 200));
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 500);
    assert_eq!(app.count("select events::int8 from core.page_view").await, 2_000);
    app.finish().await;
}

fn element(number: u16) -> Element {
    Element {
        number: number + 1,
        parent: 0,
        flags: ElementFlags::default(),
        rect: ElementBox { x: 0, y: i32::from(number), w: 10, h: 10 },
        text_length: 0,
        tag: "a".to_owned(),
        role: String::new(),
        selectors: vec![format!("#link-{number}")],
    }
}
