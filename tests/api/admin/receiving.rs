use serde_json::Value;

use super::browser::sign_in;
use crate::app::spawn_app;
use crate::client::{Client, frame_bytes};

#[actix_web::test]
async fn receiving_turns_true_at_the_first_event_and_not_before() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let (api, setup) = (format!("/api/v1/sites/{}/receiving", app.site.site_id), format!("/sites/{}", app.site.site_id));
    let nothing = serde_json::json!({"receiving": false, "first": null});
    assert_eq!(browser.json(&api).await, nothing);
    assert!(browser.read(&setup).await.contains("Waiting for the first event"));

    let (mut client, ..) = Client::welcomed(&app).await;
    assert_eq!(browser.json(&api).await, nothing, "a page was opened, but nothing moved");

    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    let answer = browser.json(&api).await;
    let id = app.count("select session_id from session").await;
    assert_eq!((&answer["receiving"], &answer["first"]["session_id"]), (&true.into(), &id.to_string().into()));
    assert_eq!((&answer["first"]["path"], &answer["first"]["host"]), (&"/page".into(), &"https://shop.example".into()));
    assert_eq!(answer["first"]["events"], Value::from(4));
    assert!(answer["first"]["drawn"].as_str().unwrap().starts_with('M'), "{answer}");
    let page = browser.read(&setup).await;
    assert!(
        page.contains("Watch the first visit")
            && page.contains(&format!("/sessions/{id}"))
            && !page.contains("Waiting for the first event")
    );
    // Nothing of it shows on another site.
    assert_eq!(browser.json("/api/v1/sites/1/receiving").await, nothing);
    app.finish().await;
}
