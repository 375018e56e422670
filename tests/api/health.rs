use super::app::spawn_app;

#[actix_web::test]
async fn a_collector_is_live_and_ready_and_tells_its_metrics() {
    let app = spawn_app().await;
    for path in ["/health/live", "/health/ready", "/metrics"] {
        let response = awc::Client::new().get(format!("{}{path}", app.url)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn the_snippet_is_served_with_a_validator() {
    let app = spawn_app().await;
    let get = || awc::Client::new().get(format!("{}/mousetrail.js", app.url));
    let first = get().send().await.unwrap();
    assert_eq!(first.status(), 200);
    let tag = first.headers().get("etag").unwrap().clone();
    assert!(tag.to_str().unwrap().starts_with('"'), "a strong one: {tag:?}");
    assert_eq!(first.headers().get("cache-control").unwrap(), "public, max-age=3600");
    let again = get().insert_header(("If-None-Match", tag)).send().await.unwrap();
    assert_eq!(again.status(), 304);
    app.finish().await;
}
