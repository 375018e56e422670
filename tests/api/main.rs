//! The collector from outside: a real Postgres, real sockets, one database a test.

mod admin;
mod app;
mod bad_input;
mod client;
mod cluster;
mod durability;
mod forget;
mod greeting;
mod health;
mod ingest;
mod note;
mod opt_out;
mod outline;
mod post;
mod sample;
mod session_key;
mod sql;
mod store;
mod visit;
mod wire;
