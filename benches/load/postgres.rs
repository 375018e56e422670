use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mousetrail::store::cluster::Binaries;
use mousetrail::store::{DATABASE, PgRole, Server};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::process::{processes_in, spawn, test_folder, wait_until};
use super::template::template;

/// Crash recovery of a busy cluster on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A site that allows `ORIGIN`.
#[derive(Clone, Debug)]
pub struct Site {
    pub site_id: i32,
    pub key: String,
}

/// A Postgres of its own for one test: a migrated database with one site, a Unix socket and no port, ended with this process.
pub struct Postgres {
    folder: PathBuf,
    settings: Vec<String>,
    binaries: Binaries,
    child: Option<Child>,
    pub site: Site,
}

impl Postgres {
    /// With fsync on and otherwise the settings that the private cluster has.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same without waiting for the disk: for checks that are not about what survives, beside others that keep the disk busy.
    pub fn start_quick() -> Self {
        Self::start_with(&["fsync=off"])
    }

    /// The same with more settings, such as `max_connections=20`.
    pub fn start_with(settings: &[&str]) -> Self {
        Self::start_in(&test_folder("pg"), settings)
    }

    /// The same in a folder of the caller: on a file system of its own, say.
    pub fn start_in(folder: &Path, settings: &[&str]) -> Self {
        let template = template();
        fs::create_dir_all(folder.join("sock")).unwrap();
        let data = folder.join("data");
        template.copy_to(&data);
        let owner = fs::metadata(&data).unwrap();
        for path in [folder.to_owned(), folder.join("sock")] {
            if rustix::process::geteuid().is_root() {
                chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let binaries = Binaries::choose(None).unwrap();
        let mut postgres = Self { folder: folder.to_owned(), settings, binaries, child: None, site: template.site.clone() };
        postgres.start_again();
        postgres
    }

    /// Starts it on what it left behind, and waits until it takes connections.
    pub fn start_again(&mut self) {
        self.start_again_without_waiting();
        wait_until("Postgres takes connections", PATIENCE, || self.is_ready());
    }

    /// The same; it may still recover.
    pub fn start_again_without_waiting(&mut self) {
        assert!(self.child.is_none(), "Postgres runs already");
        let data = self.data();
        wait_until("backends of the last run are gone", PATIENCE, || processes_in(&data).is_empty());
        let _ = fs::remove_file(data.join("postmaster.pid"));
        let owner = fs::metadata(&data).unwrap();
        let mut command = Command::new(self.binaries.program("postgres"));
        command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("PATH", "/usr/bin:/bin").current_dir("/").process_group(0);
        if rustix::process::geteuid().is_root() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        command.arg("-D").arg(&data).arg("-k").arg(self.folder.join("sock"));
        let fixed =
            ["listen_addresses=", "unix_socket_permissions=0700", "logging_collector=off", "fsync=on", "synchronous_commit=on", "jit=off"];
        for setting in fixed.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        let log = OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        // Immediate shutdown when this process is gone: nobody needs what is in it.
        self.child = Some(spawn(command, Signal::QUIT, None).unwrap());
    }

    /// Does it take connections?
    pub fn is_ready(&mut self) -> bool {
        if let Some(status) = self.child.as_mut().expect("Postgres was started").try_wait().unwrap() {
            panic!("Postgres ended with {status}:\n{}", fs::read_to_string(self.log()).unwrap_or_default());
        }
        // Line 8 of the file is the state.
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        file.lines().nth(7).is_some_and(|state| state.trim() == "ready") && UnixStream::connect(self.socket()).is_ok()
    }

    /// Did it end by itself? Then it can be started again.
    pub fn has_ended(&mut self) -> bool {
        let has_ended = self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_some());
        if has_ended {
            self.child = None;
        }
        has_ended
    }

    /// Immediate shutdown, as `pg_ctl stop -m immediate`: backends end at once, recovery at the next start.
    pub fn stop_immediate(&mut self) {
        self.end(Signal::QUIT);
    }

    /// Fast shutdown: sessions are ended, everything is on disk.
    pub fn stop_fast(&mut self) {
        self.end(Signal::INT);
    }

    /// `kill -9` of the postmaster and all of its backends.
    pub fn kill_9(&mut self) {
        self.signal_all(Signal::KILL);
        let _ = self.child.take().expect("Postgres runs").wait();
        wait_until("all backends are gone", PATIENCE, || {
            self.signal_all(Signal::KILL);
            processes_in(&self.data()).is_empty()
        });
    }

    /// Stops all of its processes in their tracks: it hangs, but is not down.
    pub fn freeze(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    /// A connection as the owner, by the Unix socket.
    pub async fn owner(&self) -> PgConnection {
        self.server().connect(PgRole::Owner).await.unwrap()
    }

    /// The server, for code that runs in this process.
    pub fn server(&self) -> Server {
        Server::private(&self.folder, DATABASE)
    }

    /// For a collector, by the Unix socket.
    pub fn url(&self) -> String {
        let socket = self.folder.join("sock").display().to_string().replace('/', "%2F");
        format!("postgres://mousetrail@localhost/{DATABASE}?host={socket}&sslmode=disable")
    }

    /// For a collector that comes through a proxy on this port.
    pub fn url_through(&self, port: u16) -> String {
        format!("postgres://mousetrail@127.0.0.1:{port}/{DATABASE}?sslmode=disable")
    }

    /// The Unix socket itself, for a proxy.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("sock").join(".s.PGSQL.5432")
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// The one number that a query gives.
    pub async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.owner().await).await.unwrap()
    }

    /// Runs statements as the owner.
    pub async fn execute(&self, sql: &str) {
        self.owner().await.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// Runs statements as the cluster's superuser: `alter system`, say.
    pub async fn execute_as_superuser(&self, sql: &str) {
        self.superuser(DATABASE).await.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// A connection as the cluster's superuser, for whom Postgres keeps places free.
    pub async fn superuser(&self, database: &str) -> PgConnection {
        let options = mousetrail::store::cluster::options(&self.folder).username("postgres").database(database);
        PgConnection::connect_with(&options).await.unwrap()
    }

    /// A connection as the owner that does not say that it is one of ours; an error where Postgres lets nobody in.
    pub async fn stranger(&self) -> sqlx::Result<PgConnection> {
        PgConnection::connect_with(&mousetrail::store::cluster::options(&self.folder).username(PgRole::Owner.name()).database(DATABASE))
            .await
    }

    fn signal_all(&self, signal: Signal) {
        // The postmaster first, so that it starts no new ones meanwhile.
        let first = self.child.as_ref().map(Pid::from_child);
        let rest = processes_in(&self.data()).into_iter().filter(|pid| Some(*pid) != first);
        for pid in first.into_iter().chain(rest) {
            let _ = kill_process(pid, signal);
        }
    }

    fn end(&mut self, signal: Signal) {
        let mut child = self.child.take().expect("Postgres runs");
        let _ = kill_process(Pid::from_child(&child), signal);
        wait_until("Postgres ends", PATIENCE, || child.try_wait().unwrap().is_some());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.thaw();
        if let Some(child) = &mut self.child {
            let _ = kill_process(Pid::from_child(child), Signal::QUIT);
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the log of Postgres is {}", self.log().display());
        }
        // Data is what takes room; the log stays until the process is gone.
        let _ = fs::remove_dir_all(self.data());
    }
}
