//! The collector from outside: a real Postgres, real sockets, one database a test.

mod admin;
mod app;
mod client;
mod cluster;
mod durability;
mod greeting;
mod health;
mod ingest;
mod post;
mod sql;
mod store;
mod visit;
mod wire;
