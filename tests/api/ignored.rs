//! Networks that a site ignores: nothing of who is in one is stored.

use chrono::TimeDelta;
use mousetrail::clock::Clock;
use mousetrail::config::Proxies;
use mousetrail::wire::{Hello, ServerMessage, encode_envelope};
use serde_json::Value;

use super::admin::browser::{sign_in, visit};
use super::app::{ORIGIN, TestApp, add_site, new_database, settings, spawn_app, spawn_app_at, url_of};
use super::client::{Client, Heard, frame_bytes, new_page, resumed_page};
use super::post::hello;
use super::program::run;

/// A collector behind a proxy, and its clock.
async fn spawn() -> (TestApp, Clock) {
    let (clock, mut settings) = (Clock::system(), settings());
    settings.trusted_proxies = Proxies::parse(["127.0.0.0/8"]).unwrap();
    (spawn_app_at(new_database().await, &settings, clock.clone()).await, clock)
}

async fn ignore(app: &TestApp, network: &str) {
    app.execute(&format!("insert into core.ignored_network (site_id, network) values ({}, '{network}')", app.site.site_id)).await;
}

async fn connect(app: &TestApp, from: &str) -> Client {
    let request = awc::Client::new().ws(format!("{}/v1/socket", app.url)).protocols(["mousetrail.v1"]).origin(ORIGIN);
    let (_, socket) = request.header("x-forwarded-for", from).connect().await.unwrap();
    Client::on(socket)
}

/// What the first answer to a hello with one new page is.
async fn greet(app: &TestApp, from: &str) -> Heard {
    let mut client = connect(app, from).await;
    client.hello(&app.site.key, vec![new_page(0, rand::random())]).await;
    client.hear().await
}

async fn post(app: &TestApp, from: &str, hello: &Hello) -> (u16, Value) {
    let request = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("Origin", ORIGIN));
    let request = request.insert_header(("x-forwarded-for", from)).content_type("text/plain");
    let mut response = request.send_body(encode_envelope(hello, &[])).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(&response.body().await.unwrap()).unwrap())
}

fn is_welcome(heard: &Heard) -> bool {
    matches!(heard, Heard::Message(ServerMessage::Welcome { .. }))
}

#[actix_web::test]
async fn who_is_in_an_ignored_network_is_sent_away_for_good_and_leaves_no_row() {
    let (app, _) = spawn().await;
    for network in ["203.0.113.0/24", "2001:db8:7::/48", "198.51.100.7/32"] {
        ignore(&app, network).await;
    }
    for inside in ["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.9", "198.51.100.7", "2001:db8:7:1::5"] {
        assert_eq!(greet(&app, inside).await, Heard::Close(4004), "{inside}");
        let (status, answer) = post(&app, inside, &hello(&app, vec![new_page(0, 1)])).await;
        assert_eq!((status, answer["code"].as_u64(), answer["reason"].as_str()), (403, Some(4004), Some("this network is ignored")));
    }
    assert_eq!(app.count("select count(*) from core.page_view").await + app.count("select count(*) from core.session").await, 0);
    for outside in ["203.0.114.0", "198.51.100.8", "2001:db8:8::5"] {
        assert!(is_welcome(&greet(&app, outside).await), "{outside}");
    }
    assert_eq!(app.count("select count(*) from core.page_view").await, 3);
    let mut response = awc::Client::new().get(format!("{}/metrics", app.url)).send().await.unwrap();
    let body = response.body().await.unwrap();
    let text = std::str::from_utf8(&body).unwrap();
    assert!(text.contains("mousetrail_connections_refused_total{reason=\"ignored_network\"} 10"), "{text}");
    app.finish().await;
}

#[actix_web::test]
async fn another_site_ignores_nobody_for_it() {
    let (app, _) = spawn().await;
    let other = add_site(&app.server, "k_other", &[ORIGIN]).await;
    ignore(&app, "203.0.113.0/24").await;
    let mut client = connect(&app, "203.0.113.5").await;
    client.hello(&other.key, vec![new_page(0, 1)]).await;
    assert!(is_welcome(&client.hear().await));
    app.finish().await;
}

#[actix_web::test]
async fn a_connection_that_is_open_hears_of_it_within_a_minute_and_so_does_who_is_welcome_again() {
    let (app, clock) = spawn().await;
    let mut client = connect(&app, "203.0.113.5").await;
    client.hello(&app.site.key, vec![new_page(0, 1)]).await;
    assert!(is_welcome(&client.hear().await));
    ignore(&app, "203.0.113.0/24").await;
    clock.shift(TimeDelta::seconds(60));
    let mut page = serde_json::to_value(new_page(1, 2)).unwrap();
    page["type"] = "page".into();
    client.say(&page.to_string()).await;
    let heard = client.hear().await;
    assert!(
        matches!(&heard, Heard::Message(ServerMessage::Nack { n: 1, seq: None, retry: false, reason }) if reason == "ignored_network"),
        "{heard:?}"
    );
    // What was begun before goes on to its end.
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    assert_eq!(app.count("select count(*) from core.page_view").await, 1);
    app.execute("delete from core.ignored_network").await;
    clock.shift(TimeDelta::seconds(120));
    assert!(is_welcome(&greet(&app, "203.0.113.5").await));
    app.finish().await;
}

#[actix_web::test]
async fn who_is_ignored_can_still_have_erased_what_was_collected_before() {
    let (app, clock) = spawn().await;
    let mut client = connect(&app, "203.0.113.5").await;
    client.hello(&app.site.key, vec![new_page(0, 1)]).await;
    let Heard::Message(ServerMessage::Welcome { id, token, .. }) = client.hear().await else { panic!("no welcome") };
    ignore(&app, "203.0.113.0/24").await;
    clock.shift(TimeDelta::seconds(60));
    let forget = Hello { forget: true, ..hello(&app, vec![resumed_page(0, &id.to_string(), &token)]) };
    let (status, answer) = post(&app, "203.0.113.5", &forget).await;
    assert_eq!((status, answer[0]["reason"].as_str()), (200, Some("forgotten")));
    app.finish().await;
}

#[actix_web::test]
async fn networks_are_named_on_the_command_line_and_listed() {
    let app = spawn_app().await;
    let url = url_of(&app.server).await;
    let site = |arguments: &[&str]| {
        let arguments: Vec<String> =
            ["site"].iter().chain(arguments).chain(&["--database-url", &url]).map(|word| (*word).to_owned()).collect();
        async move { run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await }
    };
    let ignored = async || -> Value {
        let listed = site(&["list", "--json"]).await;
        let line = listed.stdout.lines().find(|line| line.contains("k_test")).unwrap_or_else(|| panic!("{listed:?}")).to_owned();
        serde_json::from_str::<Value>(&line).unwrap()["ignored"].clone()
    };
    assert_eq!(ignored().await, serde_json::json!([]));
    assert_eq!(site(&["ignore", "k_test", "203.0.113.9/24", "--note", "office"]).await.code, Some(0));
    assert_eq!(site(&["ignore", &app.site.site_id.to_string(), "2001:db8::1"]).await.code, Some(0));
    let listed = serde_json::json!([{"network": "203.0.113.0/24", "note": "office"}, {"network": "2001:db8::1/128", "note": ""}]);
    assert_eq!(ignored().await, listed);
    for (arguments, word) in [
        (["ignore", "k_test", "office"], "is no network"),
        (["ignore", "k_test", "0.0.0.0/0"], "everybody"),
        (["ignore", "k_none", "203.0.113.0/24"], "k_none"),
        (["unignore", "k_test", "192.0.2.0/24"], "did not ignore"),
    ] {
        let outcome = site(&arguments).await;
        assert!(outcome.code == Some(1) && outcome.stderr.contains(word), "{arguments:?}: {outcome:?}");
    }
    assert_eq!(site(&["unignore", "k_test", "203.0.113.0/24"]).await.code, Some(0));
    assert_eq!(ignored().await, serde_json::json!([{"network": "2001:db8::1/128", "note": ""}]));
    app.finish().await;
}

#[actix_web::test]
async fn networks_are_added_and_removed_on_the_setup_page_by_who_may() {
    let app = spawn_app().await;
    let mut browser = sign_in(&app).await;
    let page = format!("/sites/{}", app.site.site_id);
    let (add, remove) = (format!("{page}/ignored"), format!("{page}/ignored/remove"));
    assert!(browser.read(&page).await.contains(&format!("{ORIGIN}/#mousetrail=off")), "the link for staff is there");
    let answer = browser.submit(&add, &[("network", "203.0.113.7/24"), ("note", "<b>Office")]).await;
    assert_eq!(answer.location(), format!("{page}#ignored"), "{}", answer.text);
    let text = browser.read(&page).await;
    assert!(text.contains("203.0.113.0/24") && text.contains("&#60;b&#62;Office"), "{text}");
    let wrong = browser.submit(&add, &[("network", "<i>"), ("note", "n")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("is no network") && wrong.text.contains("&#60;i&#62;"), "{}", wrong.text);
    for path in [&add, &remove] {
        let foreign = browser.ask(awc::http::Method::POST, path, &[("sec-fetch-site", "cross-site")], "network=192.0.2.1".to_owned()).await;
        assert_eq!(foreign.status, 403, "{path}");
        let stranger = visit(&app).submit(path, &[("network", "192.0.2.1")]).await;
        assert!(stranger.location().starts_with("/signin"), "{path}: {stranger:?}");
    }
    assert_eq!(app.count("select count(*) from core.ignored_network").await, 1);
    assert_eq!(browser.submit(&remove, &[("network", "203.0.113.0/24")]).await.location(), format!("{page}#ignored"));
    assert_eq!(app.count("select count(*) from core.ignored_network").await, 0);
    app.finish().await;
}
