//! `mousetrail doctor`: a healthy collector passes, and whatever is broken is named.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mousetrail::store::cluster::{Cluster, SUPERUSER, options, socket_dir};
use mousetrail::store::{DATABASE, Server, migrate};
use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};

use super::app::{TestApp, new_database, spawn_app, spawn_app_on, test_folder, url_of};
use super::cluster::server_program;
use super::program::{free_address, run};

/// What the doctor found.
struct Chart {
    code: Option<i32>,
    findings: Vec<Value>,
}

impl Chart {
    /// State, finding and advice of a check.
    fn of(&self, check: &str) -> (&str, &str, &str) {
        let finding =
            self.findings.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("no {check} in {:?}", self.findings));
        (finding["state"].as_str().unwrap(), finding["found"].as_str().unwrap(), finding["advice"].as_str().unwrap_or_default())
    }

    /// Fails unless the check is in this state, says these words, and, where something is wrong, says what to do.
    fn assert(&self, check: &str, state: &str, words: &str) {
        let (is, found, advice) = self.of(check);
        assert_eq!(is, state, "{check}: {found}");
        assert!(found.contains(words), "{check}: {found}");
        assert!(state == "ok" || advice.len() > 10, "{check} gives no advice");
    }

    fn failed(&self) -> Vec<&str> {
        self.findings.iter().filter(|finding| finding["state"] == "fail").map(|finding| finding["check"].as_str().unwrap()).collect()
    }
}

async fn doctor(arguments: &[&str]) -> Chart {
    let outcome = run(&[&["doctor", "--json"], arguments].concat()).await;
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    Chart { code: outcome.code, findings: report["findings"].as_array().unwrap().clone() }
}

fn address(app: &TestApp) -> &str {
    app.url.strip_prefix("http://").unwrap()
}

#[actix_web::test]
async fn a_healthy_collector_passes_and_no_trace_of_the_visit_stays() {
    let app = spawn_app().await;
    let url = url_of(&app.server).await;
    let arguments = ["--listen", address(&app), "--database-url", &url, "--public-url", &app.url];
    let chart = doctor(&arguments).await;
    assert_eq!(chart.failed(), Vec::<&str>::new(), "{:?}", chart.findings);
    assert_eq!(chart.code, Some(0));
    for check in [
        "configuration.settles",
        "configuration.listen",
        "configuration.public_url",
        "postgres.version",
        "postgres.fsync",
        "postgres.full_page_writes",
        "postgres.synchronous_commit",
        "postgres.clock",
        "postgres.migrations",
        "postgres.partitions",
        "postgres.quarantine",
        "postgres.timeouts",
        "collector.live",
        "collector.ready",
        "collector.public_url",
        "collector.public_socket",
        "metrics.conservation",
        "metrics.panics",
        "snippet.served",
        "snippet.version",
        "round_trip.welcome",
        "round_trip.socket",
        "round_trip.stored",
        "round_trip.post",
        "round_trip.erasure",
        "round_trip.clean",
    ] {
        assert_eq!(chart.of(check).0, "ok", "{check}: {:?}", chart.of(check));
    }
    for table in ["site where name = 'mousetrail doctor'", "page where path = '/'", "page_view", "session", "pointer_chunk", "note"] {
        assert_eq!(app.count(&format!("select count(*) from core.{table}")).await, 0, "{table}");
    }
    // For people: plain where nobody sees colours, and the same exit code.
    let outcome = run(&[&["doctor"], &arguments[..]].concat()).await;
    assert!(outcome.stdout.contains("round_trip\n  ok   welcome: hello and page view answered in "), "{}", outcome.stdout);
    assert!(outcome.stdout.is_ascii() && outcome.stdout.ends_with(" 0 failed\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, Some(0));
    app.finish().await;
}

#[actix_web::test]
async fn what_is_wrong_in_the_database_is_named() {
    let app = spawn_app().await;
    let url = url_of(&app.server).await;
    let today = chrono::Utc::now().format("%Y%m%d");
    app.execute("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)").await;
    app.execute(&format!("drop table core.pointer_chunk_{today}")).await;
    app.execute(
        "insert into core.quarantine (site_id, page_view_id, seq, sqlstate, reason, frame) values (1, 1, 1, '22P02', 'quotes a visitor', 'x')",
    )
    .await;
    let chart = doctor(&["--listen", address(&app), "--database-url", &url, "--no-round-trip"]).await;
    assert_eq!(chart.code, Some(1));
    chart.assert("postgres.migrations", "fail", "not run: ");
    chart.assert("postgres.partitions", "fail", "none for ");
    chart.assert("postgres.quarantine", "warning", "1 frames");
    assert!(!chart.of("postgres.quarantine").1.contains("visitor"), "the reason may quote what a visitor sent");
    assert_eq!(chart.failed(), ["postgres.migrations", "postgres.partitions"]);
    app.finish().await;
}

#[actix_web::test]
async fn a_collector_that_is_not_there_or_not_ours_is_named_and_the_rest_is_looked_at() {
    let server = new_database().await;
    let url = url_of(&server).await;
    let chart = doctor(&["--listen", &free_address(), "--database-url", &url]).await;
    assert_eq!(chart.code, Some(1));
    chart.assert("collector.live", "fail", "no collector answers");
    chart.assert("postgres.migrations", "ok", "complete");

    let other = spawn_app().await;
    let chart = doctor(&["--listen", address(&other), "--database-url", &url_of(&spawn_app_on(server).await.server).await]).await;
    chart.assert("collector.live", "fail", "uses another database");
    chart.assert("round_trip.welcome", "fail", "");
    chart.assert("round_trip.clean", "ok", "");

    let stranger = stranger(b"hello");
    let chart = doctor(&["--listen", &stranger, "--database-url", &url]).await;
    chart.assert("collector.live", "fail", "is no collector");
    other.finish().await;
}

#[actix_web::test]
async fn a_wrong_public_address_is_named() {
    let app = spawn_app().await;
    let url = url_of(&app.server).await;
    let with =
        async |public: &str| doctor(&["--listen", address(&app), "--database-url", &url, "--public-url", public, "--no-round-trip"]).await;
    let chart = with(&format!("http://{}", free_address())).await;
    chart.assert("collector.public_url", "fail", "does not answer");
    chart.assert("collector.public_socket", "fail", "no WebSocket gets through");
    chart.assert("snippet.served", "fail", "");
    assert_eq!(chart.code, Some(1));

    let other = spawn_app().await;
    with(&other.url).await.assert("collector.public_url", "fail", "of another database");

    // Something that rewrites scripts.
    let chart = with(&format!("http://{}", stranger(b"console.log(1)"))).await;
    chart.assert("collector.public_url", "fail", "is no collector");
    chart.assert("snippet.served", "fail", "is not the script of this version");

    // TLS is somebody else's, who is not trusted to say who is there.
    let chart = with(&format!("https://{}", free_address())).await;
    chart.assert("configuration.trusted_proxies", "warning", "a proxy stands in front");
    other.finish().await;
    app.finish().await;
}

#[actix_web::test]
async fn a_configuration_that_can_not_work_is_a_finding() {
    let chart = doctor(&["--queue-mib", "1"]).await;
    assert_eq!(chart.code, Some(1));
    chart.assert("configuration.settles", "fail", "queue-mib");
    let folder = test_folder("doctor-none");
    let chart = doctor(&["--data-dir", folder.to_str().unwrap(), "--listen", &free_address()]).await;
    chart.assert("postgres.reachable", "fail", "no collector is running on");
    chart.assert("postgres.disk", "fail", "No such file");
}

/// A Postgres that somebody set up badly: no fsync, few connections, a password, a role too few and one too strong.
#[actix_web::test]
async fn a_postgres_that_would_lose_data_is_named() {
    let folder = test_folder("doctor");
    Cluster::start(&folder).unwrap().stop();
    let hba = folder.join("data/pg_hba.conf");
    let rules = std::fs::read_to_string(&hba).unwrap();
    std::fs::write(&hba, format!("local all guarded scram-sha-256\n{rules}")).unwrap();
    let settings = ["fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=14", "superuser_reserved_connections=3"];
    let mut postgres = start_by_hand(&folder, &settings);
    let mut superuser = connect_in_time(&folder).await;
    let mut server = Server::private(&folder, DATABASE);
    server.bootstrap(DATABASE).await.unwrap();
    migrate(&mut server).await.unwrap();
    for sql in [
        "create role guarded login createrole password 'right' in role mousetrail",
        "revoke mousetrail_reader from mousetrail",
        "alter role mousetrail_admin superuser",
    ] {
        superuser.execute(sql).await.unwrap();
    }
    superuser.execute("set role mousetrail").await.unwrap();
    let socket = socket_dir(&folder);
    let url = |user: &str| format!("postgres://{user}@localhost/{DATABASE}?host={}", socket.display());

    let chart = doctor(&["--listen", &free_address(), "--database-url", &url("guarded:wrong")]).await;
    chart.assert("postgres.reachable", "fail", "password authentication failed");
    assert_eq!(chart.code, Some(1));

    let mut dropping = PgConnection::connect_with(&options(&folder).username(SUPERUSER).database(DATABASE)).await.unwrap();
    dropping.execute("drop owned by mousetrail_reader; drop role mousetrail_reader").await.unwrap();
    dropping.close().await.unwrap();
    let chart = doctor(&["--listen", &free_address(), "--database-url", &url("mousetrail")]).await;
    chart.assert("postgres.fsync", "fail", "fsync is off");
    chart.assert("postgres.full_page_writes", "fail", "full_page_writes is off");
    chart.assert("postgres.autovacuum", "warning", "off");
    chart.assert("postgres.connections", "fail", "of 11 in use");
    chart.assert("postgres.roles", "fail", "superuser: mousetrail_admin");
    chart.assert("collector.live", "fail", "no collector answers");

    superuser.execute("reset role; alter role mousetrail_admin nosuperuser").await.unwrap();
    let chart = doctor(&["--listen", &free_address(), "--database-url", &url("mousetrail")]).await;
    chart.assert("postgres.roles", "warning", "missing: mousetrail_reader");
    let chart = doctor(&["--listen", &free_address(), "--database-url", &url("postgres")]).await;
    chart.assert("postgres.user", "warning", "postgres is a superuser");
    drop(superuser);
    postgres.kill().unwrap();
    postgres.wait().unwrap();
}

fn start_by_hand(folder: &Path, settings: &[&str]) -> Child {
    let owner = std::fs::metadata(folder.join("data")).unwrap();
    let mut postgres = Command::new(server_program("postgres"));
    postgres.arg("-D").arg(folder.join("data")).arg("-k").arg(folder.join("sock")).args(["-c", "listen_addresses="]);
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    postgres.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    postgres.uid(owner.uid()).gid(owner.gid());
    postgres.spawn().unwrap()
}

async fn connect_in_time(folder: &Path) -> PgConnection {
    let begin = Instant::now();
    loop {
        if let Ok(connection) = PgConnection::connect_with(&options(folder).username(SUPERUSER).database("postgres")).await {
            return connection;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "Postgres does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A web server that answers everything with the same script. It ends with the process.
fn stranger(body: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4_096]);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    address
}
