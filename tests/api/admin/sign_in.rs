use mousetrail::store::{Pools, Role, Store};

use super::browser::{EMAIL, PASSWORD, sign_in, visit};
use crate::app::{new_database, settings, spawn_app, spawn_app_with};

const MISMATCH: &str = "That email and password don’t match.";

#[actix_web::test]
async fn the_right_password_opens_and_a_wrong_one_gets_the_same_words_as_an_unknown_address() {
    let app = spawn_app().await;
    sign_in(&app).await;
    let mut browser = visit(&app);
    let mut pages = Vec::new();
    for (email, password) in [(EMAIL, "wrong password"), ("nobody@example.com", PASSWORD), ("\0@example.com", PASSWORD), (EMAIL, "")] {
        let answer = browser.sign_in_as(email, password).await;
        assert!(answer.status == 422 && answer.set_cookie().is_none(), "{email:?}: {} {}", answer.status, answer.text);
        pages.push(answer.text.replace("value=\"nobody@", "value=\"owner@").replace("value=\"\0@", "value=\"owner@"));
    }
    assert!(pages[0].contains("don’t match") && pages.iter().all(|page| *page == pages[0]), "{MISMATCH} and nothing else: {pages:?}");
    assert_eq!(browser.sign_in_as(&format!("  {} ", EMAIL.to_uppercase()), PASSWORD).await.location(), "/");
    assert_eq!(browser.get("/sites").await.status, 200);
    app.finish().await;
}

#[actix_web::test]
async fn after_many_tries_even_the_right_password_has_to_wait_but_other_accounts_do_not() {
    let app = spawn_app().await;
    sign_in(&app).await;
    let mut browser = visit(&app);
    for _ in 0..5 {
        assert!(browser.sign_in_as(EMAIL, "wrong password").await.text.contains("don’t match"));
    }
    let answer = browser.sign_in_as(EMAIL, PASSWORD).await;
    assert!(answer.status == 422 && answer.text.contains("Too many tries") && answer.set_cookie().is_none(), "{}", answer.text);
    assert!(browser.sign_in_as("other@example.com", PASSWORD).await.text.contains("don’t match"));
    app.finish().await;
}

#[actix_web::test]
async fn signing_out_makes_the_cookie_worthless() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    let thief = browser.clone();
    let other = {
        let mut other = visit(&app);
        other.sign_in_as(EMAIL, PASSWORD).await;
        other
    };
    assert_eq!(thief.get("/sites").await.status, 200);
    let answer = browser.submit("/signout", &[]).await;
    assert_eq!(answer.location(), "/signin");
    assert!(answer.set_cookie().unwrap().contains("Max-Age=0"), "{answer:?}");
    assert_eq!(browser.cookie, None);
    assert_eq!(thief.get("/sites").await.location(), "/signin?next=%2Fsites");
    assert_eq!(other.get("/sites").await.status, 200, "another browser stays signed in");
    app.finish().await;
}

#[actix_web::test]
async fn a_session_ends_after_seven_days_and_after_half_a_day_without_a_request() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    for ended in ["expires_at = now() - interval '1 second'", "last_seen_at = now() - interval '12 hours 1 second'"] {
        app.execute("update core.login_session set expires_at = now() + interval '7 days', last_seen_at = now()").await;
        assert_eq!(browser.get("/sites").await.status, 200);
        app.execute(&format!("update core.login_session set {ended}")).await;
        assert!(browser.get("/sites").await.location().starts_with("/signin"), "{ended}");
    }
    app.execute("update core.login_session set expires_at = now() + interval '7 days', last_seen_at = now()").await;
    app.execute("update core.account set disabled_at = now()").await;
    assert!(browser.get("/sites").await.location().starts_with("/signin"), "a disabled account");
    app.finish().await;
}

#[actix_web::test]
async fn the_cookie_is_for_http_only_and_over_https_for_this_host_only() {
    for (public_url, name, is_secure) in [(None, "mousetrail=", false), (Some("https://mouse.example"), "__Host-mousetrail=", true)] {
        let settings = mousetrail::config::Settings { public_url: public_url.map(Into::into), ..settings() };
        let app = spawn_app_with(new_database().await, &settings).await;
        let browser = sign_in(&app).await;
        let answer = visit(&app).sign_in_as(EMAIL, PASSWORD).await;
        let cookie = answer.set_cookie().unwrap();
        assert!(cookie.starts_with(name), "{cookie}");
        let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
        for wanted in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(attributes.contains(&wanted), "{cookie}");
        }
        assert_eq!(attributes.contains(&"Secure"), is_secure, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        // Postgres knows the hash only.
        let token = browser.cookie.unwrap();
        let stored = app.rows("select * from core.login_session").await.join("");
        assert!(!stored.contains(token.split_once('=').unwrap().1));
        app.finish().await;
    }
}

#[actix_web::test]
async fn a_viewer_looks_and_changes_nothing() {
    let app = spawn_app().await;
    sign_in(&app).await;
    let store = Store::new(&app.server, Pools::default());
    let link = mousetrail::admin::link_path(&store.create_link("viewer@example.com", Role::Viewer).await.unwrap().text());
    let mut viewer = visit(&app);
    viewer.submit(&link, &[("password", PASSWORD)]).await;
    assert!(!viewer.read("/sites").await.contains("/sites/new"));
    assert!(!viewer.read(&format!("/sites/{}", app.site.site_id)).await.contains("Save changes"));
    assert_eq!(viewer.get("/sites/new").await.status, 403);
    let fields = [("name", "Mine"), ("origins", "*")];
    assert_eq!(viewer.submit("/sites", &fields).await.status, 403);
    assert_eq!(viewer.submit(&format!("/sites/{}", app.site.site_id), &fields).await.status, 403);
    assert_eq!(app.count("select count(*) from core.site where name = 'Mine'").await, 0);
    app.finish().await;
}
