//! What the load generator and the chaos tests share: a Postgres and a collector as processes of their own, clients that speak the real
//! protocol, and the ledger that says what they were promised.

mod backoff;
mod buffer;
mod client;
mod collector;
mod findings;
mod fleet;
mod http;
mod histogram;
mod ledger;
mod metrics;
mod movement;
mod postgres;
mod process;
mod report;
mod socket;
mod template;

pub use backoff::Backoff;
pub use buffer::{Buffer, Held};
pub use client::{Client, Order, Person};
pub use collector::{Collector, Launch, supported};
pub use findings::Findings;
pub use fleet::{Fleet, Plan, source};
pub use histogram::Histogram;
pub use http::{Answer, ask, get, post};
pub use ledger::{Entry, Ledger, State, digest};
pub use metrics::Metrics;
pub use movement::Movement;
pub use postgres::{Postgres, Site};
pub use process::{cpu_seconds, free_port, open_fds, processes_in, rss_bytes, spawn, test_folder, wait_until};
pub use report::{Counts, Report, Tally};
pub use socket::{ORIGIN, Refused, Socket, tcp};
