use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::ClusterError;
use super::directory::Directory;

/// How long an old postmaster or its backends may take to end.
const END_LIMIT: Duration = Duration::from_secs(30);

/// The postmaster that `postmaster.pid` names, if it lives: (pid, accepts connections).
pub(super) fn find(data: &Path) -> Option<(Pid, bool)> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
    test_kill_process(pid).ok()?;
    // The pid may be another process by now, or a zombie that nobody reaps: a live postmaster sits in its data directory.
    if cfg!(target_os = "linux") {
        let folder = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()?;
        if folder != fs::canonicalize(data).ok()? {
            return None;
        }
    }
    // Line 8 is its state; `lines` stands behind line 1.
    Some((pid, lines.nth(6).is_some_and(|state| state.trim() == "ready")))
}

/// Ends what a killed collector left behind, and removes the files of what is already dead.
pub(super) fn clear(directory: &Directory) -> Result<(), ClusterError> {
    let data = directory.data();
    let begin = Instant::now();
    let too_long = |reason: &str| ClusterError::NotStarted { reason: reason.to_owned(), log: directory.log() };
    if let Some((pid, _)) = find(&data) {
        tracing::warn!(pid = pid.as_raw_nonzero().get(), "stopping a Postgres that an earlier collector left running");
        let _ = kill_process(pid, Signal::INT);
        while find(&data).is_some() {
            if begin.elapsed() > END_LIMIT {
                return Err(too_long("an earlier Postgres does not end"));
            }
            sleep(Duration::from_millis(50));
        }
    }
    let pid_file = data.join("postmaster.pid");
    while pid_file.exists() {
        if !is_in_use(&data) {
            // Its pid may be taken by another process, and Postgres would then refuse to start.
            fs::remove_file(&pid_file).map_err(ClusterError::io(&pid_file))?;
            for entry in fs::read_dir(directory.socket()).into_iter().flatten().flatten() {
                let _ = fs::remove_file(entry.path());
            }
            break;
        }
        if begin.elapsed() > END_LIMIT {
            return Err(too_long("backends of an earlier Postgres do not end"));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Does any process, an orphaned backend say, still sit in the data directory?
fn is_in_use(data: &Path) -> bool {
    let Ok(data) = fs::canonicalize(data) else { return false };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.into_iter().any(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|folder| folder == data))
}
