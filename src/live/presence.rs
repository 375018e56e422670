use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::{Hub, Topic};
use crate::event::{Device, PageViewId, SessionId};

/// Page views that are kept of one site. Connections are bounded, so only a limit set very high gets here; who comes then is not listed.
const MAX_PRESENT: usize = 50_000;
/// Page views in a list: what a page can show, and a message of 64 KiB can hold.
const MAX_LISTED: usize = 400;

/// A page view that is open in a browser now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Present {
    /// Its id.
    pub page_view: PageViewId,
    /// Its visit.
    pub session: SessionId,
    /// Its site.
    pub site_id: i32,
    /// What it is a view of.
    pub page_id: i32,
    /// Class of device.
    pub device: Device,
    /// When it began.
    pub since: DateTime<Utc>,
}

impl Present {
    /// What watchers of its frames watch.
    pub(super) fn topic(&self) -> Topic {
        Topic::Session { site_id: self.site_id, session: self.session }
    }
}

/// The page views of a site that are open now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visitors {
    /// How many there are.
    pub total: usize,
    /// The newest of them, newest first.
    pub newest: Vec<Present>,
}

/// A connection of a visitor who is on a page now. He has left when it is dropped.
pub struct Presence {
    hub: Hub,
    present: Present,
    /// Rings when the watchers of a session come or go.
    bell: Arc<Notify>,
    was_watched: bool,
}

impl Presence {
    pub(super) fn new(hub: Hub, present: Present) -> Self {
        let bell = Arc::new(Notify::new());
        // Somebody may watch the visit already.
        bell.notify_one();
        hub.enter(present, &bell);
        Self { hub, present, bell, was_watched: false }
    }

    /// The page view that is open.
    pub fn page_view(&self) -> PageViewId {
        self.present.page_view
    }

    /// The visitor goes on to another page on the same connection.
    pub fn turn_to(&mut self, present: Present) {
        if present != self.present {
            self.hub.leave(&self.present, &self.bell);
            self.present = present;
            self.hub.enter(present, &self.bell);
            self.bell.notify_one();
        }
    }

    /// Waits until somebody begins to watch the visit (true), or nobody does any more (false). Can be dropped and called again without loss.
    pub async fn watched(&mut self) -> bool {
        loop {
            self.bell.notified().await;
            let is_watched = self.hub.is_watched(self.present.topic());
            if is_watched != self.was_watched {
                self.was_watched = is_watched;
                return is_watched;
            }
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.hub.leave(&self.present, &self.bell);
    }
}

/// Who is on a site now.
#[derive(Default)]
pub(super) struct Site {
    page_views: HashMap<PageViewId, Here>,
}

struct Here {
    present: Present,
    /// One a connection: a browser that comes back may be faster than the end of its old connection is noticed.
    bells: Vec<Arc<Notify>>,
}

impl Site {
    /// Was it not here before?
    pub(super) fn enter(&mut self, present: Present, bell: &Arc<Notify>) -> bool {
        if let Some(here) = self.page_views.get_mut(&present.page_view) {
            here.bells.push(bell.clone());
            return false;
        }
        if self.page_views.len() >= MAX_PRESENT {
            return false;
        }
        self.page_views.insert(present.page_view, Here { present, bells: vec![bell.clone()] });
        true
    }

    /// Is it gone now?
    pub(super) fn leave(&mut self, page_view: PageViewId, bell: &Arc<Notify>) -> bool {
        let Some(here) = self.page_views.get_mut(&page_view) else { return false };
        here.bells.retain(|other| !Arc::ptr_eq(other, bell));
        here.bells.is_empty() && self.page_views.remove(&page_view).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.page_views.is_empty()
    }

    /// Rings at every connection of a visit.
    pub(super) fn ring(&self, session: SessionId) {
        for here in self.page_views.values().filter(|here| here.present.session == session) {
            here.bells.iter().for_each(|bell| bell.notify_one());
        }
    }

    pub(super) fn list(&self) -> Visitors {
        let mut newest: Vec<_> = self.page_views.values().map(|here| here.present).collect();
        newest.sort_unstable_by_key(|present| std::cmp::Reverse((present.since, present.page_view)));
        newest.truncate(MAX_LISTED);
        Visitors { total: self.page_views.len(), newest }
    }
}
