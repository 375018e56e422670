mod collector;
mod configuration;
mod finding;
mod judge;
mod metrics;
mod postgres;
mod print;
mod round_trip;
mod snippet;
mod web;

use std::io::IsTerminal;
use std::process::ExitCode;

use crate::config::{ConfigError, Settings};
use finding::{Finding, Findings, State};

#[derive(clap::Args)]
pub(super) struct Doctor {
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
    /// The running collector [default: http:// and --listen]
    #[arg(long)]
    url: Option<String>,
    /// Don't send a page view of a site made for this and erased at once
    #[arg(long)]
    no_round_trip: bool,
}

/// Looks at everything and says what to do about it. Exit code 0 where nothing failed, else 1.
pub(super) fn run(doctor: &Doctor, settings: &Settings) -> ExitCode {
    let findings = actix_web::rt::System::new().block_on(examine(doctor, settings));
    show(doctor, &findings)
}

/// The same where the configuration can't even be read: nothing else can be looked at.
pub(super) fn refuse(doctor: &Doctor, error: &ConfigError) -> ExitCode {
    let mut findings = Findings::default();
    findings.add(Finding::fail("configuration.settles", error.to_string(), "Correct it: the collector does not start with it."));
    show(doctor, &findings)
}

async fn examine(doctor: &Doctor, settings: &Settings) -> Findings {
    let mut findings = Findings::default();
    let url = doctor.url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    let url = url.trim_end_matches('/');
    configuration::examine(&mut findings, settings);
    let mut checkup = postgres::examine(&mut findings, settings).await;
    let installation = match &mut checkup {
        Some(checkup) => postgres::installation(checkup).await,
        None => None,
    };
    let is_up = collector::examine(&mut findings, settings, url, installation.as_deref()).await;
    if is_up {
        metrics::examine(&mut findings, url).await;
        snippet::examine(&mut findings, settings, url).await;
    }
    if let Some(checkup) = &mut checkup
        && is_up
        && !doctor.no_round_trip
    {
        round_trip::examine(&mut findings, settings, url, checkup).await;
    }
    if let Some(checkup) = checkup {
        checkup.end().await;
    }
    findings
}

fn show(doctor: &Doctor, findings: &Findings) -> ExitCode {
    if doctor.json {
        // Plain structs always serialise.
        println!("{}", serde_json::to_string(findings).unwrap_or_default());
    } else {
        print!("{}", print::list(findings, std::io::stdout().is_terminal()));
    }
    if findings.worst() == State::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
