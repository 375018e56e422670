//! The private Postgres: what happens when one side dies.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mousetrail::store::cluster::{Cluster, ClusterError, SUPERUSER, options};
use sqlx::{Connection, Executor, PgConnection};

use super::app::test_folder;

async fn connect(folder: &Path) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(&options(folder).username(SUPERUSER).database("postgres")).await
}

fn postmaster_pid(folder: &Path) -> i32 {
    fs::read_to_string(folder.join("data/postmaster.pid")).unwrap().lines().next().unwrap().parse().unwrap()
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_cluster_keeps_every_promise_of_durability_and_listens_on_its_socket_only() {
    let folder = test_folder("settings");
    let cluster = Cluster::start(&folder).unwrap();
    let mut connection = connect(&folder).await.unwrap();
    for (setting, value) in
        [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("data_checksums", "on"), ("listen_addresses", "")]
    {
        let is: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&mut connection).await.unwrap();
        assert_eq!(is, value, "{setting}");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(folder.join("sock")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    connection.close().await.unwrap();
    tokio::task::spawn_blocking(move || cluster.stop()).await.unwrap();
    assert!(connect(&folder).await.is_err(), "it is stopped");
}

#[tokio::test]
async fn a_second_collector_on_the_same_directory_is_refused() {
    let folder = test_folder("second");
    let _cluster = Cluster::start(&folder).unwrap();
    assert!(matches!(Cluster::start(&folder), Err(ClusterError::InUse(_))));
}

#[tokio::test]
async fn a_postmaster_that_is_killed_is_started_again_and_has_every_committed_row() {
    let folder = test_folder("killed");
    let _cluster = Cluster::start(&folder).unwrap();
    let mut connection = connect(&folder).await.unwrap();
    connection.execute("create table kept as select generate_series(1, 1000) as n").await.unwrap();
    let before = postmaster_pid(&folder);
    kill(before);
    let begin = Instant::now();
    let mut again = loop {
        if let Ok(connection) = connect(&folder).await
            && postmaster_pid(&folder) != before
        {
            break connection;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "not back after 30 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let rows: i64 = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut again).await.unwrap();
    assert_eq!(rows, 1_000);
}

#[tokio::test]
async fn a_half_made_cluster_is_made_anew_and_a_foreign_version_is_named() {
    let folder = test_folder("half");
    fs::create_dir_all(folder.join("data.init")).unwrap();
    fs::write(folder.join("data.init/rubbish"), "x").unwrap();
    Cluster::start(&folder).unwrap().stop();
    fs::write(folder.join("data/PG_VERSION"), "9\n").unwrap();
    let Err(error) = Cluster::start(&folder) else { panic!("version 9 is not here") };
    assert!(error.to_string().contains("was made by Postgres 9"), "{error}");
}

/// What a collector leaves behind where the system doesn't end children with their parents.
#[tokio::test]
async fn a_postgres_that_was_left_running_is_stopped_and_taken_over_with_every_row() {
    let folder = test_folder("orphan");
    Cluster::start(&folder).unwrap().stop();
    let folder_owner = fs::metadata(folder.join("data")).unwrap();
    let mut orphan = Command::new(server_program("postgres"));
    orphan.arg("-D").arg(folder.join("data")).arg("-k").arg(folder.join("sock")).args(["-c", "listen_addresses="]);
    orphan.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    orphan.uid(folder_owner.uid()).gid(folder_owner.gid());
    let mut orphan = orphan.spawn().unwrap();
    let begin = Instant::now();
    let mut connection = loop {
        if let Ok(connection) = connect(&folder).await {
            break connection;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "the orphan does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    connection.execute("create table kept as select generate_series(1, 1000) as n").await.unwrap();
    // Reaped as pid 1 would, so that it doesn't stay a zombie.
    let reaper = std::thread::spawn(move || orphan.wait().unwrap());
    let cluster = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || Cluster::start(&folder)
    });
    let _cluster = cluster.await.unwrap().unwrap();
    assert!(reaper.join().unwrap().success(), "a fast shutdown, not a crash");
    let mut connection = connect(&folder).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 1_000);
}

/// A program of the newest server installation, or of the one in PATH.
pub fn server_program(name: &str) -> PathBuf {
    let version = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = debian.filter(|path| version(path).is_some()).max_by_key(version);
    newest.map_or_else(|| PathBuf::from(name), |path| path.join("bin").join(name))
}

#[test]
fn a_path_that_no_socket_fits_into_is_refused_with_advice() {
    let folder = test_folder(&"long".repeat(30));
    let Err(error) = Cluster::start(&folder) else { panic!("too long for a socket") };
    assert!(error.to_string().contains("shorter --data-dir"), "{error}");
}
