use mousetrail::event::Kind;
use serde_json::Value;

use super::browser::{sign_in, visit};
use crate::app::{add_site, spawn_app};
use crate::visit::{at, visit_of};

#[actix_web::test]
async fn the_404_page_says_what_was_asked_for_and_leads_back() {
    let app = spawn_app().await;
    let signed_in = sign_in(&app).await;
    for browser in [visit(&app), signed_in] {
        let answer = browser.get("/no/such/page?q=1").await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "text/html; charset=utf-8"));
        for words in ["There is no such page", "404 not_found", "/no/such/page", "href=\"/\""] {
            assert!(answer.text.contains(words), "{words}: {}", answer.text);
        }
        let answer = browser.get("/api/v1/nothing").await;
        let problem: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(
            (answer.status, answer.header("content-type"), problem["code"].as_str()),
            (404, "application/problem+json", Some("not_found"))
        );
    }
    app.finish().await;
}

#[actix_web::test]
async fn what_is_no_id_or_the_id_of_nothing_is_not_found() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let site = app.site.site_id;
    let wrong = ["0", "999999", "-1", "01x", "x", "99999999999", "9223372036854775808", "1.5", "%00", "%2e", "1%20", "%D9%A3"];
    for id in wrong {
        for path in [
            format!("/sites/{id}"),
            format!("/sites/{id}/sessions"),
            format!("/sites/{id}/heatmap"),
            format!("/sites/{site}/sessions/{id}"),
            format!("/api/v1/sites/{id}/receiving"),
            format!("/api/v1/sites/{id}/sessions"),
            format!("/api/v1/sites/{id}/heatmap?page=/page"),
            format!("/api/v1/sites/{site}/sessions/{id}/replay"),
        ] {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 404, "{path}");
        }
    }
    // One id has one spelling.
    let id = "007";
    assert_eq!(browser.get(&format!("/sites/{site}/sessions/{id}")).await.status, 404);
    // U+0000 stands in no value, and an empty one names no page: that is said.
    for (page, status) in [("/never-viewed", 404), ("%00", 400), ("", 400)] {
        assert_eq!(browser.get(&format!("/api/v1/sites/{site}/heatmap?page={page}")).await.status, status, "{page}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn a_session_is_found_under_its_own_site_only() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let other = add_site(&app.server, "k_other", &["*"]).await.site_id;
    visit_of("mara").with([at(0, Kind::Move, 10, 10)]).send(&app).await;
    let id = app.count("select session_id from session").await;
    for (site, status) in [(app.site.site_id, 200), (other, 404)] {
        assert_eq!(browser.get(&format!("/sites/{site}/sessions/{id}")).await.status, status);
        assert_eq!(browser.get(&format!("/api/v1/sites/{site}/sessions/{id}/replay")).await.status, status);
        assert_eq!(browser.get(&format!("/api/v1/sites/{site}/heatmap?page=/page")).await.status, status);
    }
    assert_eq!(browser.json(&format!("/api/v1/sites/{other}/sessions")).await["sessions"].as_array().unwrap().len(), 0);
    app.finish().await;
}

#[actix_web::test]
async fn a_url_that_makes_no_sense_is_refused_with_a_reason() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let site = app.site.site_id;
    for query in [
        "heatmap?page=/page&kind=nothing",
        "heatmap?page=/page&device=watch",
        "heatmap?page=/page&from=2026-02-30",
        "heatmap?page=/page&from=2026-03-02&to=2026-03-01",
        "heatmap?page=/page&to=-262143-01-01",
        "heatmap?page=/page&from=%2B262142-12-31",
        "heatmap?page=/page&from=0001-01-01",
        "sessions?before=1",
        "sessions?after=x.y",
        "sessions?before=1.1&after=1.1",
    ] {
        assert_eq!(browser.get(&format!("/sites/{site}/{query}")).await.status, 400, "{query}");
        assert_eq!(browser.get(&format!("/api/v1/sites/{site}/{query}")).await.status, 400, "{query}");
    }
    for cursor in ["before=-6000000000000000.1", "after=-6000000000000000.1", "before=8000000000000000000.1", "after=8000000000000000000.1"]
    {
        let status = browser.get(&format!("/api/v1/sites/{site}/sessions?{cursor}")).await.status;
        assert!(matches!(status, 200 | 400), "{cursor}: {status}");
    }
    app.finish().await;
}
