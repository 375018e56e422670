mod bad_input;
mod difference;
mod filter;
mod layer;
mod people;

use chrono::{Days, TimeDelta, Utc};
use mousetrail::event::{ElementBox, Kind, PointerEvent};
use serde_json::{Value, json};

use super::browser::{Browser, sign_in};
use crate::app::{TestApp, spawn_app};
use crate::visit::{PHONE, at, button, visit_of};

/// Cells of a heatmap, and what they add up to.
pub struct Map {
    pub json: Value,
    /// x and y of the cell's middle, and what is in it: seconds, clicks or page views.
    pub cells: Vec<(f64, f64, f64)>,
}

impl Map {
    pub async fn load(browser: &Browser, app: &TestApp, query: &str) -> Self {
        Self::load_page(browser, app, "page=/page", query).await
    }

    pub async fn load_page(browser: &Browser, app: &TestApp, page: &str, query: &str) -> Self {
        let json = browser.json(&format!("/api/v1/sites/{}/heatmap?{page}&{query}", app.site.site_id)).await;
        let number = |name: &str| json[name].as_f64().unwrap();
        let (columns, px, per_unit) = (number("columns"), number("cell_px"), number("per_unit"));
        let mut index = 0.0;
        let cells = json["at"].as_array().unwrap().iter().zip(json["value"].as_array().unwrap());
        let cells = cells
            .map(|(step, value)| {
                index += step.as_f64().unwrap();
                let (row, column) = ((index / columns).floor(), index % columns);
                ((column + 0.5) * px, (row + 0.5) * px, value.as_f64().unwrap() / per_unit)
            })
            .collect();
        Self { json, cells }
    }

    /// All that is between these places.
    pub fn sum(&self, x: std::ops::Range<f64>, y: std::ops::Range<f64>) -> f64 {
        self.cells.iter().filter(|cell| x.contains(&cell.0) && y.contains(&cell.1)).map(|cell| cell.2).sum()
    }

    pub fn whole(&self) -> f64 {
        self.sum(0.0..1e6, 0.0..1e6)
    }

    pub fn id(&self, selector: &str) -> i64 {
        self.row(selector)["id"].as_i64().unwrap()
    }

    /// Does it stand in what is shown?
    pub fn has(&self, selector: &str) -> bool {
        self.json["elements"].as_array().unwrap().iter().any(|element| element["selector"] == selector)
    }

    pub fn row(&self, selector: &str) -> &Value {
        let rows = self.json["table"].as_array().unwrap();
        rows.iter().find(|row| row["selector"] == selector).unwrap_or_else(|| panic!("no {selector} in {rows:?}"))
    }
}

/// An event on an element.
pub fn on(ms: u16, kind: Kind, x: i32, y: i32, element: u16) -> PointerEvent {
    PointerEvent { element, ..at(ms, kind, x, y) }
}

/// A press and what follows it.
pub fn click_on(ms: u16, x: i32, y: i32, element: u16) -> [PointerEvent; 3] {
    [on(ms, Kind::Down, x, y, element), on(ms + 80, Kind::Up, x, y, element), on(ms + 80, Kind::Click, x, y, element)]
}

fn assert_near(is: f64, wanted: f64, what: &str) {
    assert!((is - wanted).abs() <= wanted.abs() * 0.005 + 0.01, "{what}: {is}, not {wanted}");
}

/// Rests 2 s at (404, 404), leaves, comes back after 3 s and goes 400 px to the right in half a second, then leaves again.
fn rest_and_stroke() -> [PointerEvent; 6] {
    [
        at(100, Kind::Move, 404, 404),
        at(2_100, Kind::Move, 404, 404),
        at(2_100, Kind::Leave, 404, 404),
        at(5_100, Kind::Enter, 800, 1_004),
        at(5_600, Kind::Move, 1_200, 1_004),
        at(5_600, Kind::Leave, 1_200, 1_004),
    ]
}

#[actix_web::test]
async fn movement_is_the_time_that_pointers_spent_at_each_place() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    visit_of("mara").with(rest_and_stroke()).send(&app).await;
    // A second session that is nowhere for any time.
    visit_of("tom").with([at(0, Kind::Move, 50, 50), at(0, Kind::Leave, 50, 50)]).send(&app).await;
    let map = Map::load(&browser, &app, "kind=movement").await;
    assert_eq!((&map.json["sessions"], &map.json["views"], &map.json["cell_px"]), (&2.into(), &2.into(), &8.into()));
    assert_eq!(map.json["document"], json!([1_440, 3_000]));
    assert_eq!((&map.json["columns"], &map.json["rows"]), (&180.into(), &375.into()));

    assert_near(map.sum(392.0..416.0, 392.0..416.0), 2.0, "the rest");
    assert_near(map.sum(792.0..1_208.0, 992.0..1_016.0), 0.5, "the stroke");
    assert_near(map.whole(), 2.5, "all of it");
    assert_near(map.sum(1_000.0..1_080.0, 992.0..1_016.0), 0.1, "a fifth of the stroke");
    assert_eq!(map.json["placed"], json!({"element": 0, "ratio": 5, "none": 0, "overlay": 0}));
    assert_eq!((&map.json["points"], &map.json["pointers"]), (&5.into(), &json!({"mouse": 5, "touch": 0, "pen": 0})));
    app.finish().await;
}

#[actix_web::test]
async fn hidden_time_and_hours_at_one_place_do_not_count() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let away = [
        at(0, Kind::Move, 300, 300),
        at(1_000, Kind::Hidden, 300, 300),
        at(31_000, Kind::Visible, 300, 300),
        at(32_000, Kind::Move, 300, 300),
        // Nothing for 20 s: a rest counts 5 s at most.
        at(52_000, Kind::Move, 300, 300),
        at(53_000, Kind::Unload, 300, 300),
    ];
    visit_of("mara").with(away).send(&app).await;
    assert_near(Map::load(&browser, &app, "").await.whole(), 7.0, "1 s before, 5 s and 1 s after");
    app.finish().await;
}

#[actix_web::test]
async fn a_path_ends_with_its_page_view() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    // Neither leaves; each is there for a second, the next one later than the one before.
    for n in 0..6u16 {
        visit_of(&format!("visitor {n}"))
            .with([at(n * 3_000, Kind::Move, 99, 99), at(n * 3_000 + 1_000, Kind::Move, 99, 99)])
            .send(&app)
            .await;
    }
    assert_near(Map::load(&browser, &app, "").await.whole(), 6.0, "a second each");
    app.finish().await;
}

#[actix_web::test]
async fn clicks_are_as_many_as_sql_counts_and_elements_have_their_own() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let buy = ElementBox { x: 200, y: 600, w: 160, h: 40 };
    for visitor in ["mara", "tom", "uwe"] {
        let mut visit = visit_of(visitor)
            .with([on(0, Kind::Move, 210, 610, 1)])
            .with(click_on(500, 210, 610, 1))
            .with([on(1_500, Kind::Move, 900, 2_000, 0), on(1_600, Kind::Click, 900, 2_000, 0)]);
        visit.elements = vec![button(1, "#buy", buy)];
        visit.send(&app).await;
    }
    let map = Map::load(&browser, &app, "kind=click").await;
    let clicks = app.count("select count(*) from click").await;
    let sessions = app.count("select count(*) from session").await;
    assert_eq!((clicks, sessions), (6, 3));
    assert_eq!((map.whole(), map.sum(200.0..216.0, 600.0..616.0)), (6.0, 3.0));
    assert_eq!(map.json["placed"], json!({"element": 3, "ratio": 3, "none": 0, "overlay": 0}));
    let row = map.row("#buy");
    assert_eq!((&row["clicks"], &row["clicked_views"], &row["first_click_ms"]), (&3.into(), &3.into(), &1_740.into()));
    // Each came once, and was on it until it came elsewhere: 1.5 s.
    assert_eq!((&row["views"], &row["hovers"], &row["hover_ms"], &row["clicked_hovers"]), (&3.into(), &3.into(), &4_500.into(), &3.into()));
    assert_eq!((&row["label"], &row["placed"]), (&"button, 4 letters".into(), &true.into()));
    assert!(map.has("#buy"));
    app.finish().await;
}

#[actix_web::test]
async fn device_classes_and_days_are_apart() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let rest = |x| [at(0, Kind::Move, x, 200), at(1_000, Kind::Move, x, 200), at(1_000, Kind::Leave, x, 200)];
    let mut phone = visit_of("mara").with(rest(100));
    phone.user_agent = PHONE;
    phone.page.viewport = [390.0, 800.0];
    phone.page.document = [390.0, 5_000.0];
    phone.send(&app).await;
    let mut old = visit_of("tom").with(rest(500)).with([at(1_200, Kind::Click, 500, 200)]);
    old.began_at -= TimeDelta::days(10);
    let old_day = old.began_at.date_naive();
    old.send(&app).await;
    visit_of("uwe").with(rest(900)).send(&app).await;
    let today = Utc::now().date_naive();
    let yesterday = today - Days::new(1);
    let week = format!("from={}&to={today}", today - Days::new(7));
    let old = format!("from={old_day}&to={old_day}");
    for (query, sessions, x) in [
        ("device=phone", 1, Some(100.0)),
        (&format!("device=desktop&{week}"), 1, Some(900.0)),
        (&format!("device=desktop&{old}"), 1, Some(500.0)),
        ("device=desktop", 2, None),
        ("device=tablet", 0, None),
        (&format!("device=phone&{old}"), 0, None),
        (&format!("device=desktop&from={}&to={}", old_day + Days::new(1), yesterday - Days::new(1)), 0, None),
    ] {
        let map = Map::load(&browser, &app, query).await;
        assert_eq!(map.json["sessions"], sessions, "{query}");
        if let Some(x) = x {
            assert_near(map.sum(x - 20.0..x + 20.0, 180.0..220.0), 1.0, query);
        }
        assert_near(map.whole(), f64::from(sessions), query);
    }
    // The page shows the class with the most views and offers the others.
    let page = browser.read(&format!("/sites/{}/heatmap", app.site.site_id)).await;
    assert!(page.contains("device=phone") && !page.contains("device=tablet"), "{page}");
    app.finish().await;
}

#[actix_web::test]
async fn a_page_that_nobody_viewed_in_these_days_is_all_zeros() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    // Opened, but nothing moved on it.
    visit_of("mara").send(&app).await;
    for kind in ["movement", "attention", "click", "first_click", "rage", "dead", "hesitation", "reach"] {
        let map = Map::load(&browser, &app, &format!("kind={kind}")).await;
        assert_eq!((&map.json["sessions"], &map.json["views"], map.cells.len()), (&0.into(), &0.into(), 0));
        assert_eq!(map.json["placed"], json!({"element": 0, "ratio": 0, "none": 0, "overlay": 0}));
        assert_eq!((&map.json["elements"], &map.json["table"], &map.json["overlays"]), (&json!([]), &json!([]), &json!([])));
    }
    for path in ["heatmap", "heatmap?page=/page", "heatmap?page=/never"] {
        let page = browser.read(&format!("/sites/{}/{path}", app.site.site_id)).await;
        assert!(page.contains("No page was viewed") || page.contains("Nobody viewed this page"), "{path}: {page}");
    }
    app.finish().await;
}
