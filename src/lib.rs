//! mousetrail: a self-hosted collector, store and viewer of mouse movement.
//! The modules stand in the order in which data flows; reading their docs is the tour.

/// What happened: ids, pointer events, elements, page views. Parsed types that know nothing of bytes, sockets or SQL.
pub mod event;
/// Postgres writes: migrations, roles, partitions, page views, chunks, sites, accounts; and the private cluster.
pub mod store;
/// Pure computation on events: paths into time a cell, places on a page, gaps, thumbnails, glyphs.
pub mod analysis;
/// Postgres reads: sites' state, sessions, replay, wireframe, heatmap.
pub mod query;
/// HTML pages and the JSON API: sign in, sites, sessions, replay, heatmaps.
pub mod admin;
