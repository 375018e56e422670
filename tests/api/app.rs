use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use mousetrail::app::Application;
use mousetrail::clock::Clock;
use mousetrail::config::{Options, Settings};
use mousetrail::store::cluster::Cluster;
use mousetrail::store::{PgRole, Server, migrate};
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Database that is migrated once and copied for each test.
const TEMPLATE: &str = "mousetrail_test_template";

/// Where the tests' databases are: one private cluster a run, or the server of DATABASE_URL.
struct Place {
    server: Server,
    by_name: Option<PathBuf>,
    /// Ends with the process: Linux tells Postgres when its parent dies.
    _cluster: Option<Cluster>,
}

static PLACE: OnceLock<Place> = OnceLock::new();

fn place() -> &'static Place {
    // A thread of its own: the first test is already inside a runtime.
    PLACE.get_or_init(|| std::thread::spawn(open_place).join().expect("the test cluster starts"))
}

fn open_place() -> Place {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(url) = std::env::var("DATABASE_URL") {
        let server = Server::external(&url).unwrap();
        runtime.block_on(async {
            let mut owner = server.connect(PgRole::Owner).await.unwrap();
            owner.execute(sqlx::AssertSqlSafe(format!("drop database if exists {TEMPLATE}"))).await.unwrap();
            owner.execute(sqlx::AssertSqlSafe(format!("create database {TEMPLATE}"))).await.unwrap();
            migrate(&mut server.with_database(TEMPLATE)).await.unwrap();
        });
        return Place { server, by_name: None, _cluster: None };
    }
    let folder = test_folder("cluster");
    let cluster = Cluster::start(&folder).unwrap();
    let server = Server::private(&folder, TEMPLATE);
    runtime.block_on(async {
        server.bootstrap(TEMPLATE).await.unwrap();
        migrate(&mut server.clone()).await.unwrap();
    });
    Place { server, by_name: Some(folder), _cluster: Some(cluster) }
}

/// A folder of this test process. Those of processes that are gone are removed.
pub fn test_folder(name: &str) -> PathBuf {
    let base = std::env::temp_dir().join("mousetrail-tests");
    fs::create_dir_all(&base).unwrap();
    for entry in fs::read_dir(&base).unwrap().flatten() {
        let is_gone = entry.file_name().to_str().is_some_and(|pid| !Path::new("/proc").join(pid).exists());
        if is_gone && Path::new("/proc/self").exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    base.join(std::process::id().to_string()).join(name)
}

/// A fresh, migrated database.
pub async fn new_database() -> Server {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let place = place();
    let name = format!("mousetrail_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let _turn = ONE_AT_A_TIME.lock().await;
    let mut owner = match &place.by_name {
        Some(folder) => {
            let options = mousetrail::store::cluster::options(folder).username("mousetrail").database("postgres");
            PgConnection::connect_with(&options).await.unwrap()
        }
        None => place.server.connect(PgRole::Owner).await.unwrap(),
    };
    owner.execute(sqlx::AssertSqlSafe(format!("create database {name} template {TEMPLATE}"))).await.unwrap();
    owner.close().await.unwrap();
    place.server.with_database(&name)
}

/// Where a test's database is, for a program that gets it as `--database-url`.
pub async fn url_of(server: &Server) -> String {
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    let database: String = sqlx::query_scalar("select current_database()").fetch_one(&mut owner).await.unwrap();
    match &place().by_name {
        Some(folder) => {
            format!("postgres://mousetrail@localhost/{database}?host={}", mousetrail::store::cluster::socket_dir(folder).display())
        }
        None => {
            let url = std::env::var("DATABASE_URL").unwrap();
            let (before, options) = url.split_once('?').unwrap_or((&url, ""));
            format!("{}/{database}?{options}", before.rsplit_once('/').unwrap().0)
        }
    }
}

/// A collector on a port of its own and a database of its own.
pub struct TestApp {
    pub server: Server,
    pub url: String,
    pub site: TestSite,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<anyhow::Result<()>>>,
}

/// A site that allows `https://shop.example`.
pub struct TestSite {
    pub site_id: i32,
    pub key: String,
}

pub const ORIGIN: &str = "https://shop.example";

pub fn settings() -> Settings {
    let listen = "127.0.0.1:0".parse().unwrap();
    Options { listen: Some(listen), ..Options::default() }.settle().unwrap()
}

pub async fn spawn_app() -> TestApp {
    spawn_app_on(new_database().await).await
}

pub async fn spawn_app_on(server: Server) -> TestApp {
    spawn_app_with(server, &settings()).await
}

pub async fn spawn_app_with(server: Server, settings: &Settings) -> TestApp {
    spawn_app_at(server, settings, Clock::system()).await
}

/// The same by another clock than the machine's.
pub async fn spawn_app_at(server: Server, settings: &Settings, clock: Clock) -> TestApp {
    mousetrail::telemetry::init(false);
    let application = Application::on(server.clone(), None, settings, clock).await.unwrap();
    let url = format!("http://127.0.0.1:{}", application.port());
    let site = add_site(&server, "k_test", &[ORIGIN]).await;
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(application.run_until_stopped(async move {
        let _ = stopped.await;
    }));
    TestApp::from_parts(server, url, site, stop, running)
}

pub async fn add_site(server: &Server, key: &str, origins: &[&str]) -> TestSite {
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let site_id = sqlx::query_scalar(
        "insert into core.site (public_key, name, origins) values ($1, 'Test', $2) on conflict (public_key) do update set name = 'Test' returning site_id",
    )
    .bind(key)
    .bind(origins)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    TestSite { site_id, key: key.to_owned() }
}

impl TestApp {
    pub fn from_parts(
        server: Server,
        url: String,
        site: TestSite,
        stop: oneshot::Sender<()>,
        running: JoinHandle<anyhow::Result<()>>,
    ) -> Self {
        Self { server, url, site, stop: Some(stop), running: Some(running) }
    }

    /// Value of a metric without labels, or the sum over its labels.
    pub async fn metric(&self, name: &str) -> i64 {
        let mut response = awc::Client::new().get(format!("{}/metrics", self.url)).send().await.unwrap();
        let body = response.body().await.unwrap();
        let text = std::str::from_utf8(&body).unwrap();
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(' '))
            .filter(|(key, _)| key.split('{').next() == Some(name))
            .map(|(_, value)| value.parse::<i64>().unwrap())
            .sum()
    }

    /// Received = committed + duplicate + rejected + in flight: nothing disappears. The five are not read at one moment, so while frames of
    /// clients that are gone are still on their way it may take a few looks.
    pub async fn assert_nothing_disappeared(&self) {
        let begin = std::time::Instant::now();
        loop {
            let received = self.metric("mousetrail_frames_received_total").await;
            let committed = self.metric("mousetrail_frames_committed_total").await;
            let duplicate = self.metric("mousetrail_frames_duplicate_total").await;
            let rejected = self.metric("mousetrail_frames_rejected_total").await;
            let in_flight = self.metric("mousetrail_frames_in_flight").await;
            if received == committed + duplicate + rejected + in_flight {
                return;
            }
            let is_late = begin.elapsed() > std::time::Duration::from_secs(5);
            assert!(
                !is_late,
                "{received} received: {committed} committed, {duplicate} duplicate, {rejected} rejected, {in_flight} in flight"
            );
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// Rows of a query, each as text.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        let sql = format!("select row_to_json(t)::text from ({sql}) t");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut owner).await.unwrap()
    }

    /// The first column of a query's rows, which is text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&mut owner).await.unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut owner).await.unwrap()
    }

    /// Runs statements as the owner.
    pub async fn execute(&self, sql: &str) {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        owner.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// Stops the collector and says how it ended.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let _ = self.stop.take().expect("stopped once").send(());
        self.running.take().expect("stopped once").await.unwrap()
    }

    /// Every test ends here: conservation holds, and the collector stops in order.
    pub async fn finish(mut self) {
        self.assert_nothing_disappeared().await;
        self.stop().await.unwrap();
    }
}
