mod ack;
mod agent;
mod close;
mod country;
mod drive;
mod files;
mod gate;
mod ignored;
mod inbound;
mod limits;
mod look;
mod network;
mod origin;
mod pace;
mod page;
mod post;
mod recording;
mod refusal;
mod sample;
mod session;
#[cfg(test)]
mod model;
#[cfg(test)]
mod session_tests;
mod socket;
mod suspect;
mod token;
mod upload;
mod visitor;
mod websocket;

pub use close::Close;
pub use country::Countries;
pub use files::{INTEGRITY, versioned_path};
pub use limits::Limits;
pub use token::Tokens;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::ingest::Ingest;
use crate::live::Hub;
use gate::Gate;
use ignored::Ignored;
use network::Network;
use pace::{Paces, Quotas, Rate};
use suspect::Suspects;
use upload::Uploads;
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

/// What every connection needs. Each holds it by one pointer: there are many connections.
#[derive(Clone)]
pub struct Collector {
    parts: Arc<Parts>,
}

/// The same, once.
pub struct Parts {
    ingest: Ingest,
    tokens: Tokens,
    visitors: Visitors,
    countries: Countries,
    ignored: Ignored,
    suspects: Suspects,
    /// Who watches what visitors do.
    hub: Hub,
    uploads: Uploads,
    clock: Clock,
    limits: Limits,
    /// Of one WebSocket.
    frame_rate: Rate,
    gate: Arc<Gate>,
    rates: Rates,
    /// Fires when the collector is about to stop.
    draining: CancellationToken,
    /// Every connection is a task in here, so that the end can wait for them.
    tasks: TaskTracker,
}

/// Who the collector can tell from whom: by the tokens that it gave, and by where they are.
pub struct Known {
    /// Of page views.
    pub tokens: Tokens,
    /// Of addresses.
    pub countries: Countries,
}

/// What is counted over time, for all connections together.
struct Rates {
    posts: Paces<Network>,
    page_views: Paces<Network>,
    frames: Quotas,
}

impl Deref for Collector {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Collector {
    /// A collector that hands its frames to `ingest`.
    pub fn new(
        ingest: Ingest,
        known: Known,
        limits: Limits,
        clock: Clock,
        draining: CancellationToken,
        tasks: TaskTracker,
        hub: Hub,
    ) -> Self {
        let Known { tokens, countries } = known;
        let (visitors, ignored) = (Visitors::new(ingest.clone()), Ignored::new(ingest.clone()));
        let (suspects, marks) = Suspects::new();
        tasks.spawn(suspect::run(marks, ingest.clone(), draining.clone()));
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        let rates = Rates {
            posts: Paces::new(Rate::new(limits.posts_per_second, second, limits.posts_per_second * 10)),
            page_views: Paces::new(Rate::new(limits.page_views_per_minute, minute, limits.page_views_per_minute)),
            frames: Quotas::new(limits.frames_per_minute_per_site),
        };
        let frame_rate = Rate::new(limits.frames_per_second, second, limits.frames_burst);
        let gate = Arc::new(Gate::new(limits));
        let uploads = Uploads::new(limits.uploads);
        let parts = Parts {
            ingest,
            tokens,
            visitors,
            countries,
            ignored,
            suspects,
            hub,
            uploads,
            clock,
            limits,
            frame_rate,
            gate,
            rates,
            draining,
            tasks,
        };
        Self { parts: Arc::new(parts) }
    }

    /// Adds the public routes.
    pub fn configure(self, paths: &Paths, config: &mut web::ServiceConfig) {
        config.route(&paths.script, web::get().to(files::snippet));
        config.route(&files::versions_route(&paths.script), web::get().to(files::snippet_version)).service(
            web::scope(&paths.base)
                .app_data(web::Data::new(self))
                .app_data(web::PayloadConfig::new(crate::wire::MAX_ENVELOPE_BYTES))
                .route("/socket", web::get().to(socket::open))
                .route("/post", web::post().to(post::receive))
                .route("/recording", web::post().to(recording::receive)),
        );
    }
}
