mod flow;
mod message;
mod viewer;

use std::fmt;
use std::sync::Arc;

use actix_web::rt;
use actix_ws::{AggregatedMessageStream, Session};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::live::Hub;
use crate::store::{Store, Token};
use viewer::Viewer;

/// People who may watch at a time, over all sites.
const MAX_VIEWERS: usize = 64;

/// What live views need of the collector.
#[derive(Clone)]
pub struct Live {
    hub: Hub,
    seats: Arc<Semaphore>,
    /// Fires when the collector is about to stop.
    draining: CancellationToken,
    /// Every viewer is a task in here, so that the end can wait for them.
    tasks: TaskTracker,
}

impl Live {
    /// For one collector.
    pub fn new(hub: Hub, draining: CancellationToken, tasks: TaskTracker) -> Self {
        Self { hub, seats: Arc::new(Semaphore::new(MAX_VIEWERS)), draining, tasks }
    }

    /// A seat for one more viewer; `None` where all are taken, or the collector stops.
    pub(super) fn seat(&self) -> Option<OwnedSemaphorePermit> {
        if self.draining.is_cancelled() { None } else { self.seats.clone().try_acquire_owned().ok() }
    }

    /// Shows a site on an open socket, for as long as the viewer reads and is signed in. Runs as a task of its own.
    pub(super) fn show(
        &self,
        site_id: i32,
        seat: OwnedSemaphorePermit,
        (session, stream): (Session, AggregatedMessageStream),
        (store, token): (Store, Token),
    ) {
        let viewer = Viewer::new(self.hub.clone(), site_id, session);
        let draining = self.draining.clone();
        rt::spawn(self.tasks.track_future(async move {
            viewer.run(stream, store, token, draining).await;
            drop(seat);
        }));
    }
}

impl Default for Live {
    /// One where nobody ever comes.
    fn default() -> Self {
        Self::new(Hub::default(), CancellationToken::new(), TaskTracker::new())
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}
