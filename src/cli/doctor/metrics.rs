use std::collections::BTreeMap;
use std::time::Duration;

use super::finding::{Finding, Findings};
use super::judge;
use super::web::get;

/// What the collector counts, summed over labels.
pub(super) async fn examine(findings: &mut Findings, url: &str) {
    let metrics = match load(url).await {
        Ok(metrics) => metrics,
        Err(error) => {
            findings.add(Finding::fail("metrics.answer", error.to_string(), "Look into the collector's log."));
            return;
        }
    };
    findings.add(Finding::ok("metrics.answer", format!("{} metrics", metrics.len())));
    findings.add(conserved(url, metrics.clone()).await);
    let value = |name: &str| metrics.get(name).copied().unwrap_or_default();
    for (check, what, used, limit, advice) in [
        (
            "metrics.queue",
            "bytes of the queue in use",
            "mousetrail_queue_bytes",
            "mousetrail_queue_limit_bytes",
            "Postgres does not keep up: look at mousetrail_commit_seconds, its disk and its load.",
        ),
        (
            "metrics.connections",
            "connections in use",
            "mousetrail_connections",
            "mousetrail_connections_limit",
            "Raise --max-connections, and the open-file limit with it (LimitNOFILE), or start a second collector.",
        ),
        (
            "metrics.open_files",
            "open files in use",
            "mousetrail_process_open_fds",
            "mousetrail_process_fd_limit",
            "Raise the open-file limit (LimitNOFILE in the systemd unit, ulimit -n in a shell).",
        ),
    ] {
        if metrics.contains_key(limit) {
            findings.add(judge::share(check, what, value(used), value(limit), advice));
        }
    }
    if metrics.contains_key("mousetrail_connections_limit") && metrics.contains_key("mousetrail_process_fd_limit") {
        findings.add(judge_fd_limit(value("mousetrail_connections_limit"), value("mousetrail_process_fd_limit")));
    }
    let panics = value("mousetrail_panics_total");
    findings.add(match panics > 0.0 {
        true => Finding::warning(
            "metrics.panics",
            format!("{panics:.0} since the start"),
            "Each one is a bug: report the log line \"a panic\".",
        ),
        false => Finding::ok("metrics.panics", "none"),
    });
    let suppressed = value("mousetrail_log_lines_suppressed_total");
    findings.add(match suppressed > 0.0 {
        true => Finding::warning(
            "metrics.log",
            format!("{suppressed:.0} log lines were left out since the start"),
            "The log says many times what goes wrong, or RUST_LOG asks for too much.",
        ),
        false => Finding::ok("metrics.log", "complete"),
    });
}

/// Each connection is an open file, and Postgres, listeners and replies need some, too.
fn judge_fd_limit(connections: f64, files: f64) -> Finding {
    let found = format!("{connections:.0} connections allowed, {files:.0} open files");
    if connections + 100.0 > files {
        return Finding::fail(
            "metrics.file_limit",
            found,
            "Raise the open-file limit (LimitNOFILE in the systemd unit) above --max-connections by 100 or more, or lower --max-connections.",
        );
    }
    Finding::ok("metrics.file_limit", found)
}

/// Received = committed + duplicate + rejected + in flight. Frames move while the numbers are read, so a difference has to last.
async fn conserved(url: &str, mut metrics: BTreeMap<String, f64>) -> Finding {
    for _ in 0..5 {
        let value = |name: &str| metrics.get(&format!("mousetrail_frames_{name}")).copied().unwrap_or_default();
        let received = value("received_total");
        let settled = value("committed_total") + value("duplicate_total") + value("rejected_total") + value("in_flight");
        if received == settled {
            return Finding::ok("metrics.conservation", format!("all {received:.0} received frames are accounted for"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        metrics = load(url).await.unwrap_or(metrics);
    }
    Finding::fail(
        "metrics.conservation",
        "received frames are not the sum of committed, duplicate, rejected and those in flight",
        "This is a bug of ours: report it with the text of /metrics.",
    )
}

async fn load(url: &str) -> anyhow::Result<BTreeMap<String, f64>> {
    let answer = get(&format!("{url}/metrics")).await?;
    anyhow::ensure!(answer.status == 200, "/metrics answers {}", answer.status);
    Ok(sums(&answer.text()))
}

fn sums(text: &str) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for (key, value) in text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' ')) {
        let name = key.split('{').next().unwrap_or(key).to_owned();
        *sums.entry(name).or_default() += value.parse::<f64>().unwrap_or_default();
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn metrics_are_summed_over_their_labels() {
        let sums = sums("# HELP a b\na_total{site=\"1\"} 2\na_total{site=\"2 x\"} 3\nb 1.5\n# EOF\n");
        assert_eq!(sums.get("a_total"), Some(&5.0));
        assert_eq!(sums.get("b"), Some(&1.5));
    }

    #[test]
    fn connections_have_to_fit_into_the_open_files() {
        assert_eq!(judge_fd_limit(900.0, 1_024.0).state, State::Ok);
        assert_eq!(judge_fd_limit(1_000.0, 1_024.0).state, State::Fail);
    }
}
