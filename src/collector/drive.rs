use std::collections::VecDeque;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::gate::Pass;
use super::look::{Look, Looking, Who};
use super::network::Network;
use super::refusal::Refusal;
use super::session::{Action, Admission, Session};
use super::{Close, Collector, suspect, visitor};
use crate::event::{Device, Suspect};
use crate::ingest::{Full, NewChunk, OpenPageView, Outcome, Pressure, Queue, Queued, Replies, Reply, Room, Settled, Site, replies};
use crate::live::{Presence, Present};
use crate::wire::{Import, ServerMessage};

/// Memory that frames of one connection may take between arrival and outcome, bytes.
const MAX_IN_FLIGHT: usize = 256 << 10;

/// Who is at the other end, as the request said.
pub(super) struct Peer {
    /// Lives as long as the connection and is never stored.
    pub(super) address: IpAddr,
    pub(super) user_agent: String,
    /// What the request itself gave away.
    pub(super) seen: Suspect,
    pub(super) origin: Option<String>,
    /// Does the browser say `Sec-GPC: 1`?
    pub(super) has_opted_out: bool,
}

/// Something happened that the session has to hear of.
pub(super) enum Event {
    Admitted {
        result: Result<Admission, Close>,
        import: Option<Import>,
    },
    Opened {
        n: u16,
        view: Result<OpenPageView, Refusal>,
    },
    Settled(Settled),
    Room(Result<Room, Full>),
    /// Somebody begins to watch the visit, or nobody does any more.
    Watched(bool),
    /// A look into Postgres was given up.
    Broken,
}

/// What goes out to the client.
#[derive(Debug)]
pub(super) enum Output {
    Message(ServerMessage),
    Close(Close),
}

type Wait = Pin<Box<dyn Future<Output = Result<Room, Full>>>>;

/// Does what a session decides, for a socket as for a POST: looks into Postgres, waits for room in the queue, hears what became of frames.
pub(super) struct Driver {
    pub(super) session: Session,
    collector: Collector,
    peer: Peer,
    /// Of a WebSocket: its place among the connections.
    pass: Option<Pass>,
    import: Option<Import>,
    look: Look,
    jobs: FuturesUnordered<Looking>,
    /// Frames that wait for room, oldest first, and the wait for the first of them.
    waiting: VecDeque<(NewChunk, Instant)>,
    room: Option<Wait>,
    reply: Reply,
    settled: Replies,
    in_flight_bytes: usize,
    in_flight: usize,
    /// The newest page view of a socket, for those who watch live.
    presence: Option<(u16, Presence)>,
    output: Vec<Output>,
}

impl Driver {
    pub(super) fn new(collector: Collector, peer: Peer, pass: Option<Pass>, takes_outlines: bool) -> Self {
        let session = Session::new(collector.tokens.clone(), collector.ingest.counters.clone(), takes_outlines);
        let (reply, settled) = replies();
        Self {
            look: Look::new(collector.clone(), peer.address),
            session,
            collector,
            peer,
            pass,
            import: None,
            jobs: FuturesUnordered::new(),
            waiting: VecDeque::new(),
            room: None,
            reply,
            settled,
            in_flight_bytes: 0,
            in_flight: 0,
            presence: None,
            output: Vec::new(),
        }
    }

    /// May the next message be read? Not while frames wait for room or too many are under way: then the client's own buffer has to hold them.
    pub(super) fn may_read(&self) -> bool {
        self.waiting.is_empty() && self.in_flight_bytes < MAX_IN_FLIGHT && self.collector.ingest.queue.pressure() < Pressure::Stop
    }

    /// Are all looks into Postgres done?
    pub(super) fn is_settled_in(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Is nothing under way?
    pub(super) fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.waiting.is_empty() && self.in_flight == 0
    }

    /// What has to go out now.
    pub(super) fn take_output(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.output)
    }

    /// Waits for the next event. Can be dropped and called again without loss.
    pub(super) async fn next(&mut self) -> Event {
        if self.room.is_none()
            && let Some((chunk, _)) = self.waiting.front()
        {
            let queue = self.collector.ingest.queue.clone();
            let bytes = Queue::cost(chunk);
            self.room = Some(Box::pin(async move { queue.room(bytes).await }));
        }
        let room = async {
            match &mut self.room {
                Some(room) => room.await,
                None => std::future::pending().await,
            }
        };
        let watched = async {
            match &mut self.presence {
                Some((_, presence)) => presence.watched().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(looked) = self.jobs.next() => looked.ok().flatten().unwrap_or(Event::Broken),
            Some(settled) = self.settled.recv() => Event::Settled(settled),
            room = room => Event::Room(room),
            is_watched = watched => Event::Watched(is_watched),
            else => std::future::pending().await,
        }
    }

    /// Tells the session what happened, and does what follows from it.
    pub(super) fn handle(&mut self, event: Event) {
        let now = self.collector.clock.now();
        match event {
            Event::Broken => self.output.push(Output::Close(Close::Internal)),
            Event::Admitted { result, import } => {
                self.import = import;
                let result = result.and_then(|admission| self.enter_site(admission));
                let actions = self.session.on_admission(result, now);
                self.perform(actions);
            }
            Event::Opened { n, view } => {
                if let Ok(view) = &view {
                    self.collector.ingest.counters.page_views.get_or_create(&Site { site: view.site_id }).inc();
                }
                self.arrive(n, &view);
                let actions = self.session.on_opened(n, view, now);
                self.perform(actions);
            }
            Event::Settled(settled) => {
                self.in_flight -= 1;
                self.in_flight_bytes = self.in_flight_bytes.saturating_sub(settled.bytes);
                self.collector.ingest.counters.ack_seconds.observe(settled.since.elapsed().as_secs_f64());
                if settled.outcome == Outcome::Forgotten {
                    self.presence.take_if(|(_, presence)| presence.page_view() == settled.key.0);
                }
                let actions = self.session.on_settled(settled);
                self.perform(actions);
            }
            Event::Room(room) => {
                self.room = None;
                self.submit(room);
            }
            Event::Watched(on) => self.output.push(Output::Message(ServerMessage::Watch { on })),
        }
    }

    /// The visitor is on this page now. Imports are of the past, and who posts is gone again.
    fn arrive(&mut self, n: u16, view: &Result<OpenPageView, Refusal>) {
        let Ok(view) = view else { return };
        if self.pass.is_none() || self.import.is_some() {
            return;
        }
        let present = Present {
            page_view: view.id,
            session: view.session_id,
            site_id: view.site_id,
            page_id: view.page_id,
            device: Device::from_code(view.device).unwrap_or(Device::Desktop),
            since: view.began_at,
        };
        match &mut self.presence {
            // Page views come back in any order after a reconnection; the newest is where the visitor is.
            Some((newest, presence)) if *newest <= n => {
                *newest = n;
                presence.turn_to(present);
            }
            Some(_) => {}
            None => self.presence = Some((n, self.collector.hub.arrive(present))),
        }
    }

    fn enter_site(&mut self, admission: Admission) -> Result<Admission, Close> {
        match self.pass.as_mut().map_or(Ok(()), |pass| pass.enter_site(admission.site_id)) {
            Ok(()) => Ok(admission),
            Err(full) => {
                self.collector.ingest.counters.refuse(full.word());
                Err(Close::Overload)
            }
        }
    }

    /// A frame came.
    pub(super) fn on_frame(&mut self, bytes: &[u8]) {
        let actions = match self.session.admission() {
            Some(admission) if !admission.is_import && !self.collector.rates.frames.spend(admission.site_id, Instant::now()) => {
                self.session.on_surplus(bytes, admission.site_id)
            }
            _ => self.session.on_frame(bytes),
        };
        self.perform(actions);
    }

    /// Does what the session decided.
    pub(super) fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(message) => self.output.push(Output::Message(message)),
                Action::Close(close) => self.output.push(Output::Close(close)),
                Action::Admit(hello) => self.jobs.push(self.look.admit(hello, self.peer.origin.clone())),
                Action::Open { admission, .. } if !admission.is_import && !self.may_open() => {
                    self.collector.ingest.counters.refuse("rate");
                    self.output.push(Output::Close(Close::Policy));
                }
                Action::Open { n, page, admission } => {
                    let who = match &self.import {
                        Some(import) if admission.is_import => {
                            Who { network: import.visitor.clone(), user_agent: import.user_agent.clone(), seen: Suspect::NONE }
                        }
                        _ => Who {
                            network: visitor::network(self.peer.address),
                            user_agent: self.peer.user_agent.clone(),
                            seen: self.peer.seen,
                        },
                    };
                    self.jobs.push(self.look.open(n, page, admission, who));
                }
                Action::Resume { n, id } => self.jobs.push(self.look.resume(n, id)),
                Action::Forget { n, id } => self.jobs.push(self.look.forget(n, id)),
                Action::ForgetNew { n, page, admission } => self.jobs.push(self.look.forget_new(n, page, admission)),
                Action::Submit(chunk) => {
                    if self.import.is_none() {
                        let now = self.collector.clock.now();
                        self.collector.suspects.watch(chunk.page_view.site_id, chunk.page_view.id, &chunk.frame, now);
                    }
                    self.waiting.push_back((*chunk, Instant::now()));
                }
            }
        }
    }

    /// Has its address a page view left this minute?
    fn may_open(&self) -> bool {
        self.collector.rates.page_views.spend(Network::address(self.peer.address), Instant::now())
    }

    fn submit(&mut self, room: Result<Room, Full>) {
        let Some((chunk, since)) = self.waiting.pop_front() else { return };
        let site = chunk.page_view.site_id;
        // Before the commit: who watches sees what visitors do, not what is stored.
        if room.is_ok() && self.import.is_none() {
            let view = &chunk.page_view;
            self.collector.hub.publish(view.site_id, view.session_id, view.id, &chunk.bytes);
        }
        let pushed = room.and_then(|room| {
            let bytes = room.bytes();
            let queued = Queued { chunk, reply: self.reply.clone(), room, since };
            self.collector.ingest.queue.push(queued).map(|()| bytes)
        });
        match pushed {
            Ok(bytes) => {
                self.in_flight += 1;
                self.in_flight_bytes += bytes;
            }
            Err(Full) => {
                self.collector.ingest.counters.reject(site, "restart");
                self.output.push(Output::Close(Close::Restart));
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.look.give_up();
        // Frames that never got into the queue: the client still has them.
        for (chunk, _) in &self.waiting {
            self.collector.ingest.counters.reject(chunk.page_view.site_id, "disconnect");
        }
    }
}

/// Reads who is at the other end.
pub(super) fn peer(request: &actix_web::HttpRequest) -> Peer {
    use actix_web::http::header::{HeaderName, ORIGIN, USER_AGENT};
    let address = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Peer {
        address,
        seen: suspect::judge(request.headers(), suspect::is_near(address)),
        user_agent: header(USER_AGENT).unwrap_or_default(),
        origin: header(ORIGIN),
        has_opted_out: header(HeaderName::from_static("sec-gpc")).is_some_and(|value| value.trim() == "1"),
    }
}
