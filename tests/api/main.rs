//! The collector from outside: a real Postgres, real sockets, one database a test.

mod admin;
mod app;
mod client;
mod cluster;
mod durability;
mod forget;
mod greeting;
mod health;
mod ingest;
mod live;
mod limits;
mod note;
mod opt_out;
mod outline;
mod post;
mod raw;
mod recording;
mod sample;
mod session_key;
mod sql;
mod store;
mod visit;
mod wire;
