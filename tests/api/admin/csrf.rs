use awc::http::Method;

use super::browser::sign_in;
use super::route::{ROUTES, address};
use crate::app::spawn_app;

#[actix_web::test]
async fn nothing_is_changed_by_a_page_of_another_origin() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let before = app.rows("select * from core.site").await;
    let mut paths: Vec<_> = ROUTES.iter().map(|(_, _, path, _)| address(path, &app)).collect();
    paths.push("/nowhere".to_owned());
    for path in &paths {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            for headers in [
                &[("sec-fetch-site", "cross-site")][..],
                &[("sec-fetch-site", "same-site")],
                &[("sec-fetch-site", "cross-site"), ("origin", &app.url)],
                &[("origin", "https://evil.example")],
                &[("origin", "null")],
                &[],
            ] {
                let answer = browser.ask(method.clone(), path, headers, "name=Evil&origins=*".into()).await;
                assert_eq!(answer.status, 403, "{method} {path} {headers:?}");
            }
        }
    }
    assert_eq!(app.rows("select * from core.site").await, before);
    assert_eq!(browser.get("/sites").await.status, 200, "nor is anybody signed out");
    app.finish().await;
}

#[actix_web::test]
async fn a_page_of_this_origin_may_change_something() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    for headers in [("sec-fetch-site", "same-origin"), ("origin", app.url.as_str())] {
        let answer = browser.ask(Method::POST, "/sites", &[headers], "name=Mine&origins=*".into()).await;
        assert!(answer.location().starts_with("/sites/"), "{headers:?}: {} {}", answer.status, answer.text);
    }
    app.finish().await;
}

#[actix_web::test]
async fn reading_is_open_to_links_from_anywhere() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let answer = browser.ask(Method::GET, "/sites", &[("sec-fetch-site", "cross-site")], String::new()).await;
    assert_eq!(answer.status, 200);
    app.finish().await;
}
