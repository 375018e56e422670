use std::collections::HashSet;

use mousetrail::event::Kind;
use serde_json::Value;

use super::browser::{Browser, attribute, sign_in};
use crate::app::{TestApp, spawn_app};
use crate::visit::{PHONE, at, visit_of};

/// 120 sessions with an event each, seven of them always at the same instant; and 30 without any, which are not listed.
async fn make_sessions(app: &TestApp) {
    app.execute(&format!(
        "insert into core.page (site_id, path) values ({site}, '/page');
         insert into core.session (session_id, site_id, visitor, started_at, last_seen_at, page_views, events, entry_page_id, device, browser, os)
         select n * 7919 % 100003, {site}, '\\x0102030405060708', t, t + interval '1 min', 1, case when n <= 120 then n else 0 end,
                (select max(page_id) from core.page), 0, 'Firefox 150', 'Linux'
         from generate_series(1, 150) n, lateral (select timestamptz '2026-03-01 12:00:00.000001Z' + (n / 7) * interval '1 minute') x(t)",
        site = app.site.site_id
    ))
    .await;
}

async fn newest_first(app: &TestApp) -> Vec<String> {
    app.rows("select session_id::text as id from session where events > 0 order by started_at desc, session_id desc")
        .await
        .iter()
        .map(|row| serde_json::from_str::<Value>(row).unwrap()["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn walk(browser: &Browser, url: &str, from: Option<String>, parameter: &str, next: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = from;
    loop {
        let query = cursor.map(|cursor| format!("?{parameter}={cursor}")).unwrap_or_default();
        let list = browser.json(&format!("{url}{query}")).await;
        pages.push(list["sessions"].as_array().unwrap().iter().map(|it| it["session_id"].as_str().unwrap().to_owned()).collect());
        cursor = list[next].as_str().map(Into::into);
        if cursor.is_none() || pages.len() > 9 {
            return pages;
        }
    }
}

#[actix_web::test]
async fn paging_through_120_sessions_shows_each_once_newest_first_in_both_directions() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    make_sessions(&app).await;
    let all = newest_first(&app).await;
    assert_eq!(all.len(), 120);
    let url = format!("/api/v1/sites/{}/sessions", app.site.site_id);

    let pages = walk(&browser, &url, None, "before", "older").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    assert_eq!(pages.concat(), all);

    // Back from the oldest page.
    let oldest = browser.json(&url).await["older"].as_str().unwrap().to_owned();
    let oldest = browser.json(&format!("{url}?before={oldest}")).await["older"].as_str().unwrap().to_owned();
    let last = browser.json(&format!("{url}?before={oldest}")).await;
    assert_eq!(last["older"], Value::Null);
    let mut back = walk(&browser, &url, Some(last["newer"].as_str().unwrap().to_owned()), "after", "newer").await;
    back.reverse();
    assert_eq!(back.concat(), all[..100]);
    app.finish().await;
}

#[actix_web::test]
async fn the_pages_of_the_list_show_the_same_as_the_api_and_what_comes_meanwhile_moves_nothing() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    make_sessions(&app).await;
    let all = newest_first(&app).await;
    let mut path = format!("/sites/{}/sessions", app.site.site_id);
    let mut seen = Vec::new();
    loop {
        let page = browser.read(&path).await;
        assert!(page.contains("<span class=\"dim\">120</span>") || seen.len() >= 50, "the count");
        let links = page.split("class=\"go cut\" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        seen.extend(links.map(|link| link.rsplit('/').next().unwrap().to_owned()));
        if !page.contains("rel=\"next\"") {
            break;
        }
        path = attribute(&page, "rel=\"next\" href");
        // Somebody comes while one reads.
        visit_of(&format!("visitor {}", seen.len())).with([at(0, Kind::Move, 1, 1)]).send(&app).await;
    }
    assert_eq!(seen, all);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 120);
    app.finish().await;
}

#[actix_web::test]
async fn a_session_is_listed_with_what_was_counted() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let empty = browser.read(&format!("/sites/{}/sessions", app.site.site_id)).await;
    assert!(empty.contains("No session yet"), "{empty}");
    let mut visit = visit_of("mara").with([at(0, Kind::Move, 1, 1), at(400, Kind::Click, 5, 5), at(62_000, Kind::Click, 9, 9)]);
    visit.user_agent = PHONE;
    visit.page.referrer = Some("https://ref.example/from?q=secret".to_owned());
    visit.began_at -= chrono::TimeDelta::minutes(5);
    visit.send(&app).await;
    let list = browser.json(&format!("/api/v1/sites/{}/sessions", app.site.site_id)).await;
    let session = &list["sessions"][0];
    for (name, value) in [
        ("events", Value::from(3)),
        ("clicks", 2.into()),
        ("page_views", 1.into()),
        ("duration_ms", 62_000.into()),
        ("entry_path", "/page".into()),
        ("referrer", "https://ref.example/from".into()),
        ("device", "phone".into()),
        ("browser", "Chrome 141".into()),
        ("os", "Android".into()),
    ] {
        assert_eq!(session[name], value, "{name}");
    }
    let page = browser.read(&format!("/sites/{}/sessions", app.site.site_id)).await;
    for words in ["/page", "Chrome 141", "Android", "1:02", "5 min ago"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    app.finish().await;
}
