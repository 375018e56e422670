//! The chaos tests: the real binary, a Postgres of its own for each test, clients of the real protocol, and somebody who breaks things.
//! Each check of the catalogue is one test that begins with its id. Those that take minutes are ignored here; `make soak` runs them.

#[expect(unused_imports, reason = "what a check needs is there before the check")]
mod kit;
#[path = "../../benches/load/mod.rs"]
#[expect(dead_code, unused_imports, reason = "some of it only the load generator uses")]
mod load;

mod admin_load;
mod backoff;
mod crowd;
mod durability;
mod fault;
mod fault_disk;
mod fault_locks;
mod fault_network;
mod fault_postgres;
mod files;
mod flood;
mod migration;
mod neighbours;
mod overload_poison;
mod proxy;
mod resend;
mod rolling;
mod shutdown;
mod slow_postgres;
mod slowloris;
mod smoke;
mod storm;
mod vanish;
mod watermark;
