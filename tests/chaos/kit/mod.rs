//! What a check is made of: everything that the load generator has (a Postgres, the real collector, clients, the ledger), and what breaks things.

mod pg_wire;
mod proxy;
mod proxy_faults;
mod raw;

pub use crate::load::*;
pub use pg_wire::{Messages, lose_commits, without_synchronous_commit};
pub use proxy::{Proxy, Target};
pub use proxy_faults::{Faults, Hook, Verdict};
pub use raw::{Raw, hello, masked};
