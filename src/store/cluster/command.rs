use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::directory::Directory;
use super::{Binaries, SUPERUSER};

/// A Postgres program with a clean environment, as the user that owns the cluster.
fn program(directory: &Directory, binaries: &Binaries, name: &str) -> Command {
    let mut command = Command::new(binaries.program(name));
    command
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .stdin(Stdio::null())
        // A group of its own: Ctrl-C in a terminal is for the collector, which then stops Postgres in order.
        .process_group(0);
    if let Some(user) = directory.run_as() {
        // std drops the supplementary groups as well when it starts from root.
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// `initdb` into the unfinished folder.
pub(super) fn initdb(directory: &Directory, binaries: &Binaries) -> Command {
    let mut command = program(directory, binaries, "initdb");
    command.arg("-D").arg(directory.unfinished()).args(["-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]);
    // Whoever can enter the socket's folder (mode 0700) is the owner; nobody else gets as far as authentication.
    command.args(["--auth-local=trust", "--auth-host=reject"]);
    command
}

/// The postmaster. It dies with the thread that starts it, so that thread has to live as long as the collector.
pub(super) fn postgres(directory: &Directory, binaries: &Binaries) -> Command {
    let mut command = program(directory, binaries, "postgres");
    command.arg("-D").arg(directory.data()).arg("-k").arg(directory.socket());
    for setting in [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "logging_collector=off",
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on",
        "max_wal_size=2GB",
        "jit=off",
    ] {
        command.args(["-c", setting]);
    }
    end_with_parent(&mut command);
    command
}

/// Fast shutdown of Postgres when the collector is killed.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "pre_exec is the only way to set the parent-death signal after std has dropped root, which clears it")]
fn end_with_parent(command: &mut Command) {
    use rustix::process::{Signal, set_parent_process_death_signal};
    // SAFETY: the closure makes one async-signal-safe system call and allocates nothing.
    unsafe {
        command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::INT))?));
    }
}

/// Other systems have no such signal; the next start stops what was left over.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_: &mut Command) {}
