use mousetrail::event::{ElementBox, Kind};
use serde_json::Value;

use super::{Map, click_on, on};
use crate::admin::browser::{Browser, sign_in};
use crate::app::{TestApp, spawn_app};
use crate::visit::{at, button, visit_of};

async fn people(browser: &Browser, app: &TestApp, query: &str) -> Value {
    browser.json(&format!("/api/v1/sites/{}/heatmap/sessions?page=/page&{query}", app.site.site_id)).await
}

#[actix_web::test]
async fn a_spot_leads_to_the_sessions_that_were_there_and_to_the_second() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let buy = ElementBox { x: 200, y: 600, w: 160, h: 40 };
    // At (400, 400) for 4 s from second 12 on; a click on the button at second 20.
    let mut visit = visit_of("mara")
        .with([
            at(100, Kind::Move, 900, 900),
            at(4_000, Kind::Move, 1_000, 900),
            at(8_000, Kind::Move, 900, 1_000),
            at(12_000, Kind::Move, 400, 400),
            at(16_000, Kind::Move, 402, 400),
            on(19_000, Kind::Move, 210, 610, 1),
        ])
        .with(click_on(20_000, 210, 610, 1));
    visit.elements = vec![button(1, "#buy", buy)];
    let id = visit.send(&app).await;
    // Half a second only.
    visit_of("tom")
        .with([at(7_000, Kind::Move, 400, 404), at(7_500, Kind::Move, 400, 404), at(7_500, Kind::Leave, 400, 404)])
        .send(&app)
        .await;
    visit_of("uwe").with([at(0, Kind::Move, 50, 50), at(900, Kind::Move, 60, 50)]).send(&app).await;

    let found = people(&browser, &app, "kind=movement&x=400&y=402&radius=20").await;
    assert_eq!((&found["total"], found["sessions"].as_array().unwrap().len()), (&2.into(), 2));
    let [mara, tom] = [&found["sessions"][0], &found["sessions"][1]];
    assert_eq!((&mara["page_view_id"], &mara["browser"], &mara["device"]), (&id.as_str().into(), &"Firefox 150".into(), &"desktop".into()));
    let seconds = |session: &Value, name: &str| session[name].as_f64().unwrap() / found["per_unit"].as_f64().unwrap();
    assert!((4.0..4.8).contains(&seconds(mara, "amount")) && (seconds(tom, "amount") - 0.5).abs() < 0.01, "{found}");
    assert_eq!((&mara["at_ms"], &tom["at_ms"]), (&12_000.into(), &7_000.into()));
    let session = mara["session_id"].as_str().unwrap();
    assert_eq!(mara["replay"], format!("/sites/{}/sessions/{session}?t=12000", app.site.site_id));
    assert_eq!(browser.get(mara["replay"].as_str().unwrap()).await.status, 200);

    // Clicks at a spot, and on an element.
    let key = Map::load(&browser, &app, "kind=click").await.id("#buy");
    for place in ["x=210&y=610".to_owned(), format!("element={key}")] {
        let found = people(&browser, &app, &format!("kind=click&{place}")).await;
        assert_eq!(
            (&found["total"], &found["sessions"][0]["at_ms"], &found["sessions"][0]["amount"]),
            (&1.into(), &20_080.into(), &1.into())
        );
        assert_eq!(found["sessions"][0]["session_id"], session);
    }
    // Nobody was here, and what is filtered out was nowhere.
    for nobody in ["kind=movement&x=1300&y=2500", "kind=click&x=210&y=610&browser=Chrome", "kind=click&element=77"] {
        let found = people(&browser, &app, nobody).await;
        assert_eq!((&found["total"], &found["sessions"]), (&0.into(), &serde_json::json!([])), "{nobody}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn the_table_of_elements_can_be_taken_along() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let mut visit = visit_of("mara").with([on(0, Kind::Move, 210, 610, 1)]).with(click_on(1_500, 210, 610, 1));
    visit.elements = vec![button(1, "a[href=\"/x\"], =b", ElementBox { x: 200, y: 600, w: 160, h: 40 })];
    visit.send(&app).await;
    let answer = browser.get(&format!("/api/v1/sites/{}/heatmap/elements.csv?page=/page", app.site.site_id)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(answer.header("content-disposition").contains("elements.csv"));
    let lines: Vec<&str> = answer.text.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("id,element,selector,on_this_map,page_views,attention_s,hovers,"));
    let id = Map::load(&browser, &app, "").await.json["table"][0]["id"].as_i64().unwrap();
    assert!(lines[1].starts_with(&format!("{id},\"button, 4 letters\",\"a[href=\"\"/x\"\"], =b\",true,1,")), "{lines:?}");
    assert!(lines[1].ends_with(",1,1.580,1,1.500,1,0,0,1,1.580") || lines[1].contains(",1,0,"), "{lines:?}");
    app.finish().await;
}
