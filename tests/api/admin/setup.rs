use mousetrail::config::Settings;

use super::browser::sign_in;
use crate::app::{TestApp, new_database, settings, spawn_app, spawn_app_with};

/// The script tag on the setup page, as somebody would copy it.
async fn tag(app: &TestApp) -> String {
    let page = sign_in(app).await.read(&format!("/sites/{}", app.site.site_id)).await;
    let code = page.split_once("id=\"tag\">").unwrap().1.split_once("</code>").unwrap().0;
    let text: String = code.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", "\"").replace("&#38;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[actix_web::test]
async fn a_new_site_leads_to_its_tag() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    assert!(browser.read("/sites/new").await.contains("Create the site"));
    let answer =
        browser.submit("/sites", &[("name", "Shop"), ("origins", "https://A.example/, https://b.example:443\r\nhttps://a.example")]).await;
    let path = answer.location().to_owned();
    let page = browser.read(&path).await;
    let key = app.rows("select public_key, origins from core.site where name = 'Shop'").await;
    assert!(key[0].contains(r#"["https://a.example","https://b.example"]"#), "{key:?}");
    let key = key[0].split('"').nth(3).unwrap().to_owned();
    assert!(key.starts_with("mt_") && page.contains(&key), "{page}");
    let answer = browser.submit(&path, &[("name", "Other"), ("origins", "nonsense")]).await;
    assert!(answer.status == 422 && answer.text.contains("“nonsense” is not an origin"), "{}", answer.text);
    app.finish().await;
}

#[actix_web::test]
async fn the_tag_names_the_script_and_a_collector_that_the_script_would_not_find() {
    let renamed = |script: &str, base: &str| Settings {
        public_url: Some("https://mouse.example/m".into()),
        script_path: script.into(),
        ingest_path: base.into(),
        ..settings()
    };
    for (settings, attributes) in [
        (renamed("/mousetrail.js", "/v1"), "src=\"https://mouse.example/m/mousetrail.js\" data-site=\"k_test\""),
        (renamed("/t/a.js", "/t/v1"), "src=\"https://mouse.example/m/t/a.js\" data-site=\"k_test\""),
        (
            renamed("/t/a.js", "/b"),
            "src=\"https://mouse.example/m/t/a.js\" data-site=\"k_test\" data-collector=\"https://mouse.example/m/b\"",
        ),
    ] {
        let app = spawn_app_with(new_database().await, &settings).await;
        assert_eq!(tag(&app).await, format!("<script defer {attributes}></script>"));
        app.finish().await;
    }
}
