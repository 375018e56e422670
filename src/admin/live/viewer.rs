use std::time::Duration;

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, ProtocolError, Session};
use futures_util::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::flow::{ANSWER_LIMIT, Flow};
use super::message::{self, Answers, Message, Order};
use crate::event::SessionId;
use crate::live::{Hub, Topic, Update, Watcher};
use crate::store::{Store, Token};

/// Visits that one viewer may watch at a time: a wall of them.
const MAX_WATCHED: usize = 12;
/// Answers that may wait: who asks for more without reading is closed.
const MAX_ANSWERS: usize = 32;
/// How often silence is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the sign-in is looked at: after a sign-out the view closes within 2 s.
const CHECK_EVERY: Duration = Duration::from_millis(1_500);
/// So long a sign-in counts that Postgres can't confirm.
const UNCONFIRMED_LIMIT: Duration = Duration::from_secs(60);
/// How long the closing frame may take to leave.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// Head of a WebSocket message of up to 64 KiB, bytes.
const HEAD_BYTES: usize = 4;

/// Why a live view ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum End {
    #[error("the viewer is gone")]
    Gone,
    #[error("not reading")]
    Silent,
    #[error("malformed")]
    Malformed,
    #[error("signed out")]
    SignedOut,
    #[error("restart")]
    Restart,
}

impl End {
    fn reason(self) -> Option<CloseReason> {
        let code = match self {
            Self::Gone => return None,
            Self::Silent | Self::SignedOut => CloseCode::Policy,
            Self::Malformed => CloseCode::Protocol,
            Self::Restart => CloseCode::Restart,
        };
        Some(CloseReason { code, description: Some(self.to_string()) })
    }
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

/// One person who looks at a site: who is there, and what some of them do.
pub(super) struct Viewer {
    hub: Hub,
    site_id: i32,
    session: Session,
    watcher: Watcher,
    flow: Flow,
    answers: Answers,
}

impl Viewer {
    pub(super) fn new(hub: Hub, site_id: i32, session: Session) -> Self {
        let watcher = hub.watcher();
        Self { hub, site_id, session, watcher, flow: Flow::new(Instant::now()), answers: Answers::new() }
    }

    /// Shows what happens until the viewer is gone, doesn't read, or may not see it any more.
    pub(super) async fn run(mut self, stream: AggregatedMessageStream, store: Store, token: Token, draining: CancellationToken) {
        let end = tokio::select! {
            end = self.show(stream) => end,
            () = sign_out(store, token) => End::SignedOut,
            () = draining.cancelled() => End::Restart,
        };
        if let Some(reason) = end.reason() {
            tracing::debug!(%end, "a live view ended");
            let _ = timeout(CLOSE_LIMIT, self.session.close(Some(reason))).await;
        }
    }

    async fn show(&mut self, mut stream: AggregatedMessageStream) -> End {
        // First the changes, then the list: what changes in between comes twice, but nothing is missed.
        self.watcher.watch(Topic::Site(self.site_id));
        self.answers.push_back(self.hub.visitors(self.site_id).into());
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Err(end) = self.answer().await {
                return end;
            }
            let done = tokio::select! {
                message = stream.next() => self.on_message(message).await,
                update = self.watcher.next(), if self.flow.is_open() => match update {
                    Some(update) => self.tell(update).await,
                    None => Err(End::Silent),
                },
                _ = tick.tick() => self.look().await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn on_message(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<(), End> {
        match message {
            Some(Ok(AggregatedMessage::Text(text))) => self.obey(serde_json::from_str(&text).map_err(|_| End::Malformed)?),
            Some(Ok(AggregatedMessage::Pong(said))) => {
                self.flow.answer(&said);
                Ok(())
            }
            Some(Ok(AggregatedMessage::Ping(said))) => {
                Ok(timeout(ANSWER_LIMIT, self.session.pong(&said)).await.map_err(|_| End::Silent)??)
            }
            Some(Ok(AggregatedMessage::Close(_))) | None => Err(End::Gone),
            Some(Ok(AggregatedMessage::Binary(_)) | Err(_)) => Err(End::Malformed),
        }
    }

    fn obey(&mut self, order: Order) -> Result<(), End> {
        let (Order::Watch(text) | Order::Unwatch(text)) = &order;
        let session: SessionId = text.parse().map_err(|_| End::Malformed)?;
        let topic = Topic::Session { site_id: self.site_id, session };
        let session_id = session.to_string();
        let answer = match order {
            // One topic is the site itself.
            Order::Watch(_) if !self.watcher.topics().contains(&topic) && self.watcher.topics().len() > MAX_WATCHED => {
                Message::Refused { session_id, reason: "limit" }
            }
            Order::Watch(_) => {
                self.watcher.watch(topic);
                Message::watching(session)
            }
            Order::Unwatch(_) => {
                self.watcher.unwatch(topic);
                Message::Unwatched { session_id }
            }
        };
        self.answers.push_back(answer);
        if self.answers.len() > MAX_ANSWERS { Err(End::Silent) } else { Ok(()) }
    }

    /// Sends what answers wait, as far as it may.
    async fn answer(&mut self) -> Result<(), End> {
        while self.flow.is_open()
            && let Some(answer) = self.answers.pop_front()
        {
            self.say(&answer).await?;
        }
        Ok(())
    }

    async fn tell(&mut self, update: Update) -> Result<(), End> {
        match update {
            Update::Frame(frame) => {
                let bytes = message::frame(&frame);
                let length = bytes.len();
                let sent = timeout_at(self.patience(), self.session.binary(bytes)).await;
                sent.map_err(|_| End::Silent)??;
                self.sent(length).await
            }
            Update::Arrived(present) => self.say(&Message::Arrived(present.into())).await,
            Update::Left(page_view) => self.say(&Message::Left { page_view_id: page_view.to_string() }).await,
            Update::Missed(updates) => {
                self.say(&Message::Missed { updates }).await?;
                self.answers.push_back(self.hub.visitors(self.site_id).into());
                Ok(())
            }
        }
    }

    async fn say(&mut self, message: &Message) -> Result<(), End> {
        let text = message.to_text();
        let length = text.len();
        let sent = timeout_at(self.patience(), self.session.text(text)).await;
        sent.map_err(|_| End::Silent)??;
        self.sent(length).await
    }

    async fn sent(&mut self, bytes: usize) -> Result<(), End> {
        self.flow.sent(bytes + HEAD_BYTES);
        if self.flow.is_due() { self.ask().await } else { Ok(()) }
    }

    /// Looks whether the viewer reads.
    async fn look(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.flow.deadline().is_some_and(|deadline| deadline <= now) {
            return Err(End::Silent);
        }
        if self.flow.is_due_at(now) { self.ask().await } else { Ok(()) }
    }

    async fn ask(&mut self) -> Result<(), End> {
        let said = self.flow.ask(Instant::now());
        Ok(timeout_at(self.patience(), self.session.ping(&said)).await.map_err(|_| End::Silent)??)
    }

    /// Until when a message may take to leave.
    fn patience(&self) -> Instant {
        self.flow.deadline().unwrap_or_else(|| Instant::now() + ANSWER_LIMIT)
    }
}

/// Done when the sign-in has ended, or when Postgres could not confirm it for too long.
async fn sign_out(store: Store, token: Token) {
    let mut confirmed = Instant::now();
    loop {
        sleep(CHECK_EVERY).await;
        match store.has_login(&token).await {
            Ok(true) => confirmed = Instant::now(),
            Ok(false) => return,
            Err(_) if confirmed.elapsed() > UNCONFIRMED_LIMIT => return,
            Err(_) => {}
        }
    }
}
