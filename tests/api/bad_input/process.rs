use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::{ORIGIN, test_folder};

/// The real binary with a private Postgres of its own, where what counts is its memory or its log.
pub struct Process {
    pub url: String,
    /// Public key of a site that allows `ORIGIN`.
    pub key: String,
    folder: PathBuf,
    child: Child,
}

impl Process {
    /// Starts it and waits until it answers. Its log goes to a file, as JSON.
    pub fn start(name: &str) -> Self {
        Self::start_logging(name, None)
    }

    /// The same, with what is to be logged as `RUST_LOG` has it.
    pub fn start_logging(name: &str, filter: Option<&str>) -> Self {
        let folder = test_folder(name);
        fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(folder.join("log")).unwrap();
        let child = command(&folder, &["serve", "--listen", &format!("127.0.0.1:{port}"), "--log-format", "json"])
            .envs(filter.map(|filter| ("RUST_LOG", filter)))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut process = Self { url: format!("http://127.0.0.1:{port}"), key: String::new(), folder, child };
        let until = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until && process.child.try_wait().unwrap().is_none(), "it starts: {}", process.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        let added = command(&process.folder, &["site", "add", "Test", "--origin", ORIGIN]).output().unwrap();
        process.key = String::from_utf8(added.stdout).unwrap().trim().to_owned();
        assert!(!process.key.is_empty(), "{}", String::from_utf8_lossy(&added.stderr));
        process
    }

    /// Memory that it holds, bytes.
    pub fn resident(&self) -> i64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<i64>().unwrap() * 1_024
    }

    /// All that it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// What a query gives, one line a row.
    pub fn query(&self, sql: &str) -> String {
        let output = command(&self.folder, &["psql", "--owner", "--", "-Atc", sql]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Stops it in order: its exit code and its log.
    pub fn stop(mut self) -> (Option<i32>, String) {
        self.terminate();
        let status = self.child.wait().unwrap();
        (status.code(), self.log())
    }

    fn terminate(&self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id() as i32) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.terminate();
            let _ = self.child.wait();
        }
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mousetrail"));
    command.args(arguments).env("MOUSETRAIL_DATA_DIR", folder.join("data")).env_remove("DATABASE_URL").env_remove("RUST_LOG");
    command
}
