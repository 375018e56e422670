mod ack;
mod agent;
mod close;
mod drive;
mod files;
mod origin;
mod page;
mod post;
mod sample;
mod session;
#[cfg(test)]
mod session_tests;
mod socket;
mod token;
mod visitor;

pub use close::Close;
pub use files::{INTEGRITY, versioned_path};
pub use token::Tokens;

use std::sync::Arc;

use actix_web::web;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ingest::Ingest;
use crate::live::Hub;
use visitor::Visitors;

/// Where the collector's routes stand. Content blockers know the usual names, so they can be renamed.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Of the snippet, such as `/mousetrail.js`.
    pub script: String,
    /// Base of socket and post, such as `/v1`.
    pub base: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self { script: "/mousetrail.js".to_owned(), base: "/v1".to_owned() }
    }
}

/// What every connection needs.
#[derive(Clone)]
pub struct Collector {
    ingest: Ingest,
    tokens: Tokens,
    visitors: Arc<Visitors>,
    /// Who watches what visitors do.
    hub: Hub,
    /// Fires when the collector is about to stop.
    draining: CancellationToken,
    /// Every connection is a task in here, so that the end can wait for them.
    tasks: TaskTracker,
}

impl Collector {
    /// A collector that hands its frames to `ingest`.
    pub fn new(ingest: Ingest, tokens: Tokens, draining: CancellationToken, tasks: TaskTracker, hub: Hub) -> Self {
        let visitors = Arc::new(Visitors::new(ingest.clone()));
        Self { ingest, tokens, visitors, hub, draining, tasks }
    }

    /// Adds the public routes.
    pub fn configure(self, paths: &Paths, config: &mut web::ServiceConfig) {
        config.route(&paths.script, web::get().to(files::snippet));
        config.route(&files::versions_route(&paths.script), web::get().to(files::snippet_version)).service(
            web::scope(&paths.base)
                .app_data(web::Data::new(self))
                .app_data(web::PayloadConfig::new(crate::wire::MAX_ENVELOPE_BYTES))
                .route("/socket", web::get().to(socket::open))
                .route("/post", web::post().to(post::receive)),
        );
    }
}
