use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::ack::Acks;
use super::refusal::Refusal;
use super::{Close, Tokens};
use crate::event::PageViewId;
use crate::ingest::{Counters, NewChunk, OpenPageView, Outcome, Settled};
use crate::wire::{
    ClientMessage, Hello, MAX_PAGES, NewPage, Page, PageState, ResumedPage, ServerMessage, decode_frame, parse_client, peek_key,
};

/// How far a seq may run ahead of the first one that is missing. It bounds what a client can make us remember.
const MAX_GAP: u32 = 64;

/// One client, from hello to close. Decides without I/O: each input gives actions for whoever holds the socket.
pub(super) struct Session {
    tokens: Tokens,
    counters: Counters,
    phase: Phase,
    pages: HashMap<u16, Slot>,
    /// An outline comes in a POST only: it is large, and pointer frames must not wait behind it.
    takes_outlines: bool,
}

/// How far the greeting has come.
enum Phase {
    /// Nothing said yet.
    Silent,
    /// Hello said, site not found yet.
    Greeted(Vec<Page>),
    /// The site is known and allows the client.
    Admitted(Admission),
}

/// What a client may do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Admission {
    /// Its site.
    pub(super) site_id: i32,
    /// May it create page views in the past?
    pub(super) is_import: bool,
    /// Share of sessions that the site wants.
    pub(super) sample: f64,
    /// Are its page views to be erased?
    pub(super) is_forgetting: bool,
}

/// A page view of this client.
enum Slot {
    /// On its way into Postgres, or looked for there. The client holds every seq from this one on.
    Opening {
        from: u32,
    },
    Open {
        view: OpenPageView,
        acks: Acks,
        /// Which seqs came, settled or not: what the gap is measured by.
        received: Acks,
    },
    Refused(Refusal),
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Action {
    /// Tell the client.
    Send(ServerMessage),
    /// Find the site of this hello, and whether it admits the client.
    Admit(Hello),
    /// Create this page view.
    Open { n: u16, page: Box<NewPage>, admission: Admission },
    /// Look for this page view.
    Resume { n: u16, id: PageViewId },
    /// Erase this page view.
    Forget { n: u16, id: PageViewId },
    /// Erase the page view of this message, should there be one.
    ForgetNew { n: u16, page: Box<NewPage>, admission: Admission },
    /// Hand this frame to the writer.
    Submit(Box<NewChunk>),
    /// End the connection.
    Close(Close),
}

impl Session {
    pub(super) fn new(tokens: Tokens, counters: Counters, takes_outlines: bool) -> Self {
        Self { tokens, counters, phase: Phase::Silent, pages: HashMap::new(), takes_outlines }
    }

    /// Its site, and whether it may create page views in the past, once the site has admitted the client.
    pub(super) fn admission(&self) -> Option<Admission> {
        match self.phase {
            Phase::Admitted(admission) => Some(admission),
            _ => None,
        }
    }

    /// Has the client said hello? Whether its site was found by then is not its business.
    pub(super) fn is_greeted(&self) -> bool {
        !matches!(self.phase, Phase::Silent)
    }

    /// A text message came.
    pub(super) fn on_text(&mut self, text: &str, now: DateTime<Utc>) -> Vec<Action> {
        match (parse_client(text), &self.phase) {
            (Ok(ClientMessage::Hello(hello)), Phase::Silent) => self.on_hello(hello),
            (Ok(ClientMessage::Page(page)), Phase::Admitted(admission)) => {
                let admission = *admission;
                self.on_page(page, admission, now)
            }
            (Ok(ClientMessage::Page(page)), Phase::Greeted(_)) => {
                if let Phase::Greeted(pages) = &mut self.phase
                    && pages.len() < MAX_PAGES
                {
                    pages.push(page);
                }
                Vec::new()
            }
            (Ok(_), _) => vec![Action::Close(Close::Protocol)],
            (Err(error), _) => vec![Action::Close(Close::from(&error))],
        }
    }

    /// The hello came.
    pub(super) fn on_hello(&mut self, hello: Hello) -> Vec<Action> {
        self.phase = Phase::Greeted(hello.pages.clone());
        vec![Action::Admit(hello)]
    }

    /// The site was found, or it refuses the client.
    pub(super) fn on_admission(&mut self, admission: Result<Admission, Close>, now: DateTime<Utc>) -> Vec<Action> {
        match (admission, std::mem::replace(&mut self.phase, Phase::Silent)) {
            (Ok(admission), Phase::Greeted(pages)) => {
                self.phase = Phase::Admitted(admission);
                pages.into_iter().flat_map(|page| self.on_page(page, admission, now)).collect()
            }
            (Err(close), _) => vec![Action::Close(close)],
            (Ok(_), _) => vec![Action::Close(Close::Internal)],
        }
    }

    fn on_page(&mut self, page: Page, admission: Admission, now: DateTime<Utc>) -> Vec<Action> {
        let n = page.n;
        if self.pages.len() >= MAX_PAGES {
            return vec![Action::Close(Close::Policy)];
        }
        if self.pages.contains_key(&n) {
            return vec![Action::Close(Close::Protocol)];
        }
        match page.state {
            PageState::New(page) => {
                self.pages.insert(n, Slot::Opening { from: 1 });
                vec![if admission.is_forgetting { Action::ForgetNew { n, page, admission } } else { Action::Open { n, page, admission } }]
            }
            PageState::Resumed(ResumedPage { id, token, from }) => {
                let id = id.parse().ok().filter(|id| self.tokens.check(&token, admission.site_id, *id, now));
                let Some(id) = id else { return self.refuse(n, Refusal::Token) };
                self.pages.insert(n, Slot::Opening { from });
                vec![if admission.is_forgetting { Action::Forget { n, id } } else { Action::Resume { n, id } }]
            }
        }
    }

    fn refuse(&mut self, n: u16, refusal: Refusal) -> Vec<Action> {
        self.pages.insert(n, Slot::Refused(refusal));
        vec![refusal.nack(n)]
    }

    /// A page view stands in Postgres, or is refused.
    pub(super) fn on_opened(&mut self, n: u16, view: Result<OpenPageView, Refusal>, now: DateTime<Utc>) -> Vec<Action> {
        let view = match view {
            Ok(view) => view,
            Err(refusal) => return self.refuse(n, refusal),
        };
        let Some(Slot::Opening { from }) = self.pages.get(&n) else { return self.refuse(n, Refusal::Unknown) };
        // What the client no longer holds was settled, if only by a refusal that left no trace here.
        let acked = view.settled.max(from - 1);
        let token = self.tokens.issue(view.site_id, view.id, now);
        self.pages.insert(n, Slot::Open { view, acks: Acks::from(acked), received: Acks::from(acked) });
        vec![Action::Send(ServerMessage::Welcome { n, id: view.id, token, acked })]
    }

    /// A frame came.
    pub(super) fn on_frame(&mut self, bytes: &[u8]) -> Vec<Action> {
        let Phase::Admitted(Admission { site_id: site, .. }) = self.phase else { return vec![Action::Close(Close::Protocol)] };
        self.counters.receive(site);
        let Some(key) = peek_key(bytes) else {
            self.counters.reject(site, decode_frame(bytes).err().map_or("range", |error| error.word()));
            return vec![Action::Close(Close::Protocol)];
        };
        let nack =
            |retry: bool, reason: &'static str| ServerMessage::Nack { n: key.page, seq: Some(key.seq), retry, reason: reason.to_owned() };
        let is_outline = key.seq == 0;
        if is_outline && !self.takes_outlines {
            self.counters.reject(site, "range");
            return vec![Action::Close(Close::Protocol)];
        }
        let (view, acks, received) = match self.pages.get_mut(&key.page) {
            Some(Slot::Open { view, acks, received }) => (view, acks, received),
            Some(Slot::Refused(refusal @ (Refusal::Forgotten | Refusal::Sample))) => {
                self.counters.reject(site, refusal.word());
                return vec![refusal.nack(key.page)];
            }
            _ => {
                self.counters.reject(site, "page");
                return vec![Action::Send(nack(false, "page"))];
            }
        };
        if is_outline {
            return match decode_frame(bytes) {
                Ok(frame) => vec![Action::Submit(Box::new(NewChunk { page_view: *view, frame, bytes: bytes.to_vec() }))],
                Err(error) => {
                    self.counters.reject(site, error.word());
                    vec![Action::Send(nack(false, error.word()))]
                }
            };
        }
        if key.seq > received.settled().saturating_add(MAX_GAP) {
            self.counters.reject(site, "gap");
            return vec![Action::Send(nack(true, "gap"))];
        }
        received.settle(key.seq);
        match decode_frame(bytes) {
            Ok(frame) => vec![Action::Submit(Box::new(NewChunk { page_view: *view, frame, bytes: bytes.to_vec() }))],
            Err(error) => {
                self.counters.reject(site, error.word());
                acks.settle(key.seq);
                // Not before those that came before it are settled, and never 0, which would be an ack of the outline.
                let ack = (acks.settled() >= key.seq).then_some(ServerMessage::Ack { n: key.page, seq: acks.settled() });
                std::iter::once(nack(false, error.word())).chain(ack).map(Action::Send).collect()
            }
        }
    }

    /// A frame came that is over the quota of its site. The client keeps it, and comes back later.
    pub(super) fn on_surplus(&self, bytes: &[u8], site: i32) -> Vec<Action> {
        self.counters.receive(site);
        self.counters.reject(site, "quota");
        let nack = peek_key(bytes)
            .map(|key| Action::Send(ServerMessage::Nack { n: key.page, seq: Some(key.seq), retry: true, reason: "quota".to_owned() }));
        nack.into_iter().chain([Action::Close(Close::Policy)]).collect()
    }

    /// The writer is done with a frame.
    pub(super) fn on_settled(&mut self, settled: Settled) -> Vec<Action> {
        let (id, seq) = settled.key;
        let Some((n, acks)) = self.pages.iter_mut().find_map(|(n, slot)| match slot {
            Slot::Open { view, acks, .. } if view.id == id => Some((*n, acks)),
            _ => None,
        }) else {
            return Vec::new();
        };
        let reason = match settled.outcome {
            Outcome::Forgotten => return self.refuse(n, Refusal::Forgotten),
            Outcome::Committed | Outcome::Duplicate => None,
            Outcome::Quarantined => Some("quarantine"),
            Outcome::Conflict => Some("conflict"),
        };
        let nack = reason.map(|reason| ServerMessage::Nack { n, seq: Some(seq), retry: false, reason: reason.to_owned() });
        let ack = if seq == 0 {
            nack.is_none().then_some(ServerMessage::Ack { n, seq })
        } else {
            acks.settle(seq);
            // Who sends a frame again may not have heard its ack, so a duplicate is always answered, be it by an ack of what came before a gap.
            let is_news = acks.settled() >= seq || settled.outcome == Outcome::Duplicate;
            // An ack of 0 would be one of the outline.
            (is_news && acks.settled() > 0).then(|| ServerMessage::Ack { n, seq: acks.settled() })
        };
        nack.into_iter().chain(ack).map(Action::Send).collect()
    }
}
