//! The collector from outside: a real Postgres, real sockets, one database a test.

mod admin;
mod app;
mod client;
mod clock;
mod cluster;
mod configuration;
mod doctor;
mod durability;
mod forget;
mod greeting;
mod health;
mod ingest;
mod limits;
mod metrics;
mod note;
mod opt_out;
mod outline;
mod post;
mod program;
mod sample;
mod session_key;
mod sql;
mod store;
mod suspect;
mod visit;
mod wire;
