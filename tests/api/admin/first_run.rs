use mousetrail::admin::one_time_owner_link;
use mousetrail::store::{Pools, Role, Store};

use super::browser::{EMAIL, PASSWORD, owner_link, sign_in, visit};
use crate::app::spawn_app;

const CLOSED: &str = "This link opens no more";

#[actix_web::test]
async fn the_one_time_link_makes_the_owner_and_opens_only_once() {
    let app = spawn_app().await;
    let link = owner_link(&app).await;
    let mut browser = visit(&app);
    assert!(browser.read("/signin").await.contains("There is no account yet"));
    assert!(browser.read(&link).await.contains("Make the account"));
    assert!(browser.read(&link).await.contains("Make the account"), "looking doesn't use it up");

    let answer = browser.submit(&link, &[("email", " Owner@Example.com "), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/");
    assert_eq!(app.rows("select email, role from core.account").await, [r#"{"email":"owner@example.com","role":"owner"}"#]);
    assert!(browser.read("/sites").await.contains(EMAIL), "and is signed in");

    assert!(visit(&app).read(&link).await.contains(CLOSED));
    let again = visit(&app).submit(&link, &[("email", "thief@example.com"), ("password", PASSWORD)]).await;
    assert!(again.text.contains(CLOSED) && again.set_cookie().is_none());
    assert_eq!(app.count("select count(*) from core.account").await, 1);
    let store = Store::new(&app.server, Pools::default());
    assert_eq!(one_time_owner_link(&store).await.unwrap(), None, "no other one is made");
    app.finish().await;
}

#[actix_web::test]
async fn a_new_start_prints_a_new_link_and_closes_the_old_one() {
    let app = spawn_app().await;
    let (old, new) = (owner_link(&app).await, owner_link(&app).await);
    assert!(visit(&app).read(&old).await.contains(CLOSED));
    assert!(visit(&app).read(&new).await.contains("Make the account"));
    app.execute("update core.one_time_link set expires_at = now() - interval '1 second'").await;
    assert!(visit(&app).read(&new).await.contains(CLOSED), "after three days");
    app.finish().await;
}

#[actix_web::test]
async fn what_can_not_be_an_account_is_said_beside_its_field_and_the_link_stays_open() {
    let app = spawn_app().await;
    let link = owner_link(&app).await;
    for (email, password, words) in [
        ("nobody", PASSWORD, "Enter an email address"),
        ("a@b\0", PASSWORD, "Enter an email address"),
        (EMAIL, "123456789", "at least 10 characters"),
        (EMAIL, &"x".repeat(257), "at most 256 bytes"),
    ] {
        let answer = visit(&app).submit(&link, &[("email", email), ("password", password)]).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{email:?}: {}", answer.text);
    }
    assert!(visit(&app).read(&link).await.contains("Make the account"));
    app.finish().await;
}

#[actix_web::test]
async fn a_new_password_signs_out_everywhere() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let store = Store::new(&app.server, Pools::default());
    let link = mousetrail::admin::link_path(&store.create_link(EMAIL, Role::Owner).await.unwrap().text());
    let mut elsewhere = visit(&app);
    let answer = elsewhere.submit(&link, &[("password", "another good one")]).await;
    assert_eq!(answer.location(), "/");
    assert!(browser.get("/sites").await.location().starts_with("/signin"));
    assert_eq!(visit(&app).sign_in_as(EMAIL, PASSWORD).await.status, 422);
    assert_eq!(visit(&app).sign_in_as(EMAIL, "another good one").await.location(), "/");
    app.finish().await;
}
