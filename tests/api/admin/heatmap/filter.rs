use chrono::{NaiveTime, TimeDelta, Utc};
use mousetrail::event::{ElementBox, Kind};
use mousetrail::jobs::heat;
use mousetrail::store::{Pools, Store};

use super::{Map, click_on};
use crate::admin::browser::{Browser, sign_in};
use crate::app::{TestApp, spawn_app};
use crate::visit::{Visit, at, button, visit_of};

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/// A visit that clicks 100 px below the one before, so that a map tells who is in it. Yesterday, at this hour.
fn marked(mark: i32, visitor: &str, hour: u32) -> Visit {
    let mut visit = visit_of(visitor).with([at(900, Kind::Click, 700, 100 * mark + 50)]);
    let yesterday = Utc::now().date_naive().pred_opt().unwrap();
    visit.began_at = yesterday.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()).and_utc();
    visit
}

/// Who is in the map.
async fn marks(browser: &Browser, app: &TestApp, query: &str) -> Vec<i32> {
    let map = Map::load(browser, app, &format!("kind=click&{query}")).await;
    let mut marks: Vec<i32> =
        map.cells.iter().filter(|cell| (680.0..720.0).contains(&cell.0)).map(|cell| (cell.1 / 100.0) as i32).collect();
    marks.sort_unstable();
    assert_eq!(map.json["views"], marks.len(), "{query}");
    marks
}

#[actix_web::test]
async fn every_filter_lets_exactly_the_right_visits_in() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let buy = ElementBox { x: 200, y: 2_800, w: 160, h: 40 };

    let mut first = marked(1, "mara", 8).with(click_on(2_000, 210, 2_810, 1));
    first.page.referrer = Some("https://news.example/today?x=1".to_owned());
    first.elements = vec![button(1, "#buy", buy)];
    first.send(&app).await;

    // The same pseudonym, hours later: it has been here before.
    marked(2, "mara", 12).send(&app).await;

    let mut third = marked(3, "tom", 9).with([at(1_000, Kind::Tag, 0, 0), at(1_100, Kind::Tag, 0, 0)]);
    third.notes = vec![("plan", "free"), ("plan", "pro")];
    third.user_agent = CHROME;
    third.page.viewport = [1_300.0, 900.0];
    let third_id = third.send(&app).await;

    let mut fourth = marked(4, "uwe", 10).with([at(1_000, Kind::Tag, 0, 0), at(1_100, Kind::Tag, 0, 0), at(1_200, Kind::Identify, 0, 0)]);
    fourth.notes = vec![("plan", "pro"), ("plan", "free"), ("customer 7", "")];
    let fourth_id = fourth.send(&app).await;
    // And goes on to say thanks.
    let mut thanks = marked(4, "uwe", 10).with([]);
    thanks.began_at += TimeDelta::minutes(5);
    thanks.page.url = "https://shop.example/thanks/77".to_owned();
    thanks.send(&app).await;

    // A customer who came back under another pseudonym.
    let mut fifth = marked(5, "ida", 11).with([at(1_200, Kind::Identify, 0, 0)]);
    fifth.notes = vec![("customer 7", "")];
    fifth.page.referrer = Some("https://shop.example/".to_owned());
    fifth.send(&app).await;

    let session_of = |id: &str| format!("(select session_id from core.page_view where page_view_id = {id})");
    app.execute(&format!(
        "update core.session set country = 'DE' where session_id in ({}, {})",
        session_of(&third_id),
        session_of(&fourth_id)
    ))
    .await;
    let suspect = marked(6, "bot", 7).send(&app).await;
    app.execute(&format!("select core.mark_suspect(array[{suspect}], 1::smallint)")).await;

    let buy = Map::load(&browser, &app, "kind=click").await.id("#buy");
    for (query, expected) in [
        ("", &[1, 2, 3, 4, 5][..]),
        ("suspect=1", &[1, 2, 3, 4, 5, 6]),
        ("browser=Firefox", &[1, 2, 4, 5]),
        ("browser=Firefox%20150", &[1, 2, 4, 5]),
        ("browser=Fire", &[]),
        ("browser=Chrome", &[3]),
        ("viewport=1200-1300", &[3]),
        ("viewport=1301-", &[1, 2, 4, 5]),
        ("country=de", &[3, 4]),
        ("country=FR", &[]),
        ("referrer=news.example", &[1]),
        ("referrer=shop.example", &[5]),
        ("referrer=none", &[2, 3, 4]),
        ("tag=plan", &[3, 4]),
        ("tag=plan:pro", &[3]),
        ("tag=plan:free", &[4]),
        ("tag=nothing", &[]),
        ("visits=new", &[1, 3, 4]),
        ("visits=returning", &[2, 5]),
        (&format!("clicked={buy}"), &[1]),
        ("clicked=77", &[]),
        ("converted=/thanks/77", &[4]),
        ("converted=/thanks/:id", &[4]),
        ("converted=/nowhere", &[]),
        ("country=DE&browser=Firefox&tag=plan", &[4]),
    ] {
        assert_eq!(marks(&browser, &app, query).await, expected, "{query}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn a_template_is_one_page() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let buy = ElementBox { x: 200, y: 600, w: 160, h: 40 };
    for (visitor, path) in [("mara", "/product/1"), ("tom", "/product/2"), ("uwe", "/products")] {
        let mut visit = visit_of(visitor).with(click_on(500, 210, 610, 1));
        visit.page.url = format!("https://shop.example{path}");
        visit.elements = vec![button(1, "#buy", buy)];
        visit.send(&app).await;
    }
    let map = Map::load_page(&browser, &app, "template=/product/:id", "kind=click").await;
    assert_eq!((&map.json["views"], map.whole()), (&2.into(), 2.0));
    assert_eq!((&map.row("#buy")["views"], &map.row("#buy")["clicks"]), (&2.into(), &2.into()));
    // A rule that says more has its own pages.
    app.execute(&format!("insert into core.page_rule (site_id, template) values ({}, '/product/2')", app.site.site_id)).await;
    let map = Map::load_page(&browser, &app, "template=/product/:id", "kind=click").await;
    assert_eq!(map.json["views"], 1);
    app.finish().await;
}

/// 20,500 page views with a click each, as the store has them; the heat of all of them is built.
#[actix_web::test]
async fn nothing_is_capped() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    visit_of("mara").with([at(900, Kind::Click, 700, 150)]).send(&app).await;
    let store = Store::new(&app.server, Pools::default());
    heat::build_views(&store, Utc::now() + TimeDelta::minutes(5), 10).await.unwrap();
    store.close().await;
    assert_eq!(app.count("select count(*) from core.heat_view").await, 1);
    app.execute(
        "insert into core.page_view (page_view_id, day, site_id, session_id, page_id, nonce_hash, host, started_at, last_ms, events, clicks, device,
                                     viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y)
         select (page_view_id >> 48 << 48) + n, day, site_id, n, page_id, nonce_hash, host, started_at, last_ms, events, clicks, device,
                viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y
         from core.page_view, generate_series(1, 20499) n;
         insert into core.heat_view (page_view_id, day, form, events, outlined, click, elements)
         select (page_view_id >> 48 << 48) + n, day, form, events, outlined, click, elements
         from core.heat_view, generate_series(1, 20499) n",
    )
    .await;
    let map = Map::load(&browser, &app, "kind=click").await;
    assert_eq!((&map.json["views"], &map.json["sessions"], map.whole()), (&20_500.into(), &20_500.into(), 20_500.0));
    app.finish().await;
}
