use std::time::Instant;

use anyhow::{bail, ensure};
use tokio::time::timeout;

use super::finding::{Finding, Findings};
use super::web::{PATIENCE, post};
use crate::cli::client::Client;
use crate::config::Settings;
use crate::event::{Frame, Kind, Nonce, PageViewId, PointerEvent};
use crate::store::Checkup;
use crate::wire::{ClientMessage, Hello, NewPage, Page, PageState, ResumedPage, ServerMessage, Via, encode_envelope, encode_frame};

/// An ack that takes longer is late on an idle system: a batch waits 50 ms.
const SLOW_MS: f64 = 1_000.0;

/// A page view of a site made for this goes the way that visitors' go: socket, POST, Postgres, erasure. Nothing of it stays.
pub(super) async fn examine(findings: &mut Findings, settings: &Settings, url: &str, checkup: &mut Checkup) {
    let (site_id, key) = match timeout(Checkup::LIMIT, checkup.make_site()).await {
        Ok(Ok(site)) => site,
        Ok(Err(error)) => {
            return findings.add(Finding::fail("round_trip.site", error.to_string(), "See what is said about Postgres above."));
        }
        Err(_) => return findings.add(Finding::fail("round_trip.site", "no answer within 10 s", "See what is said about Postgres above.")),
    };
    let mut trip = Trip { base: format!("{url}{}", settings.ingest_path), key, view: None };
    trip.go(findings, checkup).await;
    findings.add(match timeout(Checkup::LIMIT, checkup.remove_site(site_id)).await {
        Ok(Ok(())) => Finding::ok("round_trip.clean", "nothing of it is left"),
        _ => Finding::warning(
            "round_trip.clean",
            format!("site {site_id} could not be removed"),
            "Run `mousetrail doctor` again later: it removes it.",
        ),
    });
}

struct Trip {
    base: String,
    key: String,
    /// The page view, once the collector has named it.
    view: Option<(PageViewId, String)>,
}

impl Trip {
    /// Each step needs the one before it.
    async fn go(&mut self, findings: &mut Findings, checkup: &mut Checkup) {
        let begin = Instant::now();
        let mut client = match self.welcome().await {
            Ok(client) => client,
            Err(error) => return findings.add(failed("round_trip.welcome", &error)),
        };
        findings.add(took("round_trip.welcome", "hello and page view answered", begin));
        let begin = Instant::now();
        let acked = async {
            client.send_frame(frame(1)).await?;
            client.hear_acks(0, 1).await
        };
        match acked.await {
            Ok(()) => findings.add(took("round_trip.socket", "a frame through the socket was acknowledged", begin)),
            Err(error) => return findings.add(failed("round_trip.socket", &error)),
        }
        findings.add(self.is_stored(checkup, 1).await);
        let begin = Instant::now();
        match self.post().await {
            Ok(()) => findings.add(took("round_trip.post", "a frame by POST was acknowledged", begin)),
            Err(error) => findings.add(failed("round_trip.post", &error)),
        }
        let begin = Instant::now();
        match self.forget(checkup).await {
            Ok(()) => findings.add(took("round_trip.erasure", "the page view was erased", begin)),
            Err(error) => findings.add(failed("round_trip.erasure", &error)),
        }
    }

    async fn welcome(&mut self) -> anyhow::Result<Client> {
        let mut client = Client::connect(&self.base, PATIENCE).await?;
        let page = Page { n: 0, state: PageState::New(Box::new(new_page())) };
        client.say(&ClientMessage::Hello(self.hello(page))).await?;
        match client.hear().await? {
            ServerMessage::Welcome { id, token, .. } => self.view = Some((id, token)),
            other => bail!("the collector said {other:?} instead of a welcome"),
        }
        Ok(client)
    }

    async fn is_stored(&self, checkup: &mut Checkup, frames: i64) -> Finding {
        let Some((id, _)) = &self.view else { return Finding::fail("round_trip.stored", "no page view", "See above.") };
        match timeout(Checkup::LIMIT, checkup.stored_frames(*id)).await {
            Ok(Ok(stored)) if stored == frames => Finding::ok("round_trip.stored", "the acknowledged frame is in Postgres"),
            Ok(Ok(stored)) => Finding::fail(
                "round_trip.stored",
                format!("{frames} frame was acknowledged, {stored} are in Postgres"),
                "The collector writes somewhere else: give doctor and collector the same --database-url or --data-dir.",
            ),
            Ok(Err(error)) => Finding::fail("round_trip.stored", error.to_string(), "See what is said about Postgres above."),
            Err(_) => Finding::fail("round_trip.stored", "no answer within 10 s", "See what is said about Postgres above."),
        }
    }

    async fn post(&self) -> anyhow::Result<()> {
        let answer = post(&format!("{}/post", self.base), encode_envelope(&self.hello(self.resumed()?), &[frame(2)])).await?;
        ensure!(answer.status == 200, "the collector answers {}", answer.status);
        let messages: Vec<ServerMessage> = serde_json::from_slice(&answer.body)?;
        ensure!(messages.iter().any(|message| matches!(message, ServerMessage::Ack { seq: 2, .. })), "no ack but {messages:?}");
        Ok(())
    }

    /// As a visitor has it done, not by a statement of ours.
    async fn forget(&self, checkup: &mut Checkup) -> anyhow::Result<()> {
        let mut client = Client::connect(&self.base, PATIENCE).await?;
        client.say(&ClientMessage::Hello(Hello { forget: true, ..self.hello(self.resumed()?) })).await?;
        match client.hear().await? {
            ServerMessage::Nack { retry: false, .. } => {}
            other => bail!("the collector said {other:?} instead of forgotten"),
        }
        let Some((id, _)) = &self.view else { bail!("no page view") };
        let stored = timeout(Checkup::LIMIT, checkup.stored_frames(*id)).await??;
        ensure!(stored == 0, "{stored} frames are still there");
        Ok(())
    }

    fn hello(&self, page: Page) -> Hello {
        Hello { agent: Some("mousetrail-doctor".to_owned()), ..Hello::new(self.key.clone(), vec![page]) }
    }

    fn resumed(&self) -> anyhow::Result<Page> {
        let Some((id, token)) = &self.view else { bail!("no page view") };
        Ok(Page { n: 0, state: PageState::Resumed(ResumedPage { id: id.to_string(), token: token.clone(), from: 1 }) })
    }
}

fn took(check: &'static str, what: &str, begin: Instant) -> Finding {
    let ms = begin.elapsed().as_secs_f64() * 1_000.0;
    let found = format!("{what} in {ms:.0} ms");
    if ms > SLOW_MS {
        return Finding::warning(
            check,
            found,
            "That is slow on an idle system: look at mousetrail_commit_seconds and at the disk of Postgres.",
        );
    }
    Finding::ok(check, found)
}

fn failed(check: &'static str, error: &anyhow::Error) -> Finding {
    Finding::fail(check, format!("{error:#}"), "What fails above may be the cause; else look into the collector's log.")
}

fn new_page() -> NewPage {
    NewPage {
        nonce: Nonce(rand::random()),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: "https://doctor.invalid/".to_owned(),
        title: None,
        referrer: None,
        viewport: [1_280.0, 720.0],
        document: [1_280.0, 720.0],
        scroll: [0.0; 2],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    }
}

/// Two points.
fn frame(seq: u32) -> Vec<u8> {
    encode_frame(&Frame {
        page: 0,
        seq,
        t0_ms: seq * 1_000,
        origin: (100, 100),
        samples: 2,
        dropped: 0,
        tolerance: 20,
        elements: Vec::new(),
        events: vec![PointerEvent::new(0, Kind::Move, 100, 100), PointerEvent::new(20, Kind::Move, 140, 130)],
        notes: Vec::new(),
    })
}
