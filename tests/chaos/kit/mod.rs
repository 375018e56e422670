//! What breaks things, beside what `load` has.

mod proxy;
mod proxy_faults;

pub use crate::load::{
    Backoff, Collector, Findings, Fleet, Launch, Ledger, Metrics, ORIGIN, Plan, Postgres, Report, Site, Socket, State, free_port, get,
    post, test_folder, wait_until,
};
pub use proxy::{Proxy, Target};
pub use proxy_faults::{Faults, Verdict};
