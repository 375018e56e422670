use std::fmt::Display;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::{Finding, Findings};
use super::judge;
use crate::collector::Countries;
use crate::config::Settings;

pub(super) fn examine(findings: &mut Findings, settings: &Settings) {
    findings.add(Finding::ok("configuration.settles", "every option can work"));
    findings.add(listen(settings));
    findings.add(public_url(settings));
    findings.add(proxies(settings));
    if let Some(file) = &settings.geoip {
        findings.add(geoip(Countries::open(file).map(|countries| countries.made_at()), file, Utc::now()));
    }
    if settings.database_url.is_none() {
        findings.add(data_dir(&settings.data_dir));
    }
}

fn listen(settings: &Settings) -> Finding {
    let listen = settings.listen;
    let behind_tls = settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if listen.ip().is_loopback() || behind_tls {
        return Finding::ok("configuration.listen", listen.to_string());
    }
    Finding::warning(
        "configuration.listen",
        format!("{listen} can be reached from other machines, without TLS"),
        "Listen on 127.0.0.1 and put a proxy with TLS in front (docs/operations.md), then name it with --public-url https://...",
    )
}

fn public_url(settings: &Settings) -> Finding {
    match &settings.public_url {
        None => Finding::warning(
            "configuration.public_url",
            format!("not set: tags name http://{}, which no visitor can reach", settings.listen),
            "Name the address that browsers use with --public-url https://mouse.example.com.",
        ),
        Some(url) if url.starts_with("http://") && !is_local(url) => Finding::warning(
            "configuration.public_url",
            format!("{url} is not encrypted, and pages served by https can't load a script from it"),
            "Put a proxy with TLS in front and name its https:// address.",
        ),
        Some(url) => Finding::ok("configuration.public_url", url.clone()),
    }
}

/// The collector itself speaks no TLS, so an https address means that something stands in front.
fn proxies(settings: &Settings) -> Finding {
    let is_proxied = settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    match (is_proxied, settings.trusted_proxies.is_empty()) {
        (true, true) => Finding::warning(
            "configuration.trusted_proxies",
            "none, but a proxy stands in front: all visitors seem to have its address, and share its limits and its visitor hash",
            "Name the proxy with --trusted-proxies 127.0.0.1 (or its network), and let it set X-Forwarded-For.",
        ),
        (_, true) => Finding::ok("configuration.trusted_proxies", "none"),
        (_, false) => Finding::ok("configuration.trusted_proxies", "X-Forwarded-For of the named proxies counts"),
    }
}

/// Whether the database can be read, and is not too old: addresses move from country to country.
fn geoip(made_at: Result<Option<DateTime<Utc>>, impl Display>, file: &Path, now: DateTime<Utc>) -> Finding {
    let check = "configuration.geoip";
    match made_at {
        Err(error) => Finding::fail(
            check,
            format!("{}: {error}", file.display()),
            "Name a country or city database in MaxMind's format with --geoip, or leave the option out: the collector does not start with it.",
        ),
        Ok(Some(at)) if now - at > TimeDelta::days(365) => Finding::warning(
            check,
            format!("{} was made on {}", file.display(), at.date_naive()),
            "Get a newer one: addresses move from country to country. The collector reads it when it starts.",
        ),
        Ok(Some(at)) => Finding::ok(check, format!("{}, made on {}", file.display(), at.date_naive())),
        Ok(None) => Finding::ok(check, file.display().to_string()),
    }
}

fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

fn data_dir(data_dir: &Path) -> Finding {
    match rustix::fs::statvfs(data_dir) {
        Ok(disk) => judge::disk(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize, data_dir),
        Err(error) => Finding::fail(
            "postgres.disk",
            format!("{}: {error}", data_dir.display()),
            "Start `mousetrail serve` once, or name the directory of the collector with --data-dir.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::State;

    #[test]
    fn a_database_of_countries_is_too_old_after_a_year() {
        let now = Utc::now();
        let state = |days| geoip(Ok::<_, &str>(Some(now - TimeDelta::days(days))), Path::new("a.mmdb"), now).state;
        assert_eq!((state(364), state(366)), (State::Ok, State::Warning));
        assert_eq!(geoip(Err("no such file"), Path::new("a.mmdb"), now).state, State::Fail);
    }
}
