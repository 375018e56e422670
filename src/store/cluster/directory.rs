use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::ClusterError;

/// The user that Postgres runs as when the collector is root, which Postgres refuses.
#[derive(Debug, Clone)]
pub(super) struct RunAs {
    pub(super) uid: u32,
    pub(super) gid: u32,
    name: String,
}

/// The data directory, held by this process: `data` (the cluster), `sock` (its socket), `postgres.log`, `collector.lock`.
pub(super) struct Directory {
    base: PathBuf,
    run_as: Option<RunAs>,
    _lock: File,
}

/// Where the socket of a data directory is.
pub(super) fn socket_dir(base: &Path) -> PathBuf {
    base.join("sock")
}

impl Directory {
    /// Makes the directory where it is missing, gives it to the user that runs Postgres, and locks it.
    pub(super) fn open(base: &Path) -> Result<Self, ClusterError> {
        let socket = socket_dir(base).join(".s.PGSQL.5432");
        if socket.as_os_str().len() > 107 {
            return Err(ClusterError::LongPath(socket));
        }
        let run_as = run_as()?;
        fs::create_dir_all(base).map_err(ClusterError::io(base))?;
        let base = fs::canonicalize(base).map_err(ClusterError::io(base))?;
        for folder in [base.clone(), socket_dir(&base)] {
            fs::create_dir_all(&folder).map_err(ClusterError::io(&folder))?;
            if let Some(user) = &run_as {
                chown(&folder, Some(user.uid), Some(user.gid)).map_err(ClusterError::io(&folder))?;
            }
            fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(ClusterError::io(&folder))?;
        }
        if let Some(user) = &run_as {
            reachable(&base, user)?;
        }
        let lock_path = base.join("collector.lock");
        let lock = File::create(&lock_path).map_err(ClusterError::io(&lock_path))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| ClusterError::InUse(base.clone()))?;
        Ok(Self { base, run_as, _lock: lock })
    }

    /// The cluster's own directory.
    pub(super) fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// Where a cluster is made before it gets its name, so that a killed initdb leaves no half cluster.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.base.join("data.init")
    }

    pub(super) fn socket(&self) -> PathBuf {
        socket_dir(&self.base)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.base.join("postgres.log")
    }

    pub(super) fn run_as(&self) -> Option<&RunAs> {
        self.run_as.as_ref()
    }

    /// The directory and its major version, where a cluster stands in it.
    pub(super) fn version(&self) -> Result<Option<(PathBuf, u32)>, ClusterError> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok().map(|version| (self.data(), version))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::io(path)(error)),
        }
    }
}

/// An unprivileged user when we are root, nothing otherwise.
fn run_as() -> Result<Option<RunAs>, ClusterError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let user = ["postgres", "nobody"].iter().find_map(uzers::get_user_by_name).ok_or(ClusterError::NoUser)?;
    Ok(Some(RunAs { uid: user.uid(), gid: user.primary_group_id(), name: user.name().to_string_lossy().into_owned() }))
}

/// Postgres drops root before it opens its directory, so every folder on the way has to let others pass.
fn reachable(base: &Path, user: &RunAs) -> Result<(), ClusterError> {
    for folder in base.ancestors().skip(1) {
        let meta = fs::metadata(folder).map_err(ClusterError::io(folder))?;
        let may_pass = meta.mode() & 0o001 != 0
            || (meta.uid() == user.uid && meta.mode() & 0o100 != 0)
            || (meta.gid() == user.gid && meta.mode() & 0o010 != 0);
        if !may_pass {
            return Err(ClusterError::Unreachable { user: user.name.clone(), directory: base.to_owned(), blocked: folder.to_owned() });
        }
    }
    Ok(())
}
