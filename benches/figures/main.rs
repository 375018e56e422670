//! Figures of delay and weight: one frame on an idle system, from a visitor to whoever watches, pointer acks beside a recording's upload and
//! beside peers that don't read, and the ways over the network. Collector and Postgres are processes of their own on the same machine.
//!
//! `cargo bench --bench figures` runs all of it, `-- idle watch` parts.

#[path = "../load/mod.rs"]
#[expect(dead_code, unused_imports, reason = "some of it only the load generator and the chaos tests use")]
mod load;
#[path = "../../tests/chaos/kit/proxy.rs"]
#[expect(dead_code, reason = "it can do more harm than is wanted here")]
mod proxy;
#[path = "../../tests/chaos/kit/proxy_faults.rs"]
#[expect(dead_code, reason = "as above")]
mod proxy_faults;

mod beside;
mod crowd;
mod idle;
mod times;
mod transport;
mod visitor;
mod watch;

use clap::Parser;
use load::{Collector, Launch, Postgres};

/// Limits of the collector that a generator on one address would meet.
const FLAGS: [&str; 8] =
    ["--frames-per-second", "10000", "--frames-burst", "10000", "--posts-per-second", "10000", "--page-views-per-minute", "100000"];

#[derive(Parser)]
struct Arguments {
    /// Parts to run: idle, watch, upload, deaf, transport [default: all]
    parts: Vec<String>,
    /// Rounds with and without, in the parts that compare
    #[arg(long, default_value_t = 6)]
    rounds: usize,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let wants = |part: &str| arguments.parts.is_empty() || arguments.parts.iter().any(|wanted| wanted == part);
    let postgres = Postgres::start();
    let collector = Collector::launch(Launch::new(&postgres.url()).flags(FLAGS).flags(["--recordings", "true"]));
    let place = visitor::Place::new(collector.port, &postgres.site);
    actix_web::rt::System::new().block_on(async {
        if wants("idle") {
            idle::run(&place).await;
        }
        if wants("watch") {
            watch::run(&place, &postgres).await;
        }
        if wants("upload") {
            beside::upload(&place, arguments.rounds).await;
        }
        if wants("deaf") {
            beside::deaf(&place, &postgres, arguments.rounds).await;
        }
        if wants("transport") {
            transport::run(&place).await;
        }
    });
}
