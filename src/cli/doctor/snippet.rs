use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha384};

use super::finding::{Finding, Findings};
use super::web::get;
use crate::collector::{INTEGRITY, versioned_path};
use crate::config::Settings;

/// The script as browsers get it: through the public address where there is one.
pub(super) async fn examine(findings: &mut Findings, settings: &Settings, url: &str) {
    let base = settings.public_url.as_deref().unwrap_or(url);
    for (check, path, cache) in [
        ("snippet.served", settings.script_path.clone(), "max-age=3600"),
        ("snippet.version", versioned_path(&settings.script_path), "immutable"),
    ] {
        findings.add(look(check, &format!("{base}{path}"), cache).await);
    }
}

async fn look(check: &'static str, url: &str, cache: &str) -> Finding {
    let answer = match get(url).await {
        Ok(answer) => answer,
        Err(error) => return Finding::fail(check, format!("{url}: {error}"), "Let the proxy pass the script's path on to the collector."),
    };
    if answer.status != 200 {
        let advice = "Let the proxy pass the script's path on, and restart a collector that is older than this program.";
        return Finding::fail(check, format!("{url} answers {}", answer.status), advice);
    }
    let kind = answer.header("content-type");
    if !kind.starts_with("text/javascript") {
        return Finding::fail(
            check,
            format!("{url} has the type {kind:?}"),
            "Browsers run it as text/javascript only: let the proxy keep the type.",
        );
    }
    let integrity = format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(&answer.body)));
    if integrity != *INTEGRITY {
        return Finding::fail(
            check,
            format!("{url} is not the script of this version of mousetrail, and tags with integrity={} will not run it", *INTEGRITY),
            "Restart the collector after an upgrade, empty the proxy's cache, and let no proxy rewrite scripts.",
        );
    }
    if !answer.header("cache-control").contains(cache) {
        let found = format!("{url} has Cache-Control {:?} instead of {cache}", answer.header("cache-control"));
        return Finding::warning(
            check,
            found,
            "Let the proxy keep the header: without it browsers load the script more often, or keep an old one.",
        );
    }
    Finding::ok(check, format!("{} bytes at {url}", answer.body.len()))
}
