use std::io::Read;

use base64::prelude::{BASE64_STANDARD, Engine};
use mousetrail::config::Settings;
use sha2::{Digest, Sha256, Sha384};

use super::browser::sign_in;
use crate::app::{TestApp, new_database, settings, spawn_app, spawn_app_with};

/// The script tag on the setup page, as somebody would copy it.
async fn tag(app: &TestApp) -> String {
    copied(app, "tag").await
}

async fn copied(app: &TestApp, id: &str) -> String {
    let page = sign_in(app).await.read(&format!("/sites/{}", app.site.site_id)).await;
    let code = page.split_once(&format!("id=\"{id}\">")).unwrap().1.split_once("</code>").unwrap().0;
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

#[actix_web::test]
async fn the_tag_of_a_version_names_bytes_that_are_served_for_ever() {
    let settings = Settings { script_path: "/t/a.js".into(), ..settings() };
    let app = spawn_app_with(new_database().await, &settings).await;
    let tag = copied(&app, "pinned").await;
    let attribute = |name: &str| tag.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0.to_owned();
    assert_eq!((attribute("crossorigin"), attribute("data-site")), ("anonymous".to_owned(), "k_test".to_owned()));
    let url = attribute("src");
    for accepts in ["identity", "gzip"] {
        let mut response = awc::Client::new().get(&url).no_decompress().insert_header(("Accept-Encoding", accepts)).send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("Cache-Control").as_deref(), Some("public, max-age=31536000, immutable"));
        assert_eq!(header("Access-Control-Allow-Origin").as_deref(), Some("*"));
        let is_packed = header("Content-Encoding").is_some();
        assert_eq!(is_packed, accepts == "gzip");
        let mut bytes = response.body().await.unwrap().to_vec();
        if is_packed {
            let packed = std::mem::take(&mut bytes);
            flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        }
        assert_eq!(attribute("integrity"), format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(&bytes))));
        let hash: String = Sha256::digest(&bytes)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(url, format!("{}/t/a-{}-{hash}.js", app.url, env!("CARGO_PKG_VERSION")));
    }
    for other in ["/t/a-0.0.9-0123456789ab.js", &format!("/t/a-{}.js", env!("CARGO_PKG_VERSION"))] {
        let mut response = awc::Client::new().get(format!("{}{other}", app.url)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers().get("Cache-Control").unwrap().to_str().unwrap()), (404, "no-store"));
        let text = String::from_utf8(response.body().await.unwrap().to_vec()).unwrap();
        assert!(text.contains("setup page"), "{text}");
    }
    app.finish().await;
}
