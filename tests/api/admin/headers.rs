use awc::http::Method;

use super::browser::{Answer, sign_in, visit};
use super::route::{ROUTES, address};
use crate::app::spawn_app;

fn assert_guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    let directives: Vec<_> = policy.split("; ").collect();
    for wanted in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"]
    {
        assert!(directives.contains(&wanted), "{what}: {policy:?}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{what}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
    let cache = answer.header("cache-control");
    let may_be_kept = what.contains("/assets/") && matches!(answer.status, 200 | 304);
    assert!(if may_be_kept { !cache.is_empty() } else { cache == "no-store" }, "{what}: {cache}");
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let app = spawn_app().await;
    let signed_in = sign_in(&app).await;
    let mut paths: Vec<_> = ROUTES.iter().map(|(_, _, path, _)| address(path, &app)).collect();
    paths.extend(
        ["/nowhere", "/api/v1/nowhere", "/assets/nothing.js", "/sites/999999", "/sites/x", "/api/v1/sites/1/heatmap?from=x"]
            .map(Into::into),
    );
    for browser in [visit(&app), signed_in] {
        for path in &paths {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT] {
                for site in ["same-origin", "cross-site"] {
                    if path == "/signout" && site == "same-origin" {
                        continue;
                    }
                    let answer = browser.ask(method.clone(), path, &[("sec-fetch-site", site)], String::new()).await;
                    assert_guarded(&answer, &format!("{method} {path} {}", answer.status));
                }
            }
        }
    }
    app.finish().await;
}

#[actix_web::test]
async fn head_is_answered_like_get_without_a_body() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    for (method, _, path, _) in ROUTES {
        let path = address(path, &app);
        if *method != "GET" {
            continue;
        }
        let get = browser.get(&path).await;
        let head = browser.ask(Method::HEAD, &path, &[], String::new()).await;
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert_eq!(head.text, "", "{path}");
    }
    for path in ["/health/live", "/mousetrail.js", "/demo", "/nowhere"] {
        let (get, head) = (browser.get(path).await, browser.ask(Method::HEAD, path, &[], String::new()).await);
        assert_eq!(head.status, get.status, "{path}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn assets_are_kept_for_ever_under_their_version_and_asked_for_again_without_it() {
    let app = spawn_app().await;
    let browser = visit(&app);
    let page = browser.read("/signin").await;
    let versioned = super::browser::attribute(&page, "rel=\"stylesheet\" href");
    assert!(versioned.starts_with("/assets/mousetrail.css?v="), "{versioned}");
    let answer = browser.get(&versioned).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(answer.header("cache-control").contains("immutable"));
    for path in ["/assets/mousetrail.css", "/assets/mousetrail.css?v=0000000000000000"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        let again = browser.ask(Method::GET, path, &[("if-none-match", answer.header("etag"))], String::new()).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
    }
    app.finish().await;
}
