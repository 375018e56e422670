//! Rage and dead clicks: the views, and the same in the heatmaps.

use mousetrail::analysis::heat::{Description, ElementKey, HeatEvent, HeatKind, ViewFacts, ViewHeat};
use mousetrail::event::{Element, ElementBox, ElementFlags, Kind, PointerEvent};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::app::{TestApp, spawn_app};
use super::visit::{at, button, visit_of};

const BOX: ElementBox = ElementBox { x: 0, y: 0, w: 1_000, h: 1_000 };
/// Numbers of the elements: a button, a text, a field, one with the role of a field, and one that nobody described.
const BUTTON: u16 = 1;
const TEXT: u16 = 2;
const FIELD: u16 = 3;
const ROLE: u16 = 4;
const UNKNOWN: u16 = 9;

fn elements() -> Vec<Element> {
    let plain = |number, tag: &str, role: &str| Element {
        flags: ElementFlags::default(),
        tag: tag.to_owned(),
        role: role.to_owned(),
        ..button(number, tag, BOX)
    };
    vec![button(BUTTON, "#buy", BOX), plain(TEXT, "p", ""), plain(FIELD, "input", "text"), plain(ROLE, "div", "slider")]
}

fn click(ms: u16, x: i32, element: u16) -> PointerEvent {
    PointerEvent { element, ..at(ms, Kind::Click, x, 100) }
}

/// Sends the events, with one at 60 s so that every click is known to have been watched.
async fn send(app: &TestApp, events: &[PointerEvent]) -> String {
    let mut visit = visit_of(&rand::random::<u64>().to_string());
    visit.elements = elements();
    visit.with(events.iter().copied()).send(app).await
}

/// Times of the clicks that a view has of a page view.
async fn times(app: &TestApp, view: &str, id: &str) -> Vec<u16> {
    let sql = format!("select offset_ms::text from {view} where page_view_id = {id} order by offset_ms");
    app.texts(&sql).await.iter().map(|text| text.parse().unwrap()).collect()
}

fn end() -> PointerEvent {
    at(60_000, Kind::Move, 5, 5)
}

#[actix_web::test]
async fn a_burst_is_three_near_clicks_that_neither_select_nor_are_answered() {
    let app = spawn_app().await;
    let quick = |element| vec![click(1_000, 100, element), click(1_200, 101, element), click(1_500, 100, element)];
    let with = |mut events: Vec<PointerEvent>, more: &[(u16, Kind)]| {
        events.extend(more.iter().map(|(ms, kind)| at(*ms, *kind, 1, 1)));
        events.sort_by_key(|event| event.at_ms);
        events
    };
    for (what, events, expected) in [
        ("three on a button", quick(BUTTON), vec![1_000, 1_200, 1_500]),
        ("a selected paragraph", quick(TEXT), vec![]),
        ("the same slowly", vec![click(1_000, 100, TEXT), click(1_300, 100, TEXT), click(1_601, 100, TEXT)], vec![1_000, 1_300, 1_601]),
        ("four on a text", [quick(TEXT), vec![click(1_600, 100, TEXT)]].concat(), vec![1_000, 1_200, 1_500, 1_600]),
        ("two", quick(BUTTON)[..2].to_vec(), vec![]),
        ("just in time", vec![click(0, 100, 1), click(1_000, 130, 1), click(2_000, 100, 1)], vec![0, 1_000, 2_000]),
        ("too late", vec![click(0, 100, 1), click(1_000, 100, 1), click(2_001, 100, 1)], vec![]),
        ("too far", vec![click(0, 100, 1), click(100, 131, 1), click(200, 100, 1)], vec![]),
        ("a stepper", with(quick(BUTTON), &[(1_100, Kind::Document), (1_300, Kind::Document)]), vec![]),
        ("answered once", with(quick(BUTTON), &[(1_100, Kind::Document)]), vec![1_000, 1_200, 1_500]),
        ("answered at last", with(quick(BUTTON), &[(1_600, Kind::Document)]), vec![1_000, 1_200, 1_500]),
    ] {
        let id = send(&app, &[events, vec![end()]].concat()).await;
        assert_eq!(times(&app, "rage_click", &id).await, expected, "{what}");
    }
    let bursts = app.rows("select distinct burst_clicks from rage_click where burst_ms = 1000 and selector = '#buy'").await;
    assert_eq!(bursts, [r#"{"burst_clicks":3}"#]);
    app.finish().await;
}

#[actix_web::test]
async fn a_dead_click_is_one_that_nothing_follows_within_a_second_as_far_as_anybody_knows() {
    let app = spawn_app().await;
    let on = |element| vec![click(1_000, 100, element)];
    let mut cases = vec![
        ("nothing follows", on(BUTTON), vec![1_000]),
        ("on a text", on(TEXT), vec![1_000]),
        ("on what nobody described", on(UNKNOWN), vec![1_000]),
        ("on a field", on(FIELD), vec![]),
        ("on what has the role of a field", on(ROLE), vec![]),
        ("by a script", vec![PointerEvent { trusted: false, ..click(1_000, 100, BUTTON) }], vec![]),
    ];
    for kind in Kind::all() {
        use Kind::{Blur, Copy, Document, Focus, Hidden, InnerScroll, Resize, Scroll, Unload};
        let answers = matches!(kind, Document | Scroll | InnerScroll | Resize | Hidden | Unload | Blur | Focus | Copy);
        for (ms, is_in_time) in [(999, false), (1_000, true), (2_000, true), (2_001, false)] {
            let mut events = on(BUTTON);
            if kind != Kind::Click {
                events.push(at(ms, kind, 1, 1));
            }
            events.sort_by_key(|event| event.at_ms);
            cases.push(("followed by something", events, if answers && is_in_time { vec![] } else { vec![1_000] }));
        }
    }
    for (what, events, expected) in cases {
        let all = [events, vec![end()]].concat();
        let id = send(&app, &all).await;
        assert_eq!(times(&app, "dead_click", &id).await, expected, "{what}: {all:?}");
    }
    // Nobody knows what came of a click just before the end.
    for (last, expected) in [(1_999, vec![]), (2_000, vec![1_000])] {
        let id = send(&app, &[click(1_000, 100, BUTTON), at(last, Kind::Move, 5, 5)]).await;
        assert_eq!(times(&app, "dead_click", &id).await, expected, "{last}");
    }
    app.finish().await;
}

/// Something on an element now and then, mostly clicks near each other.
fn random_events(rng: &mut StdRng) -> Vec<PointerEvent> {
    const KINDS: [Kind; 8] = [Kind::Document, Kind::Scroll, Kind::Move, Kind::InnerScroll, Kind::Copy, Kind::Key, Kind::Blur, Kind::Move];
    let (mut ms, mut events) = (0u16, Vec::new());
    while ms < 55_000 {
        ms += [0, 60, 300, 999, 1_000, 1_001, 2_500][rng.random_range(0..7)];
        let element = [BUTTON, BUTTON, TEXT, FIELD, ROLE, UNKNOWN][rng.random_range(0..6)];
        events.push(match rng.random_range(0..10) {
            0..7 => PointerEvent { trusted: rng.random_bool(0.9), ..click(ms, 100 + 10 * rng.random_range(0..5), element) },
            _ => PointerEvent { element, ..at(ms, KINDS[rng.random_range(0..KINDS.len())], 50, 60) },
        });
    }
    events
}

#[actix_web::test]
async fn the_views_and_the_heatmaps_find_the_same_rage_and_dead_clicks() {
    let app = spawn_app().await;
    let mut rng = StdRng::seed_from_u64(7);
    let (mut rage, mut dead) = (0, 0);
    let describe = |element: &Element| Description {
        number: element.number,
        parent: 0,
        key: ElementKey(i64::from(element.number)),
        // As the collector stores them: a field is interactive, whatever the client says.
        flags: if [BUTTON, FIELD, ROLE].contains(&element.number) { ElementFlags::INTERACTIVE } else { 0 },
        is_overlay: false,
        is_field: [FIELD, ROLE].contains(&element.number),
        rect: element.rect,
        seq: 1,
        outline_ms: None,
    };
    let descriptions: Vec<_> = elements().iter().map(describe).collect();
    for _ in 0..30 {
        let events = random_events(&mut rng);
        let id = send(&app, &events).await;
        let facts = ViewFacts { viewport: (1_440, 900), document: (1_440, 3_000), scroll: (0, 0) };
        let timed: Vec<_> = events.iter().map(|event| HeatEvent { seq: 1, at_ms: u32::from(event.at_ms), event: *event }).collect();
        let heat = ViewHeat::of(facts, &descriptions, &timed);
        for (kind, view, sum) in [(HeatKind::Rage, "rage_click", &mut rage), (HeatKind::Dead, "dead_click", &mut dead)] {
            let expected = heat.kinds.get(&kind).map_or(0, |heat| heat.sum());
            assert_eq!(times(&app, view, &id).await.len() as u64, expected, "{view} of {events:?}");
            *sum += expected;
        }
    }
    assert!(rage > 100 && dead > 100, "{rage} and {dead}: too few to tell");
    app.finish().await;
}

#[actix_web::test]
async fn a_filter_on_a_page_reaches_the_partitions_below_the_views() {
    let app = spawn_app().await;
    send(&app, &[click(1_000, 100, BUTTON), end()]).await;
    for view in ["rage_click", "dead_click"] {
        let sql = format!("explain select * from {view} where day = '2026-01-02' and site_id = 1 and page_id = 1");
        let mut owner = app.server.connect(mousetrail::store::PgRole::Owner).await.unwrap();
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut owner).await.unwrap();
        // There is no partition of that day, so nothing is left to be read.
        assert!(!plan.iter().any(|line| line.contains("pointer_chunk_2")), "{view}: {}", plan.join("\n"));
    }
    app.finish().await;
}
