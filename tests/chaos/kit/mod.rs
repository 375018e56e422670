//! What a check is made of: everything that the load generator has (a Postgres, the real collector, clients, the ledger), and what breaks things.

mod disk;
mod home;
mod pg_wire;
mod proxy;
mod proxy_faults;
mod pulse;
mod raw;

pub use crate::load::*;
pub use disk::Disk;
pub use home::{all_home, come_home, queue_fill, retries, wait_for_acks};
pub use pg_wire::{Messages, lose_commits, without_synchronous_commit};
pub use proxy::{Proxy, Target};
pub use proxy_faults::{Faults, Hook, Verdict};
pub use pulse::Pulse;
pub use raw::{Raw, hello, masked};
