//! What Prometheus reads, what the dashboard draws and what the documentation says are the same metrics.

use std::collections::BTreeSet;

use mousetrail::event;
use mousetrail::wire::{Hello, ServerMessage, encode_envelope, encode_frame};
use serde_json::Value;

use super::app::{ORIGIN, TestApp, spawn_app};
use super::client::{Client, Heard, frame, frame_bytes, new_page, resumed_page};

const DASHBOARD: &str = include_str!("../../docs/grafana.json");
const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// Every word of a text that is the name of a metric.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    text.split(|char| !is_part(char)).filter(|word| word.starts_with("mousetrail_")).map(str::to_owned).collect()
}

/// The name of the metric that a time series belongs to, as it stands behind HELP.
fn family(series: &str) -> &str {
    ["_total", "_bucket", "_sum", "_count", "_info"].iter().find_map(|ending| series.strip_suffix(ending)).unwrap_or(series)
}

#[actix_web::test]
async fn the_dashboard_and_the_documentation_name_the_metrics_that_there_are() {
    let app = spawn_app().await;
    see_everything(&app).await;
    let mut response = awc::Client::new().get(format!("{}/metrics", app.url)).send().await.unwrap();
    let metrics = String::from_utf8(response.body().await.unwrap().to_vec()).unwrap();
    let helped: BTreeSet<&str> = metrics.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    for line in metrics.lines().filter(|line| line.starts_with("# HELP ")) {
        assert!(line.splitn(4, ' ').nth(3).is_some_and(|help| help.len() > 5), "{line}");
    }
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        assert!(helped.contains(family(name)), "{name} has no HELP");
        assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
    }
    let drawn = names(DASHBOARD);
    assert!(drawn.len() > 15, "{drawn:?}");
    for name in &drawn {
        assert!(helped.contains(family(name)), "the dashboard draws {name}, which there is not");
    }
    let documented = names(OPERATIONS);
    let families: BTreeSet<&str> = documented.iter().map(|name| family(name)).collect();
    for name in &helped {
        assert!(families.contains(name), "docs/operations.md does not mention {name}");
    }
    for name in documented
        .iter()
        .filter(|name| !["mousetrail_ingest", "mousetrail_admin", "mousetrail_reader", "mousetrail_"].contains(&name.as_str()))
    {
        assert!(helped.contains(family(name)), "docs/operations.md mentions {name}, which there is not");
    }
    app.finish().await;
}

/// A metric with labels shows when it first happens: a duplicate, a frame that is refused, a connection that is, and a POST.
async fn see_everything(app: &TestApp) {
    let (mut client, id, token) = Client::welcomed(app).await;
    client.send(frame_bytes(1)).await;
    client.send(frame_bytes(1)).await;
    client.send(frame_bytes(2)).await;
    client.hear_ack(2).await;
    client.send(encode_frame(&event::Frame { t0_ms: u32::MAX, ..frame(3) })).await;
    let heard = client.hear().await;
    assert!(matches!(heard, Heard::Message(ServerMessage::Nack { seq: Some(3), .. })), "{heard:?}");
    let mut stranger = Client::connect_from(app, Some("https://other.example")).await;
    stranger.hello(&app.site.key, vec![new_page(0, 9)]).await;
    assert_eq!(stranger.hear().await, Heard::Close(4002));
    let body = encode_envelope(&Hello::new(app.site.key.clone(), vec![resumed_page(0, &id, &token)]), &[frame_bytes(2)]);
    let post = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("origin", ORIGIN)).send_body(body).await.unwrap();
    assert_eq!(post.status().as_u16(), 200);
}

#[test]
fn the_dashboard_can_be_imported() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    let panels = dashboard["panels"].as_array().unwrap();
    let (mut ids, mut places) = (BTreeSet::new(), Vec::<(Value, [i64; 4])>::new());
    for panel in panels {
        assert!(ids.insert(panel["id"].as_i64().unwrap()), "the id of {} is taken", panel["title"]);
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_i64().unwrap());
        assert!(x + w <= 24, "{}", panel["title"]);
        for (title, [x2, y2, w2, h2]) in &places {
            assert!(x + w <= *x2 || x2 + w2 <= x || y + h <= *y2 || y2 + h2 <= y, "{} lies on {title}", panel["title"]);
        }
        places.push((panel["title"].clone(), [x, y, w, h]));
        if panel["type"] == "row" {
            continue;
        }
        assert!(panel["description"].as_str().is_some_and(|text| text.len() > 20), "{} has no description", panel["title"]);
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        for target in panel["targets"].as_array().unwrap() {
            assert!(!names(target["expr"].as_str().unwrap()).is_empty(), "{}", panel["title"]);
        }
    }
}

/// Every option of `--help` stands in the table, with its default, and nothing else does.
#[actix_web::test]
async fn the_documentation_lists_the_options_that_there_are() {
    let help = super::program::run(&["serve", "--help"]).await.stdout;
    // An option and what is said of it, on however many lines.
    let mut options: Vec<(String, String)> = Vec::new();
    for line in help.lines().map(str::trim) {
        match line.strip_prefix("--") {
            Some(rest) => options.push((rest.split(' ').next().unwrap().to_owned(), String::new())),
            None => options.last_mut().into_iter().for_each(|(_, text)| *text = format!("{text} {line}")),
        }
    }
    assert!(options.len() > 25, "{help}");
    for (name, text) in &options {
        let row = OPERATIONS.lines().find(|line| line.starts_with(&format!("| `--{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/operations.md has no row for --{name}"));
        if let Some((_, default)) = text.split_once("[default: ") {
            let default = default.split(']').next().unwrap();
            assert!(row.contains(&format!("| {default} |")), "--{name} has the default {default}, but docs/operations.md says {row}");
        }
    }
    for row in OPERATIONS.lines().filter_map(|line| line.strip_prefix("| `--")) {
        let name = row.split('`').next().unwrap();
        assert!(options.iter().any(|(option, _)| option == name), "docs/operations.md lists --{name}, which there is not");
    }
}
