use std::fs::{self, File, OpenOptions};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::directory::Directory;
use super::{Binaries, ClusterError, command, postmaster};

/// Crash recovery of a busy cluster can take a while.
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The thread that starts Postgres, starts it again when it dies, and ends it.
///
/// It is a thread of its own because Linux sends the parent-death signal when the *thread* that forked ends.
pub(super) struct Supervisor {
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Supervisor {
    /// Returns when Postgres accepts connections.
    pub(super) fn start(directory: Directory, binaries: Binaries) -> Result<Self, ClusterError> {
        let (stop, stopped) = channel();
        let (started, start) = channel();
        let body = move || match Postgres::start(&directory, &binaries) {
            Ok(postgres) => {
                let _ = started.send(Ok(()));
                watch(&directory, &binaries, postgres, &stopped);
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        };
        let thread = thread::Builder::new().name("postgres".to_owned()).spawn(body).map_err(ClusterError::io("thread"))?;
        let supervisor = Self { stop, thread: Some(thread) };
        match start.recv() {
            Ok(result) => result.map(|()| supervisor),
            Err(_) => unreachable!("the thread sends once before it ends"),
        }
    }

    /// Ends Postgres and waits for it.
    pub(super) fn stop(&mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits for the order to stop; starts Postgres again whenever it ends by itself.
fn watch(directory: &Directory, binaries: &Binaries, mut postgres: Postgres, stopped: &Receiver<()>) {
    let mut pause = FIRST_PAUSE;
    let mut begin = Instant::now();
    loop {
        match stopped.recv_timeout(Duration::from_millis(100)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return postgres.stop(),
        }
        let Some(status) = postgres.ended() else { continue };
        if begin.elapsed() > Duration::from_secs(60) {
            pause = FIRST_PAUSE;
        }
        tracing::error!(%status, log = %directory.log().display(), pause_ms = pause.as_millis() as u64, "Postgres ended, starting it again");
        loop {
            if !matches!(stopped.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            begin = Instant::now();
            match Postgres::start(directory, binaries) {
                Ok(again) => {
                    postgres = again;
                    break;
                }
                Err(error) => tracing::error!(%error, pause_ms = pause.as_millis() as u64, "Postgres did not start"),
            }
        }
    }
}

/// A postmaster that we started.
struct Postgres {
    child: Child,
}

impl Postgres {
    fn start(directory: &Directory, binaries: &Binaries) -> Result<Self, ClusterError> {
        if directory.version()?.is_none() {
            initialise(directory, binaries)?;
        }
        postmaster::clear(directory)?;
        let path = directory.log();
        let log = OpenOptions::new().create(true).append(true).open(&path).map_err(ClusterError::io(&path))?;
        let mut command = command::postgres(directory, binaries);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().map_err(ClusterError::io(binaries.program("postgres")))?;
        let mut postgres = Self { child };
        postgres.wait_ready(directory)?;
        Ok(postgres)
    }

    fn wait_ready(&mut self, directory: &Directory) -> Result<(), ClusterError> {
        let begin = Instant::now();
        let failed = |reason: String| ClusterError::NotStarted { reason, log: directory.log() };
        loop {
            if let Some(status) = self.ended() {
                return Err(failed(format!("it ended with {status}")));
            }
            if let Some((pid, true)) = postmaster::find(&directory.data())
                && pid == Pid::from_child(&self.child)
            {
                return Ok(());
            }
            if begin.elapsed() > START_LIMIT {
                self.stop();
                return Err(failed(format!("not ready after {} s", START_LIMIT.as_secs())));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Fast shutdown; immediate shutdown when that hangs. Never SIGKILL, which would leave shared memory behind.
    fn stop(&mut self) {
        let pid = Pid::from_child(&self.child);
        let begin = Instant::now();
        let _ = kill_process(pid, Signal::INT);
        while self.ended().is_none() {
            if begin.elapsed() > STOP_LIMIT {
                tracing::error!("Postgres does not end, stopping it at once");
                let _ = kill_process(pid, Signal::QUIT);
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Makes the cluster beside its place and moves it there when it is whole.
fn initialise(directory: &Directory, binaries: &Binaries) -> Result<(), ClusterError> {
    let unfinished = directory.unfinished();
    let _ = fs::remove_dir_all(&unfinished);
    let output = command::initdb(directory, binaries).output().map_err(ClusterError::io(binaries.program("initdb")))?;
    if !output.status.success() {
        let _ = fs::write(directory.log(), &output.stderr);
        return Err(ClusterError::NotStarted { reason: format!("initdb ended with {}", output.status), log: directory.log() });
    }
    let data = directory.data();
    fs::rename(&unfinished, &data).map_err(ClusterError::io(&data))?;
    let parent = data.parent().unwrap_or(&data).to_owned();
    File::open(&parent).and_then(|folder| folder.sync_all()).map_err(ClusterError::io(parent))
}
