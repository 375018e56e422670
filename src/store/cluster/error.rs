use std::io;
use std::path::PathBuf;

/// Why there is no private Postgres. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server binaries on this machine.
    #[error(
        "no Postgres server found on this machine. Install it ({}) or give a server with --database-url",
        super::binaries::INSTALL_HINT
    )]
    NoBinaries,
    /// The data directory was made by a major version that is not here.
    #[error(
        "{directory} was made by Postgres {wanted}, but this machine has {found}. Install Postgres {wanted} again (postgresql-{wanted} on Debian), \
         or upgrade the directory with pg_upgrade"
    )]
    OtherVersion {
        /// The data directory.
        directory: PathBuf,
        /// Its major version.
        wanted: u32,
        /// Major versions on this machine.
        found: String,
    },
    /// Somebody else runs this data directory.
    #[error("another collector is running on {0}. Stop it, or choose another --data-dir")]
    InUse(PathBuf),
    /// The user that runs Postgres can't get to the directory.
    #[error("user {user} can't reach {directory}: {blocked} is closed to others. Choose another --data-dir, such as /var/lib/mousetrail")]
    Unreachable {
        /// The user that Postgres runs as.
        user: String,
        /// The data directory.
        directory: PathBuf,
        /// The part of its path that is closed.
        blocked: PathBuf,
    },
    /// A Unix socket's path has to fit into 107 bytes.
    #[error("the path {0} is too long for a Unix socket. Choose a shorter --data-dir")]
    LongPath(PathBuf),
    /// Root has no unprivileged user to run Postgres as.
    #[error("no user postgres or nobody on this machine to run Postgres as. Create one, or start as an ordinary user")]
    NoUser,
    /// Postgres ended or hung while starting.
    #[error("Postgres did not start: {reason}. Its log is {log}")]
    NotStarted {
        /// What was seen.
        reason: String,
        /// Where to read more.
        log: PathBuf,
    },
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ClusterError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
