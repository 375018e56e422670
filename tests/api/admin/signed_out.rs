use awc::http::Method;
use serde_json::Value;

use super::browser::{sign_in, visit};
use super::route::{Access, ROUTES, address};
use crate::app::spawn_app;

#[actix_web::test]
async fn nothing_is_shown_or_done_without_a_session() {
    let app = spawn_app().await;
    let before = app.rows("select * from core.site").await;
    for (method, _, path, access) in ROUTES {
        let mut browser = visit(&app);
        // No cookie, one that is no token, and one that is a token of nobody.
        for cookie in [None, Some("mousetrail=nonsense".to_owned()), Some(format!("mousetrail={}", "A".repeat(43)))] {
            browser.cookie = cookie;
            let fields = if *method == "POST" { "name=x&origins=*&email=x&password=x" } else { "" };
            let method: Method = method.parse().unwrap();
            let answer = browser.ask(method.clone(), &address(path, &app), &[("sec-fetch-site", "same-origin")], fields.into()).await;
            match access {
                Access::Public => assert_ne!(answer.status, 401, "{method} {path}"),
                Access::Page => assert!(answer.location().starts_with("/signin"), "{method} {path}: {} {}", answer.status, answer.text),
                Access::Api => {
                    assert_eq!((answer.status, answer.header("content-type")), (401, "application/problem+json"), "{method} {path}");
                    let problem: Value = serde_json::from_str(&answer.text).unwrap();
                    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(401), Some("signed_out")));
                }
            }
        }
    }
    assert_eq!(app.rows("select * from core.site").await, before);
    app.finish().await;
}

#[actix_web::test]
async fn signing_in_comes_back_to_the_page_that_was_asked_for_and_to_no_strangers() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    browser.submit("/signout", &[]).await;
    let answer = browser.get("/sites/2/heatmap?page=/a%26b&kind=click").await;
    let next = "/signin?next=%2Fsites%2F2%2Fheatmap%3Fpage%3D%2Fa%2526b%26kind%3Dclick";
    assert_eq!(answer.location(), next);
    let next = super::browser::attribute(&browser.read(next).await, "name=\"next\" value");
    assert_eq!(next, "/sites/2/heatmap?page=/a%26b&kind=click");
    for (next, to) in [(next.as_str(), next.as_str()), ("//evil.example", "/"), ("https://evil.example", "/")] {
        let fields = [("email", super::browser::EMAIL), ("password", super::browser::PASSWORD), ("next", next)];
        assert_eq!(browser.submit("/signin", &fields).await.location(), to);
    }
    app.finish().await;
}
