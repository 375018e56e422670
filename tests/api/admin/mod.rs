//! The admin pages and their JSON API, as a browser sees them.

pub mod browser;
mod csrf;
mod first_run;
mod headers;
mod heatmap;
mod hostile_text;
mod not_found;
mod receiving;
mod replay;
pub mod route;
mod sessions;
mod setup;
mod sign_in;
mod signed_out;
