use chrono::{Days, Utc};
use mousetrail::event::{Device, Kind, Template};
use mousetrail::jobs::learn_width;
use mousetrail::query;
use mousetrail::store::{Pools, Store};

use crate::admin::browser::{Browser, sign_in};
use crate::app::{TestApp, spawn_app};
use crate::visit::{at, visit_of};

/// Page views of these paths and widths, written directly: so many visits would take long.
async fn view(app: &TestApp, paths: &str, widths: &str) {
    visit_of("mara").with([at(0, Kind::Move, 10, 10)]).send(app).await;
    let site = app.site.site_id;
    app.execute(&format!(
        "insert into core.page (site_id, path) select {site}, path from ({paths}) p(path) on conflict do nothing;
         insert into core.page_view (page_view_id, day, site_id, session_id, page_id, nonce_hash, host, started_at, events, device,
                                     viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y)
         select ((current_date - date '2020-01-01')::bigint << 48) + row_number() over (), current_date, {site},
                (select min(session_id) from core.session), page_id, '', 'https://shop.example', now(), 3, 0, width, 900, 1440, 3000, 0, 0
         from core.page, (select unnest from unnest({widths}::int[])) w(width) where path <> '/page'"
    ))
    .await;
}

fn pages(app: &TestApp) -> String {
    format!("/sites/{}/pages", app.site.site_id)
}

async fn change(browser: &mut Browser, app: &TestApp, action: &str, template: &str) {
    let answer = browser.submit(&pages(app), &[("action", action), ("template", template)]).await;
    assert_eq!(answer.location(), pages(app), "{}", answer.text);
}

/// Names, paths and views of a list in the JSON.
fn list(json: &serde_json::Value, list: &str) -> Vec<(String, i64, i64)> {
    let name = |page: &serde_json::Value| page["name"].as_str().or(page["template"].as_str()).unwrap().to_owned();
    json[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| (name(page), page["paths"].as_i64().unwrap(), page["views"].as_i64().unwrap()))
        .collect()
}

fn template(text: &str) -> Template {
    Template::parse(text).unwrap()
}

#[actix_web::test]
async fn a_proposal_folds_nothing_until_it_is_accepted_and_is_gone_once_dismissed() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    view(
        &app,
        "select '/product/' || i from generate_series(1, 9) i union all select '/blog/a-' || i || '99' from generate_series(1, 6) i",
        "'{390, 1440}'",
    )
    .await;
    let api = format!("/api/v1{}", pages(&app));
    let before = browser.json(&api).await;
    assert_eq!(list(&before, "proposals"), [("/product/:id".into(), 9, 18), ("/blog/:id".into(), 6, 12)]);
    assert_eq!((list(&before, "rules"), before["page_count"].as_i64(), before["path_count"].as_i64()), (vec![], Some(16), Some(16)));
    assert_eq!(before["proposals"][0]["examples"].as_array().unwrap().len(), 5);
    let page = browser.read(&pages(&app)).await;
    assert!(page.contains("/product/:id") && page.contains("9 paths, 18 views") && page.contains("Dismiss /blog/:id"), "{page}");

    change(&mut browser, &app, "add", "/product/:id").await;
    change(&mut browser, &app, "dismiss", "/blog/:id").await;
    let after = browser.json(&api).await;
    assert_eq!(list(&after, "rules"), [("/product/:id".into(), 9, 18)]);
    assert_eq!((list(&after, "proposals"), after["page_count"].as_i64()), (vec![], Some(8)));
    assert_eq!(list(&after, "pages")[0], ("/product/:id".into(), 9, 18));

    // Whoever wants it after all adds it by hand; whoever removes it sees it proposed again.
    change(&mut browser, &app, "add", "/blog/:id").await;
    change(&mut browser, &app, "remove", "/blog/:id/").await;
    let again = browser.json(&api).await;
    assert_eq!((list(&again, "proposals"), list(&again, "rules").len()), (vec![("/blog/:id".into(), 6, 12)], 1));
    app.finish().await;
}

#[actix_web::test]
async fn of_several_templates_the_one_that_says_most_has_the_page() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    view(
        &app,
        "values ('/product/1'), ('/product/2'), ('/product/2/'), ('/product/new'), ('/product/1/reviews'), ('/production'), ('/')",
        "'{1440}'",
    )
    .await;
    for rule in ["/product/*", "/product/:id", "/product/new"] {
        change(&mut browser, &app, "add", rule).await;
        change(&mut browser, &app, "add", rule).await;
    }
    let store = Store::new(&app.server, Pools::default());
    for (text, paths) in [
        ("/product/:id", &["/product/1", "/product/2", "/product/2/"][..]),
        ("/product/*", &["/product/1/reviews"]),
        ("/product/new", &["/product/new"]),
        ("/:any/:id", &[]),
        ("/:any", &["/page", "/production"]),
        ("/", &["/"]),
    ] {
        let found = query::matching_paths(&store.admin, app.site.site_id, &template(text)).await.unwrap();
        assert_eq!(found.own, paths, "{text}");
        assert_eq!(query::page_ids(&store.admin, app.site.site_id, &template(text)).await.unwrap().len(), paths.len());
    }
    let of =
        async |path: &str| query::template_of(&store.admin, app.site.site_id, path).await.unwrap().map(|template| template.to_string());
    assert_eq!((of("/product/77").await.as_deref(), of("/help").await), (Some("/product/:id"), None));
    let days = (Utc::now().date_naive() - Days::new(1), Utc::now().date_naive());
    let folded = query::folded_pages(&store.admin, app.site.site_id, Some(Device::Desktop), days, false, 2).await.unwrap();
    assert_eq!(folded.iter().map(|page| (page.name.as_str(), page.views)).collect::<Vec<_>>(), [("/product/:id", 3), ("/", 1)]);
    assert!(query::folded_pages(&store.admin, app.site.site_id, Some(Device::Phone), days, false, 2).await.unwrap().is_empty());
    store.close().await;
    app.finish().await;
}

#[actix_web::test]
async fn postgres_and_the_program_agree_on_what_a_template_matches() {
    let app = spawn_app().await;
    let paths =
        ["/", "//", "/a", "/a/", "/a//", "/a/b", "/a/b/", "/a/b/c", "/a.b", "/axb", "/a+(b)[c]{d}^$|\\é/1", "/é", "/ä/é", "/A", "", "a/b"];
    for text in ["/", "/a", "/:x", "/*", "/a/*", "/a/:b", "/:x/:y", "/a.b", "/a+(b)[c]{d}^$|\\é/:id", "/é", "/:x/é"] {
        let template = template(text);
        for path in paths {
            let literal = |text: &str| text.replace('\'', "''");
            let sql = format!("select ('{}' ~ '{}')::text", literal(path), literal(&template.regex()));
            assert_eq!(app.texts(&sql).await, [template.matches(path).to_string()], "{text} {path}");
        }
    }
    app.finish().await;
}

#[actix_web::test]
async fn what_a_template_would_match_is_told_before_it_is_added() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    view(&app, "select '/product/' || i from generate_series(1, 30) i", "'{1440}'").await;
    change(&mut browser, &app, "add", "/product/7").await;
    let api = format!("/api/v1{}/match?template=", pages(&app));
    let found = browser.json(&format!("{api}/product/:id/")).await;
    assert_eq!((found["template"].as_str(), found["paths"].as_i64(), found["others"].as_i64()), (Some("/product/:id"), Some(29), Some(1)));
    assert_eq!((found["examples"].as_array().unwrap().len(), found["problem"].as_str()), (8, None));
    let wrong = browser.json(&format!("{api}/search%3Fq")).await;
    assert!(wrong["problem"].as_str().unwrap().contains("path alone"), "{wrong}");
    // The same without a script.
    let page = browser.read(&format!("{}?template=/product/:id", pages(&app))).await;
    assert!(page.contains("29 paths; 1 path more where another template says more"), "{page}");
    let answer = browser.submit(&pages(&app), &[("action", "add"), ("template", "<b>/x")]).await;
    assert!(answer.status == 422 && answer.text.contains("begins with a slash") && !answer.text.contains("<b>/x"), "{}", answer.text);
    for fields in [&[("action", "burn"), ("template", "/a")][..], &[("template", "/a")]] {
        assert_eq!(browser.submit(&pages(&app), fields).await.status, 400);
    }
    app.finish().await;
}

#[actix_web::test]
async fn widths_are_learnt_from_enough_page_views_unless_a_person_has_set_them() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    let (site, today) = (app.site.site_id, Utc::now().date_naive());
    let store = Store::new(&app.server, Pools::default());
    view(&app, "select '/p/' || i from generate_series(1, 30) i", "'{390, 390, 430, 820, 1440, 1920}'").await;
    let api = format!("/api/v1{}", pages(&app));
    let widths = async |browser: &Browser| browser.json(&api).await["width"].clone();
    assert_eq!(widths(&browser).await["origin"], "default");
    assert!(!learn_width(&store, site, today).await.unwrap(), "180 page views are too few");
    app.execute("update core.page_view set page_view_id = page_view_id + 100000 where day = current_date").await;
    view(
        &app,
        "values ('/q')",
        "'{390, 390, 430, 820, 1440, 1920, 390, 390, 430, 820, 1440, 1920, 390, 1440, 390, 390, 390, 390, 1920, 1920}'",
    )
    .await;
    assert!(learn_width(&store, site, today).await.unwrap());
    let learnt = widths(&browser).await;
    assert_eq!(learnt["origin"], "learnt");
    let classes = learnt["classes"].as_array().unwrap();
    let views: i64 = classes.iter().map(|class| class["views"].as_i64().unwrap()).sum();
    assert!(views > 200 && classes[0]["from"] == 0 && classes.last().unwrap()["to"].is_null(), "{learnt}");
    let class_of = |width: i64| classes.iter().position(|class| class["to"].as_i64().is_none_or(|to| width <= to)).unwrap();
    assert!(class_of(390) == class_of(430) && class_of(430) < class_of(820) && class_of(820) < class_of(1_440), "{learnt}");

    let form = format!("{}/widths", pages(&app));
    let answer = browser.submit(&form, &[("action", "set"), ("widths", "600px, 1000")]).await;
    assert_eq!(answer.location(), pages(&app));
    assert!(!learn_width(&store, site, today).await.unwrap(), "a person's stay");
    store.learn_breakpoints(site, &[480]).await.unwrap();
    let set = widths(&browser).await;
    assert_eq!((set["origin"].as_str(), set["breakpoints"].to_string()), (Some("set"), "[600,1000]".to_owned()));
    let answer = browser.submit(&form, &[("action", "set"), ("widths", "1000 600")]).await;
    assert!(
        answer.status == 422 && answer.text.contains("larger than the one before") && answer.text.contains("1000 600"),
        "{}",
        answer.text
    );
    assert_eq!(browser.submit(&form, &[("action", "learn")]).await.location(), pages(&app));
    assert_eq!(widths(&browser).await, learnt);
    store.close().await;
    app.finish().await;
}

#[actix_web::test]
async fn who_may_not_change_sites_sees_the_page_and_changes_nothing() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    app.execute("update core.account set role = 'viewer'").await;
    let page = browser.read(&pages(&app)).await;
    assert!(!page.contains("method=\"post\" action=\"/sites/"), "{page}");
    for path in [pages(&app), format!("{}/widths", pages(&app))] {
        assert_eq!(browser.submit(&path, &[("action", "add"), ("template", "/a")]).await.status, 403);
    }
    assert_eq!(app.count("select count(*) from core.page_rule").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn twenty_thousand_paths_are_folded_at_once() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    let paths = "select '/product/' || i from generate_series(1, 15000) i union all select '/user/' || i || '/orders' from generate_series(1, 5000) i";
    view(&app, paths, "'{390, 1440}'").await;
    change(&mut browser, &app, "add", "/product/:id").await;
    let store = Store::new(&app.server, Pools::default());
    let began = std::time::Instant::now();
    assert_eq!(query::page_ids(&store.admin, app.site.site_id, &template("/product/:id")).await.unwrap().len(), 15_000);
    let ids = began.elapsed();
    let days = (Utc::now().date_naive(), Utc::now().date_naive());
    let folded = query::folded_pages(&store.admin, app.site.site_id, None, days, false, 200).await.unwrap();
    assert_eq!((folded[0].views, folded.len()), (30_000, 200));
    let list = began.elapsed() - ids;
    let json = browser.json(&format!("/api/v1{}", pages(&app))).await;
    assert_eq!(json["proposals"][0]["template"], "/user/:id/orders");
    println!("page ids {ids:?}, list {list:?}, overview {:?}", began.elapsed() - ids - list);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    store.close().await;
    app.finish().await;
}
