mod client;
/// Synthetic visitors for the demo shop.
pub mod demo;
mod doctor;
mod drive;
mod heat;
mod import;
mod psql;
mod serve;
mod site;
mod target;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{LogFormat, Options};
use crate::telemetry;

/// Self-hosted mouse-movement analytics: collector, store and admin UI in one binary
#[derive(Parser)]
#[command(name = "mousetrail", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Command {
    /// Run collector and admin UI, with a private Postgres unless --database-url names another (this is what happens without a command)
    Serve,
    /// Create and list sites, and say whose visits they ignore
    #[command(subcommand)]
    Site(site::Site),
    /// Invite and list people
    #[command(subcommand)]
    User(user::User),
    /// Send synthetic visits of the demo shop, spread over the past two weeks, to a running collector
    Demo(drive::Demo),
    /// Build what heatmaps are made of again
    #[command(subcommand)]
    Heat(heat::Heat),
    /// Permit an import of past time
    #[command(subcommand)]
    Import(import::Import),
    /// Open psql on the store in use, as the role that only reads the views
    Psql(psql::Psql),
    /// Look at Postgres, configuration, snippet and a full round trip, and say what to do about each finding
    Doctor(doctor::Doctor),
}

/// Runs the command line. Exit codes: 0 done, 1 failed, 2 wrong usage.
pub fn main() -> ExitCode {
    let Cli { command, options } = Cli::parse();
    let command = command.unwrap_or(Command::Serve);
    let settings = match options.settle() {
        Ok(settings) => settings,
        Err(error) => {
            if let Command::Doctor(doctor) = &command {
                return doctor::refuse(doctor, &error);
            }
            eprintln!("mousetrail: {error}");
            return ExitCode::from(2);
        }
    };
    telemetry::init(settings.log_format == LogFormat::Json);
    let result = match command {
        Command::Serve => serve::serve(&settings),
        Command::Site(site) => site::run(site, &settings),
        Command::User(user) => user::run(user, &settings),
        Command::Demo(demo) => drive::run(demo, &settings),
        Command::Heat(heat) => heat::run(heat, &settings),
        Command::Import(import) => import::run(import, &settings),
        Command::Psql(psql) => psql::run(psql, &settings),
        Command::Doctor(doctor) => return doctor::run(&doctor, &settings),
    };
    telemetry::flush();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mousetrail: {}", in_one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes. Some libraries repeat a cause in their own text; it is said once.
fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        _ if said.contains(&cause) => said,
        _ => format!("{said}: {cause}"),
    })
}
