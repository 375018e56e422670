//! A key that the tab keeps makes its page loads one session.

use mousetrail::event::SessionKey;

use super::app::{TestApp, spawn_app};
use super::client::{Client, Heard, new_page_with};
use super::visit::visit_of;

async fn open(app: &TestApp, nonce: u8, key: Option<u8>) {
    let mut client = Client::connect(app).await;
    client.hello(&app.site.key, vec![new_page_with(0, nonce, |page| page.session = key.map(|key| SessionKey([key; 16])))]).await;
    let Heard::Message(mousetrail::wire::ServerMessage::Welcome { .. }) = client.hear().await else { panic!("no welcome") };
}

async fn page_views(app: &TestApp) -> Vec<String> {
    app.texts("select page_views::text from session order by page_views, session_id").await
}

#[actix_web::test]
async fn two_tabs_of_one_visitor_are_two_sessions_and_each_keeps_its_page_views() {
    let app = spawn_app().await;
    for (nonce, key) in [(1, Some(1)), (2, Some(2)), (3, Some(1)), (4, None), (5, Some(1)), (6, None)] {
        open(&app, nonce, key).await;
    }
    assert_eq!(page_views(&app).await, ["1", "2", "3"]);
    app.finish().await;
}

#[actix_web::test]
async fn a_key_holds_for_a_day_over_pauses_and_changes_of_the_visitor() {
    let app = spawn_app().await;
    let visit = |visitor: &str| {
        let mut visit = visit_of(visitor);
        visit.page.session = Some(SessionKey([7; 16]));
        visit
    };
    let mut first = visit("mara in the train");
    first.began_at -= chrono::TimeDelta::hours(23);
    first.send(&app).await;
    visit("mara at home").send(&app).await;
    assert_eq!(page_views(&app).await, ["2"]);
    app.execute("update core.session set started_at = started_at - interval '2 h'").await;
    visit("mara at home").send(&app).await;
    assert_eq!(page_views(&app).await, ["1", "2"]);
    // The key itself is nowhere.
    assert_eq!(app.count("select count(*) from core.session where key_hash = decode(repeat('07', 16), 'hex')").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn a_key_of_another_length_is_an_error() {
    let app = spawn_app().await;
    let mut client = Client::connect(&app).await;
    client
        .say(&format!(
            r#"{{"type":"hello","v":1,"site":"{}","pages":[{{"n":0,"nonce":"AAECAwQFBgcICQoLDA0ODw","session":"AAEC","age_ms":0,"url":"/","viewport":[1,1],"document":[1,1]}}]}}"#,
            app.site.key
        ))
        .await;
    assert_eq!(client.hear().await, Heard::Close(1002));
    app.finish().await;
}
