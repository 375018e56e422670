mod crowd;
mod mark;
mod request;
mod surge;

pub(super) use mark::run;
pub(super) use request::{is_near, judge};

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;

use self::crowd::Crowd;
use self::mark::Mark;
use self::surge::Surges;
use super::network::Network;
use crate::event::{Frame, NewPageView, PageViewId, Suspect};

/// Page views that one address may begin in a minute, and one network (/24, /48). Offices and mobile carriers share addresses; what one person
/// does not reach, several hundred behind one address do not reach either, because nobody loads a page of one site every few seconds.
const ADDRESS_LIMIT: usize = 120;
const NETWORK_LIMIT: usize = 600;
/// Page views that may have the same movement: a page can hold two tags of one site, and then everything comes twice.
const COPIES_LIMIT: usize = 2;
/// A movement is looked at in the first frames of a page view, and only if it has enough events to be nobody else's by chance.
const COPIES_SEQS: u32 = 3;
const COPIES_EVENTS: usize = 8;

/// Decides which page views are probably no person's. It sees what this collector sees, and keeps it in bounded memory for minutes:
/// addresses only as keyed hashes under a key of this process.
///
/// Everything here marks and nothing refuses: a person who is taken for a program loses nothing but his place in a heatmap.
pub(super) struct Suspects {
    hasher: RandomState,
    state: Mutex<State>,
    marks: mpsc::Sender<Mark>,
}

struct State {
    addresses: Crowd,
    networks: Crowd,
    movements: Crowd,
    surges: Surges,
    /// Page views on their way into Postgres, and what was found out about them since.
    opening: HashMap<PageViewId, Suspect>,
}

/// A page view on its way into Postgres. What is found out about it meanwhile is marked when this is dropped: before, there is no row to mark.
pub(super) struct Opening<'a> {
    suspects: &'a Suspects,
    id: PageViewId,
    /// What is known by now.
    pub(super) reasons: Suspect,
}

impl Suspects {
    /// Nothing seen yet. The other end has to be given to `run`.
    pub(super) fn new() -> (Self, mpsc::Receiver<Mark>) {
        let (marks, receiver) = mark::channel();
        let minute = TimeDelta::minutes(1);
        let state = State {
            addresses: Crowd::new(ADDRESS_LIMIT, minute),
            networks: Crowd::new(NETWORK_LIMIT, minute),
            movements: Crowd::new(COPIES_LIMIT, TimeDelta::days(1)),
            surges: Surges::default(),
            opening: HashMap::new(),
        };
        (Self { hasher: RandomState::new(), state: Mutex::new(state), marks }, receiver)
    }

    /// A page view begins. `seen` is what its request gave away.
    pub(super) fn begin(
        &self,
        id: PageViewId,
        view: &NewPageView,
        address: IpAddr,
        user_agent: &str,
        seen: Suspect,
        now: DateTime<Utc>,
    ) -> Opening<'_> {
        let [address, network] =
            [Network::address(address), Network::prefix(address)].map(|network| self.hasher.hash_one((view.site_id, network)));
        // What a script that sends one visit over and over does not change.
        let sizes = (view.viewport.w(), view.viewport.h(), view.screen.map(|screen| (screen.w(), screen.h())));
        let signature = self.hasher.hash_one((user_agent, sizes, view.language.as_deref()));
        let mut state = self.lock();
        let (mut reasons, mut marks) = (seen, Vec::new());
        for over in [state.addresses.join(address, id, now), state.networks.join(network, id, now)].into_iter().flatten() {
            reasons = reasons | Suspect::RATE;
            marks.push((over, Suspect::RATE));
        }
        if let Some(over) = state.surges.join(view.site_id, signature, id, !seen.is_empty(), now) {
            reasons = reasons | Suspect::SURGE;
            marks.push((over, Suspect::SURGE));
        }
        state.opening.entry(id).or_default();
        for (ids, suspect) in marks {
            self.mark(&mut state, ids, suspect);
        }
        drop(state);
        Opening { suspects: self, id, reasons }
    }

    /// A frame came. Who replays one recorded visit in many page views sends the same movement, to the millisecond.
    pub(super) fn watch(&self, site_id: i32, id: PageViewId, frame: &Frame, now: DateTime<Utc>) {
        if !(1..=COPIES_SEQS).contains(&frame.seq) || frame.events.len() < COPIES_EVENTS {
            return;
        }
        // Not its bytes: the numbers of page view and frame are easily changed.
        let movement: Vec<_> = frame.events.iter().map(|event| (event.at_ms, event.kind as u8, event.x, event.y)).collect();
        let key = self.hasher.hash_one((site_id, movement));
        let mut state = self.lock();
        if let Some(mut ids) = state.movements.join(key, id, now) {
            ids.push(id);
            self.mark(&mut state, ids, Suspect::COPIES);
        }
    }

    fn mark(&self, state: &mut State, mut ids: Vec<PageViewId>, suspect: Suspect) {
        ids.retain(|id| match state.opening.get_mut(id) {
            Some(late) => {
                *late = *late | suspect;
                false
            }
            None => true,
        });
        if !ids.is_empty() {
            // When the marks can't be written as fast as they come, some stay away: nothing may wait for them.
            let _ = self.marks.try_send(Mark { ids, suspect });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Counts stay usable whatever happened to who held them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        let late = self.suspects.lock().opening.remove(&self.id).unwrap_or_default();
        if !late.is_empty() {
            let _ = self.suspects.marks.try_send(Mark { ids: vec![self.id], suspect: late });
        }
    }
}

#[cfg(test)]
mod tests;
