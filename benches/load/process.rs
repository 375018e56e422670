use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal, getrlimit, set_parent_process_death_signal, setrlimit};

type Order = Box<dyn FnOnce() + Send>;

/// Starts a process that gets `at_end` when this process ends, however it ends. `open_files` is how many files it may have open, where given.
///
/// Linux sends the signal when the *thread* that forked ends, so one thread that lives as long as the process starts them all.
pub fn spawn(mut command: Command, at_end: Signal, open_files: Option<u64>) -> std::io::Result<Child> {
    static NURSERY: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let nursery = NURSERY.get_or_init(|| {
        let (sender, orders) = channel::<Order>();
        thread::Builder::new().name("nursery".to_owned()).spawn(move || orders.iter().for_each(|order| order())).unwrap();
        Mutex::new(sender)
    });
    prepare(&mut command, at_end, open_files);
    let (done, child) = channel();
    let order = Box::new(move || {
        let _ = done.send(command.spawn());
    });
    nursery.lock().unwrap().send(order).unwrap();
    child.recv().unwrap()
}

#[expect(unsafe_code, reason = "pre_exec is the only way to set the parent-death signal after std has dropped root, which clears it")]
fn prepare(command: &mut Command, at_end: Signal, open_files: Option<u64>) {
    // SAFETY: the closure makes a few async-signal-safe system calls and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            if let Some(limit) = open_files {
                let mut files = getrlimit(Resource::Nofile);
                // The hard limit too: the collector raises the soft one to it.
                (files.current, files.maximum) = (Some(limit), Some(limit));
                setrlimit(Resource::Nofile, files)?;
            }
            Ok(set_parent_process_death_signal(Some(at_end))?)
        });
    }
}

/// A new folder of this process, with a name that is used once. Folders of processes that are gone are removed.
pub fn test_folder(name: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let base = std::env::temp_dir().join("mousetrail-tests");
    fs::create_dir_all(&base).unwrap();
    for entry in fs::read_dir(&base).unwrap().flatten() {
        let is_gone = entry.file_name().to_str().is_some_and(|pid| !Path::new("/proc").join(pid).exists());
        if is_gone && Path::new("/proc/self").exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = base.join(std::process::id().to_string()).join(format!("{name}-{number}"));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A port of 127.0.0.1 that nothing listens on. It lies below the range from which the system takes ports of outgoing connections, so that it
/// is still free after a restart under load.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 12_000 + ((std::process::id() * 101 + number) % 18_000) as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Pids of all processes whose working directory is this one: a postmaster and its backends sit in their data directory.
pub fn processes_in(folder: &Path) -> Vec<Pid> {
    let Ok(folder) = fs::canonicalize(folder) else { return Vec::new() };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder))
        .filter_map(|process| Pid::from_raw(process.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// Resident memory of a process, bytes.
pub fn rss_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) * 1_024
}

/// Open files of a process.
pub fn open_fds(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// Processor time that a process has used, seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold spaces; utime and stime are fields 14 and 15, in ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Looks every 20 ms until it is so; panics with the words after the limit.
pub fn wait_until(words: &str, limit: Duration, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < limit, "not within {limit:?}: {words}");
        thread::sleep(Duration::from_millis(20));
    }
}
