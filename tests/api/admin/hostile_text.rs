use mousetrail::event::Kind;

use super::browser::{attribute, encode, sign_in};
use crate::app::spawn_app;
use crate::visit::{at, visit_of};

/// What a visitor's page, or an admin in a hurry, may call things.
const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{{7*7}}{%raw%}${7*7}",
    "\u{202e}live\u{202c} עברית العربية",
    "a&amp;b&#60;c&d",
];

/// The text as it has to stand in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

fn assert_shows(page: &str, text: &str, what: &str) {
    assert!(page.contains(&escaped(text)), "{what} doesn't show {text}: {page}");
    assert!(escaped(text) == text || !page.contains(text), "{what} has {text} unescaped");
}

#[actix_web::test]
async fn whatever_a_site_is_called_stands_there_to_the_letter() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    let site = app.site.site_id;
    for text in HOSTILE {
        let answer = browser.submit(&format!("/sites/{site}"), &[("name", text), ("origins", "*")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        for path in [
            "/sites".to_owned(),
            "/sites/new".to_owned(),
            format!("/sites/{site}"),
            format!("/sites/{site}/sessions"),
            format!("/sites/{site}/heatmap"),
        ] {
            let page = browser.read(&path).await;
            assert_shows(&page, text, &path);
        }
        let sites = browser.json("/api/v1/sites").await;
        let named = sites.as_array().unwrap().iter().find(|known| known["site_id"] == site).unwrap();
        assert_eq!(named["name"], text);
        // Refused, it stands in the form as it was typed.
        let refused = browser.submit("/sites", &[("name", text), ("origins", text)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(&escaped(text)) && (escaped(text) == text || !refused.text.contains(text)));
    }
    app.finish().await;
}

#[actix_web::test]
async fn whatever_a_visited_page_is_called_stands_there_to_the_letter() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let site = app.site.site_id;
    for (n, text) in HOSTILE.into_iter().enumerate() {
        // A path ends at the first # or ?.
        let path = format!("/{}", text.replace('#', ""));
        let text = path.trim_start_matches('/');
        let mut visit = visit_of(&format!("visitor {n}")).with([at(0, Kind::Move, 10, 10), at(90, Kind::Click, 10, 10)]);
        visit.page.url = format!("https://shop.example{path}");
        visit.page.title = Some(text.to_owned());
        visit.page.referrer = Some(format!("https://ref.example/{text}"));
        visit.page.language = Some("<b>\"'".to_owned());
        let view = visit.send(&app).await;
        let id = app.count(&format!("select session_id from page_view where page_view_id = {view}")).await;

        let page = browser.read(&format!("/sites/{site}/sessions/{id}")).await;
        assert_shows(&page, text, "replay");
        assert!(page.contains(&escaped(&format!("https://ref.example/{text}"))), "referrer");
        assert!(page.contains("&#60;b&#62;&#34;&#39;") && !page.contains("<b>\"'"), "language");
        let replay = browser.json(&format!("/api/v1/sites/{site}/sessions/{id}/replay")).await;
        assert_eq!((&replay["views"][0]["path"], &replay["views"][0]["title"]), (&path.as_str().into(), &text.into()));

        let page = browser.read(&format!("/sites/{site}/sessions")).await;
        assert_shows(&page, text, "sessions");

        let url = format!("/sites/{site}/heatmap?page={}", encode(&path));
        let page = browser.read(&url).await;
        assert_shows(&page, text, "heatmap");
        // The page's own links lead back to this very path.
        assert_eq!(browser.json(&attribute(&page, "data-url")).await["views"], 1);
        let page = browser.read(&format!("{url}&from=2020-01-01&to=2020-01-02")).await;
        assert_shows(&page, text, "heatmap of days without a view");
    }
    // The first of them was the first that the site received.
    let page = browser.read(&format!("/sites/{site}")).await;
    assert_shows(&page, HOSTILE[0], "setup");
    app.finish().await;
}

#[actix_web::test]
async fn the_address_on_an_error_page_and_in_the_sign_in_form_is_escaped() {
    let app = spawn_app().await;
    let mut browser = super::browser::visit(&app);
    for text in HOSTILE {
        let answer = browser.get(&format!("/{}", encode(text))).await;
        assert!(answer.status == 404 && (escaped(text) == text || !answer.text.contains(text)), "{}", answer.text);
        let answer = browser.sign_in_as(text, "some password").await;
        assert!(answer.text.contains(&escaped(text)) && (escaped(text) == text || !answer.text.contains(text)), "{}", answer.text);
        let page = browser.read(&format!("/signin?next={}", encode(&format!("/{text}")))).await;
        assert!(page.contains(&escaped(&format!("/{text}"))) && (escaped(text) == text || !page.contains(text)), "{page}");
    }
    app.finish().await;
}
