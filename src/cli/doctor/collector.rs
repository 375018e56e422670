use std::net::TcpListener;

use super::finding::{Finding, Findings};
use super::web::{Answer, PATIENCE, get};
use crate::cli::client::Client;
use crate::config::Settings;

/// What the collectors of one database call themselves (`/health/live`).
const INSTALLATION: &str = "mousetrail-installation";

/// Does a collector answer, is it ours, and does it answer under its public address? True: one answers.
pub(super) async fn examine(findings: &mut Findings, settings: &Settings, url: &str, installation: Option<&str>) -> bool {
    let live = match get(&format!("{url}/health/live")).await {
        Ok(answer) => answer,
        Err(error) => {
            findings.add(absent(settings, url, &error));
            return false;
        }
    };
    findings.add(judge_live(url, &live, installation));
    if live.header(INSTALLATION).is_empty() {
        return false;
    }
    findings.add(ready(url).await);
    if let Some(public_url) = &settings.public_url {
        through_public_url(findings, settings, public_url, live.header(INSTALLATION)).await;
    }
    true
}

fn absent(settings: &Settings, url: &str, error: &anyhow::Error) -> Finding {
    let found = format!("no collector answers at {url}: {error}");
    match TcpListener::bind(settings.listen) {
        Ok(_) => Finding::fail("collector.live", found, "Start it with `mousetrail serve`, or name its address with --url or --listen."),
        Err(bind) => Finding::fail(
            "collector.live",
            format!("{found}; nor could it listen on {}: {bind}", settings.listen),
            "Something else has that address: end that, or choose another one with --listen.",
        ),
    }
}

fn judge_live(url: &str, live: &Answer, installation: Option<&str>) -> Finding {
    match (live.header(INSTALLATION), installation) {
        ("", _) => Finding::fail(
            "collector.live",
            format!("what answers at {url} is no collector (status {})", live.status),
            "Name the collector with --url or --listen.",
        ),
        (theirs, Some(ours)) if theirs != ours => Finding::fail(
            "collector.live",
            format!("the collector at {url} uses another database"),
            "Give doctor and collector the same --database-url or --data-dir.",
        ),
        _ if live.status != 200 => {
            Finding::fail("collector.live", format!("/health/live answers {}", live.status), "Restart it and look into its log.")
        }
        _ => Finding::ok("collector.live", format!("answers at {url}")),
    }
}

async fn ready(url: &str) -> Finding {
    match get(&format!("{url}/health/ready")).await {
        Ok(answer) if answer.status == 200 => Finding::ok("collector.ready", "takes new connections"),
        Ok(answer) => Finding::fail(
            "collector.ready",
            format!("not ready: {}", answer.text().trim()),
            "\"queue full\" and \"no answer from Postgres\" pass when Postgres keeps up again: see above. \"stopping\" is a collector on its way out.",
        ),
        Err(error) => Finding::fail("collector.ready", error.to_string(), "Look into the collector's log."),
    }
}

/// What visitors reach: the same collector, and sockets through every proxy on the way.
async fn through_public_url(findings: &mut Findings, settings: &Settings, public_url: &str, installation: &str) {
    let advice = "Correct --public-url, its DNS entry, or the proxy (docs/operations.md has examples).";
    findings.add(match get(&format!("{public_url}/health/live")).await {
        Ok(answer) if answer.header(INSTALLATION) == installation => {
            Finding::ok("collector.public_url", format!("{public_url} leads to this collector"))
        }
        Ok(answer) if !answer.header(INSTALLATION).is_empty() => {
            Finding::fail("collector.public_url", format!("{public_url} leads to a collector of another database"), advice)
        }
        // A careful proxy keeps /health to itself; the script and the socket show whether it is ours.
        Ok(answer) if matches!(answer.status, 401 | 403 | 404) => Finding::warning(
            "collector.public_url",
            format!("{public_url}/health/live answers {}, so who is behind it can't be told", answer.status),
            "If the proxy hides /health on purpose, all is well as long as the two checks below are.",
        ),
        Ok(answer) => Finding::fail(
            "collector.public_url",
            format!("what answers at {public_url} is no collector (status {})", answer.status),
            advice,
        ),
        Err(error) => Finding::fail("collector.public_url", format!("{public_url} does not answer: {error}"), advice),
    });
    findings.add(match Client::connect(&format!("{public_url}{}", settings.ingest_path), PATIENCE).await {
        Ok(_) => Finding::ok("collector.public_socket", "WebSockets get through"),
        Err(error) => Finding::fail(
            "collector.public_socket",
            format!("no WebSocket gets through to {public_url}{}/socket: {error}", settings.ingest_path),
            "Let the proxy speak HTTP/1.1 upstream and pass Upgrade and Connection on (docs/operations.md has examples).",
        ),
    });
}
