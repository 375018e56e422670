use serde_json::Value;

use crate::admin::browser::sign_in;
use crate::app::spawn_app;
use crate::visit::visit_of;

#[actix_web::test]
async fn what_makes_no_sense_is_refused_with_what_would() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    visit_of("mara").send(&app).await;
    let base = format!("/api/v1/sites/{}/heatmap", app.site.site_id);
    for (query, word) in [
        ("?kind=click", "needs a page"),
        ("?page=/page&template=/a", "leave one"),
        ("?template=product", "/product/:id"),
        ("?page=/page&kind=anger", "hesitation"),
        ("?page=/page&device=watch", "tablet"),
        ("?page=/page&pointer=nose", "pen"),
        ("?page=/page&width=1000-1100", "class of widths"),
        ("?page=/page&overlay=dialog", "id"),
        ("?page=/page&from=today", "2026-11-24"),
        ("?page=/page&from=2026-03-02&to=2026-03-01", "after"),
        ("?page=/page&viewport=wide", "1000-1400"),
        ("?page=/page&country=Germany", "two letters"),
        ("?page=/page&referrer=https://a.example/", "host"),
        ("?page=/page&tag=:x", "name:value"),
        ("?page=/page&visits=old", "returning"),
        ("?page=/page&clicked=x", "id"),
        ("?page=/page&converted=thanks", "/thanks"),
        ("?page=/page&suspect=yes", "1 or left out"),
        ("?page=/page&browser=a%00b", "zero"),
        ("/sessions?page=/page", "x and y"),
        ("/sessions?page=/page&x=1&y=2&element=3", "one of the two"),
        ("/sessions?page=/page&x=-1&y=2", "CSS px"),
        ("/sessions?page=/page&x=1&y=2&radius=9999", "500"),
        ("/difference?page=/page&b_visits=old", "returning"),
        ("/difference?page=/page&b_converted=thanks", "/thanks"),
        ("/elements.csv?page=/page&visits=old", "returning"),
        (".png?page=/page&palette=rainbow", "viridis"),
        (".png?page=/page&scale=square", "percentile"),
        (".png?page=/page&opacity=101", "percent"),
        (".png?page=/page&smooth=-1", "px"),
    ] {
        let answer = browser.get(&format!("{base}{query}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{query}");
        let problem: Value = serde_json::from_str(&answer.text).unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(word), "{query}: {problem}");
    }
    for path in ["", ".png", "/elements.csv", "/difference"] {
        assert_eq!(browser.get(&format!("{base}{path}?page=/never")).await.status, 404, "{path}");
    }
    app.finish().await;
}
