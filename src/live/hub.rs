use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::Notify;

use super::mailbox::{LiveFrame, Mailbox, Update};
use super::presence::{Presence, Present, Site, Visitors};
use crate::event::{PageViewId, SessionId};

/// What can be watched.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// The frames of a visit. The site is part of the name, so that who may see one site can't name a visit of another.
    Session {
        /// Its site.
        site_id: i32,
        /// The visit.
        session: SessionId,
    },
    /// Who comes to a site and leaves it.
    Site(i32),
}

/// Who is there, who watches whom, and the way of frames from the one to the other. Keeps nothing that nobody watches. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// How many watch a visit. Frames come all the time and are hardly ever watched: then this number is all that they look at.
    watching_sessions: AtomicUsize,
    rooms: RwLock<HashMap<Topic, Vec<Arc<Mailbox>>>>,
    /// Locked before `rooms` where both are needed.
    sites: Mutex<HashMap<i32, Site>>,
}

impl Hub {
    /// Hands a frame to those who watch its visit.
    pub fn publish(&self, site_id: i32, session: SessionId, page_view: PageViewId, bytes: &[u8]) {
        if self.0.watching_sessions.load(Ordering::Relaxed) == 0 {
            return;
        }
        let rooms = self.0.rooms.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailboxes) = rooms.get(&Topic::Session { site_id, session }) {
            let frame = LiveFrame { page_view, bytes: bytes.into() };
            mailboxes.iter().for_each(|mailbox| mailbox.put(Update::Frame(frame.clone())));
        }
    }

    /// A visitor has opened a page. He is there until the presence is dropped.
    pub fn arrive(&self, present: Present) -> Presence {
        Presence::new(self.clone(), present)
    }

    /// Who is on a site now.
    pub fn visitors(&self, site_id: i32) -> Visitors {
        self.sites().get(&site_id).map(Site::list).unwrap_or_default()
    }

    /// Somebody who watches nothing yet.
    pub fn watcher(&self) -> Watcher {
        Watcher { hub: self.clone(), mailbox: Arc::default(), topics: Vec::new() }
    }

    pub(super) fn is_watched(&self, topic: Topic) -> bool {
        self.0.rooms.read().unwrap_or_else(PoisonError::into_inner).contains_key(&topic)
    }

    pub(super) fn enter(&self, present: Present, bell: &Arc<Notify>) {
        let mut sites = self.sites();
        if sites.entry(present.site_id).or_default().enter(present, bell) {
            self.tell(present.site_id, &Update::Arrived(present));
        }
    }

    pub(super) fn leave(&self, present: &Present, bell: &Arc<Notify>) {
        let mut sites = self.sites();
        let Some(site) = sites.get_mut(&present.site_id) else { return };
        if site.leave(present.page_view, bell) {
            self.tell(present.site_id, &Update::Left(present.page_view));
        }
        if site.is_empty() {
            sites.remove(&present.site_id);
        }
    }

    /// Under the lock of the sites, so that watchers hear of changes in the order in which they happened.
    fn tell(&self, site_id: i32, update: &Update) {
        let rooms = self.0.rooms.read().unwrap_or_else(PoisonError::into_inner);
        rooms.get(&Topic::Site(site_id)).into_iter().flatten().for_each(|mailbox| mailbox.put(update.clone()));
    }

    fn watch(&self, topic: Topic, mailbox: &Arc<Mailbox>) {
        self.0.rooms.write().unwrap_or_else(PoisonError::into_inner).entry(topic).or_default().push(mailbox.clone());
        if let Topic::Session { site_id, session } = topic {
            self.0.watching_sessions.fetch_add(1, Ordering::Relaxed);
            self.ring(site_id, session);
        }
    }

    fn unwatch(&self, topic: Topic, mailbox: &Arc<Mailbox>) {
        let mut rooms = self.0.rooms.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailboxes) = rooms.get_mut(&topic) {
            mailboxes.retain(|other| !Arc::ptr_eq(other, mailbox));
            if mailboxes.is_empty() {
                rooms.remove(&topic);
            }
        }
        drop(rooms);
        if let Topic::Session { site_id, session } = topic {
            self.0.watching_sessions.fetch_sub(1, Ordering::Relaxed);
            self.ring(site_id, session);
        }
    }

    /// The connections of a visit look again whether it is watched.
    fn ring(&self, site_id: i32, session: SessionId) {
        if let Some(site) = self.sites().get(&site_id) {
            site.ring(session);
        }
    }

    fn sites(&self) -> MutexGuard<'_, HashMap<i32, Site>> {
        self.0.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who watches. What comes for him waits in a queue that is bounded in bytes; he watches nothing any more when he is dropped.
pub struct Watcher {
    hub: Hub,
    mailbox: Arc<Mailbox>,
    topics: Vec<Topic>,
}

impl Watcher {
    /// Watches this, too.
    pub fn watch(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
            self.hub.watch(topic, &self.mailbox);
        }
    }

    /// Watches this no more. Updates of it that wait already still come.
    pub fn unwatch(&mut self, topic: Topic) {
        if let Some(index) = self.topics.iter().position(|watched| *watched == topic) {
            self.topics.swap_remove(index);
            self.hub.unwatch(topic, &self.mailbox);
        }
    }

    /// What he watches.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The next update, waiting for one. `None`: nothing was taken for `LONGEST_SILENCE`, and he was given up. Can be dropped and called again
    /// without loss.
    pub async fn next(&mut self) -> Option<Update> {
        self.mailbox.take().await
    }

    /// Bytes that wait for him.
    #[cfg(test)]
    pub(super) fn waiting_bytes(&self) -> usize {
        self.mailbox.bytes()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        for topic in std::mem::take(&mut self.topics) {
            self.hub.unwatch(topic, &self.mailbox);
        }
    }
}
