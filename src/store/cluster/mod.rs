//! A private Postgres: its own data directory, a Unix socket and nothing else, started and watched by the collector.

mod binaries;
mod command;
mod directory;
mod error;
mod postmaster;
mod supervisor;

pub use binaries::Binaries;
pub use error::ClusterError;

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

use directory::Directory;
use supervisor::Supervisor;

/// Superuser of the cluster. Only setting up uses it; the collector's own roles are none.
pub const SUPERUSER: &str = "postgres";

/// A running private Postgres. Dropping it stops Postgres.
pub struct Cluster {
    directory: PathBuf,
    supervisor: Supervisor,
}

impl Cluster {
    /// Starts the cluster of this data directory, and makes it first where there is none.
    ///
    /// Blocks until Postgres accepts connections, which takes seconds after a crash. Another collector on the same directory, missing server
    /// binaries or a directory of another major version are errors that say what to do.
    pub fn start(data_dir: &Path) -> Result<Self, ClusterError> {
        let directory = Directory::open(data_dir)?;
        let binaries = Binaries::choose(directory.version()?)?;
        let supervisor = Supervisor::start(directory, binaries)?;
        Ok(Self { directory: data_dir.to_owned(), supervisor })
    }

    /// Connects to this cluster, without a user or database yet.
    pub fn options(&self) -> PgConnectOptions {
        options(&self.directory)
    }

    /// Stops Postgres: fast shutdown, every committed row on disk.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.supervisor.stop();
    }
}

/// How to reach the private cluster of a data directory, whoever runs it.
pub fn options(data_dir: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(directory::socket_dir(data_dir)).port(5432)
}

/// Does a cluster of this data directory answer at the moment?
pub fn is_running(data_dir: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(directory::socket_dir(data_dir).join(".s.PGSQL.5432")).is_ok()
}

/// Directory of the Unix socket, as psql wants it after `-h`.
pub fn socket_dir(data_dir: &Path) -> PathBuf {
    directory::socket_dir(data_dir)
}
