use chrono::{Days, TimeDelta, Utc};
use mousetrail::event::{ElementBox, Kind, PointerEvent};
use serde_json::Value;

use super::browser::{Browser, sign_in};
use crate::app::{TestApp, spawn_app};
use crate::visit::{PHONE, at, button, visit_of};

/// Cells of a heatmap, and what they add up to.
struct Map {
    json: Value,
    /// x and y of the cell's middle, and its value a hundred sessions and 16 x 16 px.
    cells: Vec<(f64, f64, f64)>,
}

impl Map {
    async fn load(browser: &Browser, app: &TestApp, query: &str) -> Self {
        let json = browser.json(&format!("/api/v1/sites/{}/heatmap?page=/page&{query}", app.site.site_id)).await;
        let (columns, px) = (json["columns"].as_f64().unwrap(), json["cell_px"].as_f64().unwrap());
        let mut index = 0.0;
        let cells = json["at"].as_array().unwrap().iter().zip(json["value"].as_array().unwrap());
        let cells = cells
            .map(|(step, value)| {
                index += step.as_f64().unwrap();
                let (row, column) = ((index / columns).floor(), index % columns);
                ((column + 0.5) * px, (row + 0.5) * px, value.as_f64().unwrap() / 1_000.0)
            })
            .collect();
        Self { json, cells }
    }

    /// Seconds, or clicks, a hundred sessions between these places: cells times their share of 16 x 16 px.
    fn sum(&self, x: std::ops::Range<f64>, y: std::ops::Range<f64>) -> f64 {
        let share = (self.json["cell_px"].as_f64().unwrap() / 16.0).powi(2);
        self.cells.iter().filter(|cell| x.contains(&cell.0) && y.contains(&cell.1)).map(|cell| cell.2 * share).sum()
    }

    fn whole(&self) -> f64 {
        self.sum(0.0..1e6, 0.0..1e6)
    }

    fn value_at(&self, x: f64, y: f64) -> f64 {
        self.cells.iter().find(|cell| (cell.0 - x).abs() < 4.0 && (cell.1 - y).abs() < 4.0).map_or(0.0, |cell| cell.2)
    }

    fn heat(&self, selector: &str) -> &Value {
        let id = &self.json["elements"].as_array().unwrap().iter().find(|element| element["selector"] == selector).unwrap()["id"];
        self.json["heat"].as_array().unwrap().iter().find(|heat| heat["id"] == *id).unwrap()
    }
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
    // A second session that is nowhere for any time halves the seconds a hundred sessions.
    visit_of("tom").with([at(0, Kind::Move, 50, 50), at(0, Kind::Leave, 50, 50)]).send(&app).await;
    let map = Map::load(&browser, &app, "kind=movement").await;
    assert_eq!((&map.json["sessions"], &map.json["views"], &map.json["cell_px"]), (&2.into(), &2.into(), &8.into()));
    assert_eq!(map.json["document"], serde_json::json!([1_440, 3_000]));
    assert_eq!((&map.json["columns"], &map.json["rows"]), (&180.into(), &375.into()));

    // 2 s and 0.5 s in two sessions are 100 s and 25 s a hundred.
    assert_near(map.sum(340.0..470.0, 340.0..470.0), 100.0, "the rest");
    assert_near(map.sum(700.0..1_300.0, 940.0..1_070.0), 25.0, "the stroke");
    assert_near(map.whole(), 125.0, "all of it");
    // The peak of a Gaussian of 16 px on cells of 8 px is 1 / (1 + 2 * (sum of exp(-i²/8) for i = 1 to 6))² = 1 / 5.0081². Times four cells
    // a square of 16 x 16 px.
    assert_near(map.value_at(404.0, 404.0), 100.0 / 5.008_14_f64.powi(2) * 4.0, "the peak of the rest");
    // 25 s on 50 columns of cells.
    assert_near(map.sum(1_000.0..1_008.0, 940.0..1_070.0), 0.5, "a column in the middle of the stroke");
    assert_near(map.value_at(1_004.0, 1_004.0), 0.5 / 5.008_14 * 4.0, "the ridge of the stroke");
    assert_eq!(map.json["placed"], serde_json::json!({"element": 0, "ratio": 5, "none": 0}));
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
    assert_near(Map::load(&browser, &app, "").await.whole(), 700.0, "1 s before, 5 s and 1 s after");
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
    assert_near(Map::load(&browser, &app, "").await.whole(), 100.0, "a second each");
    app.finish().await;
}

#[actix_web::test]
async fn clicks_are_as_many_as_sql_counts_and_elements_have_their_own() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let buy = ElementBox { x: 200, y: 600, w: 160, h: 40 };
    for visitor in ["mara", "tom", "uwe"] {
        let on = |ms, kind, x, y, element| PointerEvent { element, ..at(ms, kind, x, y) };
        let mut visit = visit_of(visitor).with([
            on(0, Kind::Move, 210, 610, 1),
            on(500, Kind::Down, 210, 610, 1),
            on(580, Kind::Up, 210, 610, 1),
            on(580, Kind::Click, 210, 610, 1),
            on(1_500, Kind::Move, 900, 2_000, 0),
            on(1_600, Kind::Click, 900, 2_000, 0),
        ]);
        visit.elements = vec![button(1, "#buy", buy)];
        visit.send(&app).await;
    }
    let map = Map::load(&browser, &app, "kind=click").await;
    let clicks = app.count("select count(*) from click").await;
    let sessions = app.count("select count(*) from session").await;
    assert_eq!((clicks, sessions), (6, 3));
    assert_near(map.whole(), clicks as f64 * 100.0 / sessions as f64, "all clicks");
    assert_near(map.sum(150.0..270.0, 550.0..670.0), 100.0, "clicks on the button");
    assert_eq!(map.json["placed"], serde_json::json!({"element": 3, "ratio": 3, "none": 0}));
    assert_eq!(map.heat("#buy")["clicks"], 3);
    // Each was on the button until it came elsewhere: 1.5 s.
    let seconds = Map::load(&browser, &app, "kind=movement").await;
    assert_near(seconds.heat("#buy")["seconds"].as_f64().unwrap(), 150.0, "time on the button");
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
            assert_near(map.sum(x - 60.0..x + 60.0, 0.0..400.0), 100.0, query);
        }
        assert_near(map.whole(), if sessions == 0 { 0.0 } else { 100.0 }, query);
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
    for kind in ["movement", "click"] {
        let map = Map::load(&browser, &app, &format!("kind={kind}")).await;
        assert_eq!((&map.json["sessions"], &map.json["views"], map.cells.len()), (&0.into(), &0.into(), 0));
        assert_eq!(map.json["placed"], serde_json::json!({"element": 0, "ratio": 0, "none": 0}));
        assert_eq!((&map.json["elements"], &map.json["heat"]), (&serde_json::json!([]), &serde_json::json!([])));
    }
    for path in ["heatmap", "heatmap?page=/page", "heatmap?page=/never"] {
        let page = browser.read(&format!("/sites/{}/{path}", app.site.site_id)).await;
        assert!(page.contains("No page was viewed") || page.contains("Nobody viewed this page"), "{path}: {page}");
    }
    app.finish().await;
}
