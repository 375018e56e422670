use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use actix_web::rt;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::drive::Event;
use super::network::Network;
use super::refusal::{IGNORED, Refusal};
use super::session::Admission;
use super::{Close, Collector, agent, origin, page, sample};
use crate::event::{PageViewId, Suspect};
use crate::ingest::{Found, OpenPageView, Pressure, StoreError, Verdict};
use crate::wire::{Hello, NewPage, PageState};

const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Who begins a page view: the peer, or who an import says it was.
pub(super) struct Who {
    /// Stands for the visitor's address in his hash.
    pub(super) network: String,
    pub(super) user_agent: String,
    /// What his request gave away.
    pub(super) seen: Suspect,
}

/// Looks into Postgres for one connection.
///
/// Each look is a task of its own: a client that doesn't take its messages must not keep one of Postgres's connections meanwhile. When the
/// client is gone, what waits is given up, and what has begun comes to its end.
#[derive(Clone)]
pub(super) struct Look {
    collector: Collector,
    address: IpAddr,
    gone: CancellationToken,
}

/// A look under way. `None`: it was given up.
pub(super) type Looking = JoinHandle<Option<Event>>;

impl Look {
    pub(super) fn new(collector: Collector, address: IpAddr) -> Self {
        Self { collector, address, gone: CancellationToken::new() }
    }

    /// The client is gone.
    pub(super) fn give_up(&self) {
        self.gone.cancel();
    }

    /// Finds the site of a hello, and whether it admits the client.
    pub(super) fn admit(&self, hello: Hello, origin: Option<String>) -> Looking {
        let look = self.clone();
        rt::spawn(async move {
            let site = look.persist(|| look.collector.ingest.find_site(&hello.site)).await?;
            let Some(site) = site else { return Some(Event::Admitted { result: Err(Close::Site), import: None }) };
            let judged = look.judge(hello, site.site_id, origin::is_allowed(&site.origins, origin.as_deref()));
            match &judged {
                // Who asks for nothing but erasure is heard, wherever he is.
                Event::Admitted { result: Ok(admission), .. } if !admission.is_forgetting && look.is_ignored(*admission).await? => {
                    Some(Event::Admitted { result: Err(Close::Ignored), import: None })
                }
                _ => Some(judged),
            }
        })
    }

    fn judge(&self, hello: Hello, site_id: i32, is_allowed: bool) -> Event {
        let collector = &self.collector;
        let refuse = |close, reason| {
            collector.ingest.counters.refuse(reason);
            Event::Admitted { result: Err(close), import: None }
        };
        // Visits that are under way go on; half of those that begin have to try again later.
        let is_new_visit = !hello.forget && hello.pages.iter().any(|page| page.n == 0 && matches!(page.state, PageState::New(_)));
        if is_new_visit && collector.ingest.queue.pressure() >= Pressure::Shed && rand::random() {
            return refuse(Close::Overload, "overload");
        }
        let import = hello.import.filter(|import| collector.tokens.check_import(&import.token, site_id, collector.clock.now()));
        if import.is_none() && !is_allowed {
            return refuse(Close::Origin, "origin");
        }
        let admission = Admission { site_id, is_import: import.is_some(), sample: hello.sample, is_forgetting: hello.forget };
        Event::Admitted { result: Ok(admission), import }
    }

    /// Does the site ignore the peer's network? Says so to the counters. An import comes from the operator, wherever he is.
    async fn is_ignored(&self, admission: Admission) -> Option<bool> {
        let collector = &self.collector;
        if admission.is_import {
            return Some(false);
        }
        let now = collector.clock.now();
        let is_ignored = self.persist(|| collector.ignored.contains(admission.site_id, self.address, now)).await?;
        if is_ignored {
            collector.ingest.counters.refuse(IGNORED);
        }
        Some(is_ignored)
    }

    /// Creates a page view.
    pub(super) fn open(&self, n: u16, page: Box<NewPage>, admission: Admission, who: Who) -> Looking {
        let look = self.clone();
        rt::spawn(async move {
            let collector = &look.collector;
            let now = collector.clock.now();
            let Some(began_at) = page::began_at(&page, admission.is_import, now) else {
                return Some(Event::Opened { n, view: Err(Refusal::Unknown) });
            };
            // Again, because a connection can last for hours.
            if look.is_ignored(admission).await? {
                return Some(Event::Opened { n, view: Err(Refusal::Ignored) });
            }
            let agent = agent::classify(&who.user_agent);
            let hash = || collector.visitors.hash(admission.site_id, &who.network, &who.user_agent, now.date_naive());
            let visitors = look.persist(hash).await?;
            let mut new = page::parse(&page, admission.site_id, began_at, visitors, agent);
            new.country = if admission.is_import { None } else { collector.countries.of(look.address) };
            // Before anything is stored.
            if !sample::is_in(admission.sample, new.session_key, new.visitors[0]) {
                return Some(Event::Opened { n, view: Err(Refusal::Sample) });
            }
            let seed = collector.tokens.seed(admission.site_id, new.nonce);
            // What an operator imports is his own.
            let opening = (!admission.is_import).then(|| {
                let id = PageViewId::new(new.began_at, seed);
                collector.suspects.begin(id, &new, look.address, &who.user_agent, who.seen, now)
            });
            new.suspect = opening.as_ref().map_or(Suspect::NONE, |opening| opening.reasons);
            let view = look.persist(|| collector.ingest.open_page_view(&new, seed)).await?;
            Some(Event::Opened { n, view: opened(view) })
        })
    }

    /// Looks for a page view.
    pub(super) fn resume(&self, n: u16, id: PageViewId) -> Looking {
        let look = self.clone();
        rt::spawn(async move {
            let view = look.persist(|| look.collector.ingest.find_page_view(id)).await?;
            Some(Event::Opened { n, view: opened(view) })
        })
    }

    /// Erases a page view.
    pub(super) fn forget(&self, n: u16, id: PageViewId) -> Looking {
        let look = self.clone();
        rt::spawn(async move {
            look.persist(|| look.collector.ingest.forget_page_view(id)).await?;
            Some(Event::Opened { n, view: Err(Refusal::Forgotten) })
        })
    }

    /// The same for one of which the client may not have heard the welcome, so that its nonce is all that it can name it by.
    pub(super) fn forget_new(&self, n: u16, page: Box<NewPage>, admission: Admission) -> Looking {
        let look = self.clone();
        rt::spawn(async move {
            let collector = &look.collector;
            if let Some(began_at) = page::began_at(&page, admission.is_import, collector.clock.now()) {
                let seed = collector.tokens.seed(admission.site_id, page.nonce);
                look.persist(|| collector.ingest.forget_new_page_view(page.nonce, began_at, seed)).await?;
            }
            Some(Event::Opened { n, view: Err(Refusal::Forgotten) })
        })
    }

    /// Tries, each time in its turn, until Postgres answers. `None`: the client went before, or Postgres will never take what it said.
    async fn persist<T, F: Future<Output = Result<T, StoreError>>>(&self, mut look: impl FnMut() -> F) -> Option<T> {
        let mut pause = Duration::from_millis(100);
        loop {
            let turn = self.gone.run_until_cancelled(self.collector.ingest.turn(Network::prefix(self.address))).await?;
            match look().await {
                Ok(found) => return Some(found),
                Err(error) if error.verdict() == Verdict::Data => {
                    tracing::error!(
                        sqlstate = error.sqlstate(),
                        "Postgres refuses what a client said, though it was checked: please report this"
                    );
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, pause_ms = pause.as_millis() as u64, "Postgres did not answer a connection, trying again")
                }
            }
            drop(turn);
            self.gone.run_until_cancelled(tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0)))).await?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn opened(found: Found) -> Result<OpenPageView, Refusal> {
    match found {
        Found::Open(view) => Ok(view),
        Found::Forgotten => Err(Refusal::Forgotten),
        Found::Nothing => Err(Refusal::Unknown),
    }
}
