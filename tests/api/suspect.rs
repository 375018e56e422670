//! Visits that are probably no person's: how they are known, and that they are left out and can be removed.

use chrono::TimeDelta;
use mousetrail::app::Application;
use mousetrail::clock::Clock;
use mousetrail::event::{Frame, Kind, PointerEvent};
use mousetrail::store::{PgRole, Role, Store};
use mousetrail::wire::{Page, ServerMessage, encode_frame};

use super::admin::browser::{Browser, PASSWORD, sign_in, visit};
use super::app::{ORIGIN, TestApp, add_site, new_database, settings, spawn_app};
use super::client::{Client, Heard, frame, frame_bytes, new_page_with};
use super::visit::{at, visit_of};

/// What Chromium sends with a WebSocket, as `tests/browser` sees it.
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const HEADLESS: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36";
const BROWSER: [(&str, &str); 4] = [
    ("user-agent", CHROME),
    ("accept-language", "en-US,en;q=0.9"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits"),
];

/// A collector that believes X-Forwarded-For, and its clock.
async fn spawn() -> (TestApp, Clock) {
    let (server, clock) = (new_database().await, Clock::system());
    let mut settings = settings();
    settings.trusted_proxies = mousetrail::config::Proxies::parse(["127.0.0.0/8"]).unwrap();
    mousetrail::telemetry::init(false);
    let application = Application::on(server.clone(), None, &settings, clock.clone()).await.unwrap();
    let url = format!("http://127.0.0.1:{}", application.port());
    let site = add_site(&server, "k_test", &[ORIGIN]).await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(application.run_until_stopped(async move {
        let _ = stopped.await;
    }));
    (TestApp::from_parts(server, url, site, stop, running), clock)
}

async fn connect(app: &TestApp, from: &str, headers: &[(&str, &str)]) -> Client {
    let mut request = awc::Client::new().ws(format!("{}/v1/socket", app.url)).origin(ORIGIN).protocols(["mousetrail.v1"]);
    for (name, value) in headers.iter().copied().chain([("x-forwarded-for", from)]) {
        request = request.set_header(name, value);
    }
    let (_, socket) = request.connect().await.unwrap();
    Client::on(socket)
}

/// A page view that nobody else has, in a window of this width.
fn page(n: u16, width: u32) -> Page {
    new_page_with(n, 0, |page| {
        page.nonce = mousetrail::event::Nonce(rand::random());
        page.viewport[0] = f64::from(width);
    })
}

/// Begins a page view for each width, and sends a frame for each.
async fn begin(app: &TestApp, from: &str, headers: &[(&str, &str)], widths: impl IntoIterator<Item = u32>) -> Client {
    let mut client = connect(app, from, headers).await;
    client.hello(&app.site.key, Vec::new()).await;
    for (n, width) in widths.into_iter().enumerate() {
        let page = serde_json::to_value(page(n as u16, width)).unwrap();
        let mut message = serde_json::json!({"type": "page"});
        message.as_object_mut().unwrap().extend(page.as_object().unwrap().clone());
        client.say(&message.to_string()).await;
        while !matches!(client.hear().await, Heard::Message(ServerMessage::Welcome { .. })) {}
        client.send(encode_frame(&Frame { page: n as u16, ..frame(1) })).await;
        while !matches!(client.hear().await, Heard::Message(ServerMessage::Ack { .. })) {}
    }
    client
}

/// The reasons of all page views, in the order of their widths; empty for none.
async fn reasons(app: &TestApp) -> Vec<String> {
    app.texts("select coalesce(array_to_string(suspect, ' '), '') from page_view order by viewport_w").await
}

/// Waits until this many page views are suspect.
async fn until_suspect(app: &TestApp, count: i64) {
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let is = app.count("select count(*) from page_view where suspect is not null").await;
        if is == count {
            return;
        }
        assert!(tokio::time::Instant::now() < until, "{is} page views are suspect, not {count}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[actix_web::test]
async fn programs_and_steered_browsers_are_known_by_their_requests() {
    let (app, _) = spawn().await;
    let steered = BROWSER.map(|(name, value)| (name, if name == "user-agent" { HEADLESS } else { value }));
    begin(&app, "203.0.113.1", &[], [1]).await;
    begin(&app, "203.0.113.1", &[("user-agent", CHROME)], [2]).await;
    begin(&app, "203.0.113.1", &BROWSER, [3]).await;
    begin(&app, "203.0.113.1", &steered, [4]).await;
    // Somebody who tests his own site.
    begin(&app, "127.0.0.1", &steered, [5]).await;
    // What an operator imports is his own, however it comes.
    let mut import = visit_of("mara").with([at(0, Kind::Click, 5, 5)]);
    import.page.viewport[0] = 6.0;
    import.send(&app).await;
    assert_eq!(reasons(&app).await, ["program", "program", "", "automated", "", ""]);
    let sessions = app.texts("select coalesce(array_to_string(suspect, ' '), '') from session order by 1").await;
    assert_eq!(sessions, ["", "", "", "automated", "program", "program"], "nobody suspect is in the visit of somebody who is not");
    app.finish().await;
}

#[actix_web::test]
async fn an_address_that_begins_too_many_page_views_is_marked_from_the_first_on_until_it_is_quiet() {
    let (app, clock) = spawn().await;
    begin(&app, "203.0.113.1", &BROWSER, 1..=120).await;
    begin(&app, "198.51.100.1", &BROWSER, [1_000]).await;
    assert_eq!(reasons(&app).await, vec![""; 121]);
    begin(&app, "203.0.113.1", &BROWSER, [500]).await;
    until_suspect(&app, 121).await;
    assert_eq!(app.count("select count(*) from session where suspect is not null").await, 2, "one before, one of the last page view");
    // In the next minute it still counts as a flood; after a quiet one no more.
    clock.shift(TimeDelta::seconds(61));
    begin(&app, "203.0.113.1", &BROWSER, [2_000]).await;
    clock.shift(TimeDelta::seconds(200));
    begin(&app, "203.0.113.1", &BROWSER, [2_001]).await;
    let expected = [vec!["rate"; 121], vec!["", "rate", ""]].concat();
    assert_eq!(reasons(&app).await, expected);
    app.finish().await;
}

#[actix_web::test]
async fn a_flood_of_one_signature_from_everywhere_is_marked_and_the_others_are_not() {
    let (app, _) = spawn().await;
    for n in 0..70 {
        begin(&app, &format!("203.{n}.113.1"), &BROWSER, [1_440]).await;
        if n % 7 == 0 {
            begin(&app, &format!("198.{n}.113.1"), &BROWSER, [1_500 + n]).await;
        }
    }
    until_suspect(&app, 70).await;
    assert_eq!(app.count("select count(*) from page_view where suspect = '{surge}' and viewport_w = 1440").await, 70);
    app.finish().await;
}

#[actix_web::test]
async fn a_recorded_movement_that_is_sent_again_and_again_is_marked() {
    let (app, _) = spawn().await;
    let replayed = |n: u16, step: i32| {
        let events = (0..20u16).map(|n| PointerEvent::new(n * 16, Kind::Move, i32::from(n) * step, 60)).collect();
        encode_frame(&Frame { page: n, events, ..frame(1) })
    };
    for (n, step) in [(1, 5), (2, 6), (3, 5), (4, 7), (5, 5), (6, 5)] {
        let mut client = connect(&app, &format!("203.{n}.113.1"), &BROWSER).await;
        client.hello(&app.site.key, vec![page(n as u16, n)]).await;
        while !matches!(client.hear().await, Heard::Message(ServerMessage::Welcome { .. })) {}
        client.send(replayed(n as u16, step)).await;
        while !matches!(client.hear().await, Heard::Message(ServerMessage::Ack { .. })) {}
    }
    until_suspect(&app, 4).await;
    assert_eq!(reasons(&app).await, ["copies", "", "copies", "", "copies", "copies"]);
    app.finish().await;
}

/// Two people and three visits of a program, all on one page.
async fn mixed(app: &TestApp) {
    let rest =
        |x| [at(0, Kind::Move, x, 200), at(1_000, Kind::Move, x, 200), at(1_000, Kind::Leave, x, 200), at(1_100, Kind::Click, x, 200)];
    visit_of("mara").with(rest(100)).send(app).await;
    visit_of("tom").with(rest(300)).send(app).await;
    begin(app, "203.0.113.1", &[], [1_440, 1_441, 1_442]).await;
}

async fn heatmap(browser: &Browser, app: &TestApp, more: &str) -> serde_json::Value {
    browser.json(&format!("/api/v1/sites/{}/heatmap?page=/page{more}", app.site.site_id)).await
}

#[actix_web::test]
async fn suspect_visits_are_in_no_heatmap_list_or_count_unless_asked_for() {
    let (app, _) = spawn().await;
    let browser = sign_in(&app).await;
    mixed(&app).await;
    let id = app.site.site_id;
    for kind in ["", "&kind=click"] {
        assert_eq!(heatmap(&browser, &app, kind).await["views"], 2, "{kind}");
        assert_eq!(heatmap(&browser, &app, &format!("{kind}&suspect=1")).await["views"], 5, "{kind}");
    }
    let page = browser.read(&format!("/sites/{id}/heatmap")).await;
    assert!(page.contains("3 suspect page views are left out") && page.contains("suspect=1"), "{page}");
    let page = browser.read(&format!("/sites/{id}/heatmap?suspect=1")).await;
    assert!(page.contains("With 3 suspect page views"), "{page}");
    // The switch stays on through all choices of the page, and can be left.
    let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).filter(|link| link.contains("/heatmap?"));
    let (with, without): (Vec<_>, Vec<_>) = links.partition(|link| link.contains("suspect=1"));
    assert!(with.len() > 4 && without.len() == 1, "{with:?} {without:?}");

    let list = browser.json(&format!("/api/v1/sites/{id}/sessions")).await;
    assert_eq!((list["sessions"].as_array().unwrap().len(), &list["suspects"]), (2, &1.into()));
    let suspect = browser.json(&format!("/api/v1/sites/{id}/sessions?suspect=1")).await;
    assert_eq!(suspect["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(suspect["sessions"][0]["suspect"], serde_json::json!(["not sent by a browser"]));
    let page = browser.read(&format!("/sites/{id}/sessions")).await;
    assert!(page.contains("<span class=\"dim\">2</span>") && page.contains("1 suspect visit is left out"), "{page}");
    let page = browser.read(&format!("/sites/{id}/sessions?suspect=1")).await;
    assert!(page.contains("Suspect visits") && page.contains("not sent by a browser") && !page.contains("Firefox"), "{page}");
    // A suspect visit has suspect neighbours, and others have others.
    let sessions = list["sessions"].as_array().unwrap();
    for session in sessions.iter().chain([&suspect["sessions"][0]]) {
        let page = browser.read(&format!("/sites/{id}/sessions/{}", session["session_id"].as_str().unwrap())).await;
        let is_suspect = session == &suspect["sessions"][0];
        assert_eq!(page.contains("id=\"newer\"") || page.contains("id=\"older\""), !is_suspect);
        assert_eq!(page.contains("sessions?suspect=1"), is_suspect);
    }
    assert!(browser.read("/sites").await.contains(">2<"), "the list of sites counts two");
    for wrong in ["heatmap?suspect=yes", "sessions?suspect=0"] {
        assert_eq!(browser.get(&format!("/sites/{id}/{wrong}")).await.status, 400, "{wrong}");
    }
    app.finish().await;
}

#[actix_web::test]
async fn one_click_removes_all_that_is_suspect_and_nothing_else() {
    let (app, _) = spawn().await;
    let mut browser = sign_in(&app).await;
    mixed(&app).await;
    let other = add_site(&app.server, "k_other", &[ORIGIN]).await;
    app.execute(&format!(
        "insert into core.page (site_id, path) values ({0}, '/'); insert into core.session select 99, {0}, '', now(), now(), 1, 5, 0, max(page_id), null, 0, '', '', null from core.page;
         update core.session set suspect = 1 where session_id = 99",
        other.site_id
    ))
    .await;
    let people = "select * from core.page_view where suspect = 0 order by page_view_id";
    let before = (app.rows(people).await, app.rows("select * from session where suspect is null order by session_id").await);
    let path = format!("/sites/{}/suspects/remove", app.site.site_id);

    // Not everybody may.
    let store = Store::new(&app.server, Default::default());
    for (email, role) in [("viewer@example.com", Role::Viewer), ("analyst@example.com", Role::Analyst)] {
        let link = mousetrail::admin::link_path(&store.create_link(email, role).await.unwrap().text());
        let mut guest = visit(&app);
        guest.submit(&link, &[("password", PASSWORD)]).await;
        assert!(!guest.read(&format!("/sites/{}/sessions?suspect=1", app.site.site_id)).await.contains("suspects/remove"));
        assert_eq!(guest.submit(&path, &[]).await.status, 403, "{role:?}");
    }
    store.close().await;
    assert_eq!(app.count("select count(*) from page_view where suspect is not null").await, 3);

    assert!(browser.read(&format!("/sites/{}/sessions?suspect=1", app.site.site_id)).await.contains(&path));
    assert_eq!(browser.submit("/sites/987/suspects/remove", &[]).await.status, 404);
    let answer = browser.submit(&path, &[]).await;
    let page = browser.read(answer.location()).await;
    assert!(page.contains("3 page views were removed") && page.contains("No suspect visit"), "{page}");
    let after = (app.rows(people).await, app.rows("select * from session where suspect is null order by session_id").await);
    assert_eq!(after, before);
    for table in ["page_view", "pointer_chunk", "session"] {
        let left = app.count(&format!("select count(*) from core.{table} where site_id = {}", app.site.site_id)).await;
        assert_eq!(left, 2, "{table}");
    }
    assert_eq!(app.count("select count(*) from core.session where session_id = 99").await, 1, "another site's");
    assert_eq!(app.count("select count(*) from core.tombstone").await, 3);
    // Nothing of it comes back.
    assert!(browser.submit(&path, &[]).await.location().ends_with("removed=0"));
    app.finish().await;
}

#[actix_web::test]
async fn the_flood_that_goes_on_gets_no_row_back_and_what_a_visit_has_besides_stays() {
    let (app, _) = spawn().await;
    let mut browser = sign_in(&app).await;
    let mut client = begin(&app, "203.0.113.1", &BROWSER, [1, 2, 3]).await;
    // Two of the three page views of one visit turn out to be copies.
    app.execute("select core.mark_suspect(array(select page_view_id from core.page_view where viewport_w < 3), 16::smallint)").await;
    assert_eq!(app.rows("select page_views, suspect from session").await, [r#"{"page_views":3,"suspect":null}"#]);
    let answer = browser.submit(&format!("/sites/{}/suspects/remove", app.site.site_id), &[]).await;
    assert!(answer.location().ends_with("removed=2"));
    assert_eq!(
        app.rows("select page_views, events, clicks, suspect from session").await,
        [r#"{"page_views":1,"events":4,"clicks":1,"suspect":null}"#]
    );
    client.send(frame_bytes(2)).await;
    let Heard::Message(ServerMessage::Nack { reason, .. }) = client.hear().await else { panic!("no nack") };
    assert_eq!(reason, "forgotten");
    app.execute("select core.mark_suspect(array(select page_view_id from core.page_view), 20::smallint)").await;
    assert_eq!(app.texts("select array_to_string(suspect, ' ') from session").await, ["rate copies"]);
    app.finish().await;
}

#[actix_web::test]
async fn the_admin_erases_what_is_suspect_and_nothing_else() {
    let app = spawn_app().await;
    visit_of("mara").with([at(0, Kind::Move, 1, 1)]).send(&app).await;
    let mut admin = app.server.connect(PgRole::Admin).await.unwrap();
    for denied in [
        "select core.forget_page_views(array[1])",
        "select core.mark_suspect(array[1], 1::smallint)",
        "update core.page_view set suspect = 1",
    ] {
        assert!(sqlx::raw_sql(denied).execute(&mut admin).await.is_err(), "{denied}");
    }
    let erased: i32 =
        sqlx::query_scalar("select core.forget_suspects($1, 1000)").bind(app.site.site_id).fetch_one(&mut admin).await.unwrap();
    assert_eq!((erased, app.count("select count(*) from page_view").await), (0, 1));
    let mut ingest = app.server.connect(PgRole::Ingest).await.unwrap();
    assert!(sqlx::raw_sql("select core.forget_suspects(1, 1)").execute(&mut ingest).await.is_err());
    app.finish().await;
}
