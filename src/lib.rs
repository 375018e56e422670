//! mousetrail: a self-hosted collector, store and viewer of mouse movement.
//!
//! The modules stand in the order in which data flows, so that reading this page is the tour. `tests/tidy.rs` holds which of them may import
//! which; `docs/protocol.md` and `docs/sql.md` are the two contracts with the world outside.

/// Options: flags, environment, file, defaults.
pub mod config;
/// Logs and metrics.
pub mod telemetry;
/// The wall clock, as a value.
pub mod clock;

/// What happened: ids, pointer events, elements, page views. Parsed types that know nothing of bytes, sockets or SQL.
pub mod event;
/// Protocol v1: bytes to messages and back, with limits. No I/O.
pub mod wire;
/// The public side: sockets and POSTs of the snippet, sessions as a pure state machine, tokens, the snippet's file.
pub mod collector;
/// Between socket and store: a bounded queue, a pure batch, the writer, quarantine, counters.
pub mod ingest;
/// Postgres writes: migrations, roles, partitions, page views, chunks, sites, accounts; and the private cluster.
pub mod store;
/// Who is there, who watches whom, and the way of frames from visitors to watchers.
pub mod live;
/// What has to be done every hour, and the heat of maps, every minute.
pub mod jobs;

/// Postgres reads: what a site received, sessions, replay, wireframe, heatmap.
pub mod query;
/// Pure computation on events: thinning, paths into time a cell, places on a page, gaps, thumbnails, glyphs.
pub mod analysis;
/// Recordings of pages, pure: what may be in one, and what is left of it where it is shown.
pub mod recording;
/// Heatmaps as pictures: colours, scales, smoothing, wireframe, PNG.
pub mod render;
/// HTML pages and the JSON API: sign in, sites, sessions, replay, heatmaps.
pub mod admin;

/// Puts the parts together: build, run, stop in order.
pub mod app;
/// The command line.
pub mod cli;
