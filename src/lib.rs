//! mousetrail: a self-hosted collector, store and viewer of mouse movement.
//! The modules stand in the order in which data flows; reading their docs is the tour.

/// What happened: ids, pointer events, elements, page views. Parsed types that know nothing of bytes, sockets or SQL.
pub mod event;
/// Postgres writes: migrations, roles, partitions, page views, chunks, sites, accounts; and the private cluster.
pub mod store;
/// Pure: the error-bounded throttle, strokes and their metrics.
pub mod analysis;
/// The commands of the binary.
pub mod cli;
