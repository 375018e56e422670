use std::time::{Duration, Instant};

use awc::Client;
use serde_json::Value;

/// Questions: name, kind, filter, most that it may take, ms.
const QUESTIONS: [(&str, &str, &str, f64); 9] = [
    ("movement, unfiltered", "movement", "", 100.0),
    ("clicks, unfiltered", "click", "", 100.0),
    ("attention, unfiltered", "attention", "", 100.0),
    ("scroll reach, unfiltered", "reach", "", 100.0),
    ("movement, all widths", "movement", "&width=all", 100.0),
    ("movement, a filter that all page views pass", "movement", "&viewport=100-5000", 800.0),
    ("movement, Firefox", "movement", "&browser=Firefox", 800.0),
    ("movement, new visitors from search", "movement", "&visits=new&referrer=search.example", 800.0),
    ("clicks, Firefox", "click", "&browser=Firefox", 800.0),
];

/// Asks everything `rounds` times; returns the median of the first and of the one whose filter all pass, ms.
pub async fn all(url: &str, link: &str, site_id: i32, rounds: usize) -> (f64, f64) {
    let client = Client::builder().disable_redirects().timeout(Duration::from_secs(120)).finish();
    let form = [("email", "bench@example.com"), ("password", "correct horse battery")];
    let answer = client.post(format!("{url}{link}")).insert_header(("origin", url)).send_form(&form).await.unwrap();
    let cookie = answer.headers().get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
    let path = format!("{url}/api/v1/sites/{site_id}/heatmap?page=/busy&device=desktop");
    let from = (chrono::Utc::now() - chrono::Days::new(29)).date_naive();
    let mut medians = Vec::new();
    // The peak counts from here: loading is not asked about.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = resident_kib();
    for (name, kind, filter, most_ms) in QUESTIONS {
        let mut times = Vec::new();
        let mut size = 0;
        let mut map = Value::Null;
        for _ in 0..rounds {
            let begin = Instant::now();
            let mut answer = client
                .get(format!("{path}&from={from}&kind={kind}{filter}"))
                .insert_header(("cookie", cookie.as_str()))
                .send()
                .await
                .unwrap();
            let body = answer.body().limit(64 << 20).await.unwrap();
            times.push(begin.elapsed().as_secs_f64() * 1_000.0);
            assert!(answer.status().is_success(), "{}", String::from_utf8_lossy(&body));
            size = body.len();
            map = serde_json::from_slice(&body).unwrap();
        }
        let first = times[0];
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!(
            "{name}: p50 {median:.0} ms, first {first:.0}, worst {:.0} (at most {most_ms:.0}); {} of {} page views' points, {} cells, {} KiB",
            times[times.len() - 1],
            map["points"],
            map["views"],
            map["at"].as_array().map_or(0, Vec::len),
            size >> 10,
        );
        medians.push(median);
    }
    println!("resident memory grew by {:.0} MiB at its peak (at most 64)", (peak_kib().saturating_sub(before)) as f64 / 1024.0);
    (medians[0], medians[5])
}

fn resident_kib() -> u64 {
    status("VmRSS:")
}

fn peak_kib() -> u64 {
    status("VmHWM:")
}

/// A line of what the system says of this process, KiB.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}
