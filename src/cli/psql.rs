use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, bail};

use super::target;
use crate::config::Settings;
use crate::store::{DATABASE, PgRole, cluster};

#[derive(clap::Args)]
pub(super) struct Psql {
    /// As the role that owns the schema instead
    #[arg(long)]
    owner: bool,
    /// Arguments for psql, such as -- -c 'select kind, count(*) from pointer_event group by 1'
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// Becomes psql.
pub(super) fn run(psql: Psql, settings: &Settings) -> anyhow::Result<()> {
    let role = if psql.owner { PgRole::Owner } else { PgRole::Reader };
    // Says what to do where no private Postgres runs.
    target::server(settings)?;
    let mut command = Command::new("psql");
    match &settings.database_url {
        Some(url) => {
            command.arg("-d").arg(url);
            if role == PgRole::Reader {
                command.env("PGOPTIONS", format!("-c role={} -c default_transaction_read_only=on", role.name()));
            }
        }
        None => {
            let data_dir = std::fs::canonicalize(&settings.data_dir).with_context(|| settings.data_dir.display().to_string())?;
            command.arg("-h").arg(cluster::socket_dir(&data_dir)).args(["-U", role.name(), "-d", DATABASE]);
            if role == PgRole::Reader {
                command.env("PGOPTIONS", "-c default_transaction_read_only=on");
            }
        }
    }
    let error = command.args(psql.arguments).exec();
    bail!("psql: {error}. Install the Postgres client (Debian: apt-get install postgresql-client)")
}
