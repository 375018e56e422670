//! Heatmaps of a page with four million points in 30 days: from request to payload, with and without a filter, beside the same question as SQL
//! over one row an event and over rrweb's mousemove events as JSON. All in one run on one private Postgres.
//!
//! `make bench` runs it; `cargo bench --bench heat -- --points 400000` does less.

mod ask;
mod derive;
mod forms;
mod load;
mod rows;

use clap::Parser;
use mousetrail::app::Application;
use mousetrail::clock::Clock;
use mousetrail::config::Options;
use mousetrail::store::cluster::Cluster;
use mousetrail::store::{DATABASE, NewSite, Server, migrate};

#[derive(Parser, Clone)]
struct Arguments {
    /// Points on the page
    #[arg(long, default_value_t = 4_000_000)]
    points: usize,
    /// Times that each question is asked
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Leave the tables of rows and of JSON out
    #[arg(long)]
    only_maps: bool,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let folder = std::env::temp_dir().join(format!("mousetrail-bench-heat-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(&arguments, &folder));
    let _ = std::fs::remove_dir_all(&folder);
}

async fn run(arguments: &Arguments, folder: &std::path::Path) {
    let cluster = Cluster::start(folder).unwrap();
    let mut server = Server::private(folder, DATABASE);
    server.bootstrap(DATABASE).await.unwrap();
    migrate(&mut server).await.unwrap();
    let settings = Options { listen: Some("127.0.0.1:0".parse().unwrap()), ..Options::default() }.settle().unwrap();
    let application = Application::on(server.clone(), Some(cluster), &settings, Clock::system()).await.unwrap();
    let store = application.store().clone();
    let site = store.create_site(&NewSite::parse("Bench", ["*"]).unwrap()).await.unwrap();
    let link = mousetrail::admin::one_time_owner_link(&store).await.unwrap().expect("there is no account yet");
    let url = format!("http://127.0.0.1:{}", application.port());
    load::page_views(&server, &store, site.site_id, arguments.points).await;
    println!("computed on the spot:");
    derive::on_the_spot(&store, site.site_id).await;
    derive::all(&server, &store).await;
    derive::read(&store, site.site_id, arguments.rounds).await;
    if !arguments.only_maps {
        forms::compare(&server, &store, site.site_id, arguments.rounds).await;
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(application.run_until_stopped(async move {
        let _ = stopped.await;
    }));
    let (rounds, site_id) = (arguments.rounds, site.site_id);
    let asked = std::thread::spawn(move || actix_web::rt::System::new().block_on(ask::all(&url, &link, site_id, rounds))).join().unwrap();
    if !arguments.only_maps {
        rows::compare(&server, arguments.rounds.min(3), asked).await;
    }
    let _ = stop.send(());
    running.await.unwrap().unwrap();
}
