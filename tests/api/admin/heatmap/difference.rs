use mousetrail::event::Kind;

use crate::admin::browser::sign_in;
use crate::app::spawn_app;
use crate::visit::{at, visit_of};

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

#[actix_web::test]
async fn two_segments_differ_where_they_differ_and_one_does_not_differ_from_itself() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    for n in 0..24 {
        // All click at one place; those with Firefox on the left as well, those with Chrome on the right.
        let x = if n % 2 == 0 { 100 } else { 1_300 };
        for m in 0..2 {
            let mut visit = visit_of(&format!("visitor {n} {m}")).with([at(500, Kind::Click, 700, 500), at(2_000, Kind::Click, x, 1_000)]);
            if n % 2 == 1 {
                visit.user_agent = CHROME;
            }
            visit.send(&app).await;
        }
    }
    let ask = |query: &str| {
        let path = format!("/api/v1/sites/{}/heatmap/difference?page=/page&kind=click&{query}", app.site.site_id);
        let browser = &browser;
        async move { browser.json(&path).await }
    };
    let itself = ask("").await;
    assert_eq!((&itself["at"], &itself["difference"], &itself["blank"]), (&serde_json::json!([]), &serde_json::json!([]), &3.into()));
    assert_eq!((&itself["a"]["sessions"], &itself["b"]["sessions"]), (&48.into(), &48.into()));

    let answer = ask("browser=Firefox&b_browser=Chrome").await;
    assert_eq!((&answer["a"]["sessions"], &answer["b"]["sessions"], &answer["blank"]), (&24.into(), &24.into(), &1.into()));
    let columns = answer["columns"].as_u64().unwrap();
    let row = 1_000 / 32 * columns;
    assert_eq!(answer["at"], serde_json::json!([row + 100 / 32, 1_300 / 32 - 100 / 32]));
    // A click of each session is a hundred clicks a hundred sessions.
    assert_eq!(answer["difference"], serde_json::json!([-100.0, 100.0]));
    // Too few to say anything: 24 and none.
    let few = ask("browser=Firefox&b_browser=Edge").await;
    assert_eq!((&few["b"]["sessions"], &few["at"]), (&0.into(), &serde_json::json!([])));
    app.finish().await;
}
