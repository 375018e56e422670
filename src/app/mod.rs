mod demo;
mod head;
mod health;
mod peer;
mod shutdown;

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admin::{self, Admin};
use crate::clock::Clock;
use crate::collector::{self, Collector, Countries, Known, Paths, Tokens};
use crate::config::{self, HTTP_CONNECTIONS, Settings};
use crate::ingest::{self, Counters, Ingest};
use crate::jobs;
use crate::live::Hub;
use crate::store::cluster::Cluster;
use crate::store::{DATABASE, PgRole, Pools, Server, Store, migrate};
use crate::telemetry;
use health::Health;
use peer::Peers;

/// Parts of recordings that are taken at a time.
const UPLOADS: usize = 4;

/// Connections that may wait to be accepted. The 128 of the standard library are soon full when everybody comes back after a restart, and whom
/// the kernel drops then tries again only after seconds. The kernel caps it (`net.core.somaxconn`).
const BACKLOG: i32 = 4_096;

/// A collector that listens and is ready to run.
pub struct Application {
    port: u16,
    public_url: String,
    server: actix_web::dev::Server,
    running: Running,
}

/// What has to end in order.
struct Running {
    handle: ServerHandle,
    store: Store,
    counters: Counters,
    /// Not ready any more, connections drain.
    draining: CancellationToken,
    /// The writer may end when its queue is empty, and so may the jobs.
    finish: CancellationToken,
    connections: TaskTracker,
    writer: JoinHandle<()>,
    jobs: JoinHandle<()>,
    heat: JoinHandle<()>,
    cluster: Option<Cluster>,
}

impl Application {
    /// Starts the private Postgres if there is one, brings the schema up to date, and binds the port.
    pub async fn build(settings: &Settings) -> anyhow::Result<Self> {
        // Before anything is started.
        open_countries(settings)?;
        let (server, cluster) = open_server(settings).await?;
        Self::on(server, cluster, settings, Clock::system()).await
    }

    /// The same on a server whose schema is up to date, with the cluster to stop at the end.
    pub async fn on(server: Server, cluster: Option<Cluster>, settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        let limits = &settings.limits;
        let countries = open_countries(settings)?;
        let store = Store::new(&server, Pools { ingest: limits.ingest_pool, admin: limits.admin_pool, ..Pools::default() });
        jobs::hourly(&store, &clock).await.context("preparing the database")?;
        let tokens = Tokens::new(
            store.secret("tokens").await.context(
                "reading the key of page-view tokens (core.secret, name 'tokens'); if it is damaged, restore it from a backup or delete that row, \
                 which makes a new key and ends all tokens",
            )?,
        );

        let mut registry = Registry::default();
        telemetry::register(&mut registry);
        let counters = Counters::register(&mut registry);
        registry.register("mousetrail_connections_limit", "WebSockets that may be open at a time", limit(limits.max_connections));
        let (ingest, writer) = Ingest::new(store.clone(), queue_limits(limits), counters.clone());
        registry.register("mousetrail_queue_limit_bytes", "Bytes of frames that may wait for Postgres", limit(limits.queue_bytes()));
        registry.register_collector(Box::new(ingest.queue.clone()));
        let (draining, finish) = (CancellationToken::new(), CancellationToken::new());
        let connections = TaskTracker::new();
        let health = Health::new(registry, store.clone(), ingest.queue.clone(), draining.clone(), tokens.installation());
        let hub = Hub::default();
        let collector = Collector::new(
            ingest,
            Known { tokens, countries },
            collector_limits(limits, settings.recordings),
            clock.clone(),
            draining.clone(),
            connections.clone(),
            hub.clone(),
        );

        let listener = TcpListener::bind(settings.listen)
            .with_context(|| format!("can't listen on {}; choose another address with --listen", settings.listen))?;
        rustix::net::listen(&listener, BACKLOG).context("can't lengthen the queue of the listener")?;
        let port = listener.local_addr()?.port();
        let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}:{port}", settings.listen.ip()));
        let paths = Paths { script: settings.script_path.clone(), base: settings.ingest_path.clone() };
        let demo = demo::Shop::open(&store, settings).await?;
        let admin = Admin::new(
            store.clone(),
            admin::Settings {
                secure_cookies: public_url.starts_with("https://"),
                public_url: public_url.clone(),
                script_path: settings.script_path.clone(),
                versioned_path: collector::versioned_path(&settings.script_path),
                integrity: collector::INTEGRITY.clone(),
                collector: settings.collector_attribute(&public_url),
            },
            admin::Live::new(hub, draining.clone(), connections.clone()),
        );
        let health = web::Data::from(Arc::new(health));
        let peers = Arc::new(Peers::new(settings.trusted_proxies.clone(), limits.max_connections_per_address));
        let on_connect = Arc::clone(&peers);
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let http = HttpServer::new(move || {
            let (collector, paths, demo, admin) = (collector.clone(), paths.clone(), demo.clone(), admin.clone());
            App::new()
                .app_data(web::ThinData(Arc::clone(&peers)))
                .wrap(from_fn(head::as_get))
                .wrap(from_fn(peer::identify))
                .wrap(from_fn(head::bounded))
                .configure(|config| health::configure(health.clone(), config))
                .configure(|config| collector.configure(&paths, config))
                .configure(|config| demo::configure(demo, config))
                // Last: it answers whatever nobody else does.
                .configure(|config| admin::configure(config, admin))
        })
        .on_connect(move |io, extensions| on_connect.on_connect(io, extensions))
        .workers(workers)
        // Beyond that, connections wait to be accepted: what the collector refuses it refuses before.
        .max_connections((limits.max_connections + HTTP_CONNECTIONS).div_ceil(workers))
        .client_request_timeout(Duration::from_secs(limits.header_timeout_s))
        // Longer than the snippet's interval between POSTs, so that a connection isn't closed just when the next one comes.
        .keep_alive(Duration::from_secs(75))
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
        let running = Running {
            handle: http.handle(),
            writer: tokio::spawn(writer.run(finish.clone())),
            heat: tokio::spawn(jobs::heat::run(store.clone(), clock.clone(), finish.clone())),
            jobs: tokio::spawn(jobs::run(store.clone(), clock, finish.clone())),
            store,
            counters,
            draining,
            finish,
            connections,
            cluster,
        };
        Ok(Self { port, public_url, server: http, running })
    }

    /// The port that it listens on: the one of the settings, or the one that the system chose for port 0.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How browsers reach it, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The store, for what has to be said at the start.
    pub fn store(&self) -> &Store {
        &self.running.store
    }

    /// Serves until `stop` is done, then ends in order (`shutdown`). An error says how many frames were received but not committed.
    pub async fn run_until_stopped(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut server = tokio::spawn(self.server);
        let early = tokio::select! {
            () = stop => None,
            ended = &mut server => Some(ended),
        };
        self.running.shut_down().await?;
        match early {
            Some(ended) => ended.context("the HTTP server failed")?.context("the HTTP server ended by itself"),
            None => Ok(()),
        }
    }
}

fn open_countries(settings: &Settings) -> anyhow::Result<Countries> {
    let Some(file) = &settings.geoip else { return Ok(Countries::default()) };
    Countries::open(file)
        .with_context(|| format!("can't read {}; --geoip has to name a country or city database in MaxMind's format", file.display()))
}

fn limit(value: usize) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(value.try_into().unwrap_or(i64::MAX));
    gauge
}

/// The server of the settings, migrated; and its cluster, where it is ours.
async fn open_server(settings: &Settings) -> anyhow::Result<(Server, Option<Cluster>)> {
    let (mut server, cluster) = match &settings.database_url {
        Some(url) => {
            let server = Server::external(url).context("--database-url has to be like postgres://user:password@host/database")?;
            let answer = server.connect(PgRole::Owner).await;
            answer.context(
                "can't get into the Postgres of --database-url (or DATABASE_URL); check its host, port, user, password and database",
            )?;
            (server, None)
        }
        None => {
            let data_dir = settings.data_dir.clone();
            let cluster = tokio::task::spawn_blocking(move || Cluster::start(&data_dir)).await??;
            let server = Server::private(&settings.data_dir, DATABASE);
            server.bootstrap(DATABASE).await.context("setting up the private Postgres")?;
            (server, Some(cluster))
        }
    };
    migrate(&mut server).await.context("bringing the database schema up to date")?;
    Ok((server, cluster))
}

fn queue_limits(limits: &config::Limits) -> ingest::Limits {
    ingest::Limits {
        queue_bytes: limits.queue_bytes(),
        batch_chunks: limits.batch_chunks,
        batch_bytes: limits.batch_bytes(),
        batch_time: limits.batch_time(),
    }
}

fn collector_limits(limits: &config::Limits, takes_recordings: bool) -> collector::Limits {
    collector::Limits {
        connections: limits.max_connections,
        connections_per_address: limits.max_connections_per_address,
        connections_per_prefix: limits.max_connections_per_prefix,
        connections_per_site: limits.max_connections_per_site,
        frames_per_second: limits.frames_per_second,
        frames_burst: limits.frames_burst,
        posts_per_second: limits.posts_per_second,
        page_views_per_minute: limits.page_views_per_minute,
        frames_per_minute_per_site: limits.frames_per_minute_per_site,
        uploads: if takes_recordings { UPLOADS } else { 0 },
        hello_timeout: Duration::from_secs(limits.hello_timeout_s),
        message_timeout: Duration::from_secs(limits.message_timeout_s),
        ping: Duration::from_secs(limits.ping_s),
        pong: Duration::from_secs(limits.pong_s),
    }
}
