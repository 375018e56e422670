use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::http::get;
use super::metrics::Metrics;
use super::process::{cpu_seconds, free_port, open_fds, rss_bytes, spawn, test_folder, wait_until};

/// How a collector is started.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: PathBuf,
    pub database_url: String,
    /// Stays the same when it is started again.
    pub port: u16,
    /// Further flags of `mousetrail serve`.
    pub flags: Vec<String>,
    /// Variables of its environment.
    pub environment: Vec<(String, String)>,
    /// Soft limit of open files; `None` leaves it as it is.
    pub open_files: Option<u64>,
}

impl Launch {
    /// The binary that cargo built for this test, or the one that MOUSETRAIL names, on a free port.
    pub fn new(database_url: &str) -> Self {
        Self {
            program: std::env::var_os("MOUSETRAIL").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_mousetrail")), PathBuf::from),
            database_url: database_url.to_owned(),
            port: free_port(),
            flags: Vec::new(),
            environment: Vec::new(),
            open_files: None,
        }
    }

    /// With limits that are no obstacle: for checks that come from one address, or faster than visitors do.
    pub fn wide_open(self) -> Self {
        let flags = supported(
            &self.program,
            &[
                ("--max-connections-per-address", "100000"),
                ("--max-connections-per-prefix", "100000"),
                ("--page-views-per-minute", "10000000"),
                ("--posts-per-second", "100000"),
                ("--frames-per-second", "100000"),
                ("--frames-burst", "100000"),
            ],
        );
        self.flags(flags.iter().map(String::as_str))
    }

    /// With more flags.
    pub fn flags<'a>(mut self, flags: impl IntoIterator<Item = &'a str>) -> Self {
        self.flags.extend(flags.into_iter().map(str::to_owned));
        self
    }
}

/// The real binary as a process of its own, on a port that stays. Ended with this process.
pub struct Collector {
    launch: Launch,
    child: Option<Child>,
    log: PathBuf,
    pub pid: u32,
    pub port: u16,
}

impl Collector {
    /// Starts it on a database and waits until it is ready.
    pub fn start(database_url: &str) -> Self {
        Self::launch(Launch::new(database_url))
    }

    /// The same, as told.
    pub fn launch(launch: Launch) -> Self {
        let log = test_folder("collector").join("collector.log");
        let mut collector = Self { port: launch.port, launch, child: None, log, pid: 0 };
        collector.restart();
        collector
    }

    /// Starts it again after it ended, and waits until it is ready.
    pub fn restart(&mut self) {
        self.restart_without_waiting();
        wait_until("the collector is ready", Duration::from_secs(60), || {
            if let Some(status) = self.status() {
                panic!("the collector ended with {status}:\n{}", self.log());
            }
            self.ready()
        });
    }

    /// The same, without a look at whether it comes up.
    pub fn restart_without_waiting(&mut self) {
        assert!(self.status().is_some() || self.child.is_none(), "the collector runs already");
        let launch = &self.launch;
        let mut command = Command::new(&launch.program);
        command.arg("serve").args(["--listen", &format!("127.0.0.1:{}", launch.port), "--demo", "false"]);
        command.args(["--database-url", &launch.database_url]).args(&launch.flags);
        command.env_remove("DATABASE_URL").env_remove("RUST_LOG").envs(launch.environment.iter().cloned());
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = spawn(command, Signal::KILL, launch.open_files).unwrap();
        self.pid = child.id();
        self.child = Some(child);
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill_9(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.as_mut().expect("the collector was started").wait();
    }

    /// SIGTERM, and does not wait.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Any signal.
    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("the collector was started");
        let _ = kill_process(Pid::from_child(child), signal);
    }

    /// How it ended; panics when it runs longer than the limit.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        wait_until("the collector ends", limit, || self.status().is_some());
        self.status().expect("it ended")
    }

    /// How it ended; `None` while it runs.
    pub fn status(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().unwrap()
    }

    /// Resident memory, bytes.
    pub fn rss_bytes(&self) -> u64 {
        rss_bytes(self.pid)
    }

    /// Open files.
    pub fn open_fds(&self) -> usize {
        open_fds(self.pid)
    }

    /// Processor time used, seconds.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(self.pid)
    }

    /// All that it wrote so far, over all its starts.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Does it want new connections?
    pub fn ready(&self) -> bool {
        self.is_ok("/health/ready")
    }

    /// Does the process answer?
    pub fn live(&self) -> bool {
        self.is_ok("/health/live")
    }

    fn is_ok(&self, path: &str) -> bool {
        get(self.port, path, Duration::from_secs(5)).is_some_and(|answer| answer.status == 200)
    }

    /// What `/metrics` says.
    pub fn metrics(&self) -> Metrics {
        let answer = get(self.port, "/metrics", Duration::from_secs(10)).expect("the collector answers /metrics");
        Metrics::parse(&answer.body)
    }

    /// Received = committed + duplicate + rejected + in flight for each site, no panic, and none in the log (D7). Every test ends here.
    pub fn finish(mut self) {
        self.assert_sound();
        self.terminate();
        self.wait(Duration::from_secs(15));
    }

    /// The same for a collector that goes on.
    pub fn assert_sound(&mut self) {
        if self.status().is_none() && self.live() {
            let sites = self.metrics().values_of("site");
            let labels: Vec<Vec<(&str, &str)>> =
                std::iter::once(Vec::new()).chain(sites.iter().map(|site| vec![("site", site.as_str())])).collect();
            for labels in labels {
                // The counters are read one after the other while frames may come and go.
                wait_until(&format!("conservation law, {labels:?}"), Duration::from_secs(10), || self.metrics().missing(&labels) == 0.0);
            }
            assert_eq!(self.metrics().sum("mousetrail_panics_total"), 0.0, "panics");
        }
        self.assert_no_panic();
    }

    /// Nothing in its log says that a thread panicked.
    pub fn assert_no_panic(&self) {
        let log = self.log();
        let panics: Vec<_> = log.lines().filter(|line| line.contains("panicked")).collect();
        assert!(panics.is_empty(), "{panics:#?}");
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            eprintln!("the last lines of {}:\n{}", self.log.display(), lines[lines.len().saturating_sub(30)..].join("\n"));
        }
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Those of the flags, with their values, that the binary knows.
pub fn supported(program: &Path, flags: &[(&str, &str)]) -> Vec<String> {
    let output = Command::new(program).args(["serve", "--help"]).env_remove("DATABASE_URL").output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_known = |flag: &str| help.split_whitespace().any(|word| word == flag);
    flags.iter().filter(|(flag, _)| is_known(flag)).flat_map(|(flag, value)| [(*flag).to_owned(), (*value).to_owned()]).collect()
}
