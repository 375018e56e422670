use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use chrono::Utc;
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::client::Client;
use super::demo::{PageVisit, Visit, visits};
use super::target::with_store;
use crate::collector::Tokens;
use crate::config::Settings;
use crate::event::{Extent, Nonce};
use crate::store::DEMO_KEY;
use crate::wire::{ClientMessage, Hello, Import, NewPage, Page, PageState, PrimaryPointer, ServerMessage, Via, encode_frame};

/// How long the collector may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(clap::Args)]
pub(super) struct Demo {
    /// How many visits
    #[arg(long, default_value_t = 200)]
    visitors: usize,
    /// The same seed makes the same visits
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The running collector [default: http:// and --listen]
    #[arg(long)]
    url: Option<String>,
    /// How many visitors are connected at a time
    #[arg(long, default_value_t = 16, hide = true)]
    connections: usize,
}

/// Sends synthetic visits of the demo shop to a running collector, through its real WebSocket, as an import of past time.
pub(super) fn run(demo: Demo, settings: &Settings) -> anyhow::Result<()> {
    let url = demo.url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    with_store(settings, async move |store| {
        let site = store.find_ingest_site(DEMO_KEY).await?.context("there is no demo site: start the collector with --demo true")?;
        let tokens = Tokens::new(store.secret("tokens").await?);
        let progress = progress(demo.visitors);
        let begin = Instant::now();
        let mut sent = Sent::default();
        let mut running = stream::iter(visits(demo.seed, demo.visitors, Utc::now()))
            .map(|visit| send_visit(&url, &settings.ingest_path, tokens.issue_import(site.site_id, Utc::now()), demo.seed, visit))
            .buffer_unordered(demo.connections);
        while let Some(result) = running.next().await {
            sent.add(result?);
            progress.inc(1);
        }
        progress.finish_and_clear();
        eprintln!(
            "{} visits, {} page views, {} frames and {} events committed in {:.1} s",
            demo.visitors,
            sent.pages,
            sent.frames,
            sent.events,
            begin.elapsed().as_secs_f64()
        );
        Ok(())
    })
}

fn progress(visits: usize) -> ProgressBar {
    let is_terminal = std::io::stderr().is_terminal();
    let target = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} visits, {eta} to go").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(visits as u64), target).with_style(style)
}

/// What was sent and committed.
#[derive(Default)]
struct Sent {
    pages: usize,
    frames: usize,
    events: usize,
}

impl Sent {
    fn add(&mut self, other: Self) {
        self.pages += other.pages;
        self.frames += other.frames;
        self.events += other.events;
    }
}

async fn send_visit(url: &str, ingest_path: &str, token: String, seed: u64, visit: Visit) -> anyhow::Result<Sent> {
    let unreachable = || format!("no collector answers at {url}; name it with --url");
    let mut client = Client::connect(&format!("{url}{ingest_path}"), PATIENCE).await.with_context(unreachable)?;
    let import = Import { token, visitor: visit.visitor.clone(), user_agent: visit.user_agent.to_owned() };
    let hello = Hello { agent: Some("mousetrail-demo".to_owned()), import: Some(import), ..Hello::new(DEMO_KEY, Vec::new()) };
    client.say(&ClientMessage::Hello(hello)).await?;
    let mut sent = Sent::default();
    for (n, page) in (0..).zip(&visit.pages) {
        let new = NewPage {
            nonce: nonce(seed, &visit.visitor, n),
            age_ms: 0,
            began_at: Some(page.began_at),
            via: Via::Load,
            session: None,
            url: format!("{url}{}", page.path),
            title: Some(page.title.clone()),
            referrer: match n {
                0 => visit.referrer.map(str::to_owned),
                _ => Some(format!("{url}{}", visit.pages[usize::from(n) - 1].path)),
            },
            viewport: pair(page.viewport),
            document: pair(page.document),
            scroll: [0.0; 2],
            screen: Some([f64::from(visit.screen.0), f64::from(visit.screen.1)]),
            dpr: Some(visit.pixel_ratio),
            pointer: Some(if visit.is_touch { PrimaryPointer::Touch } else { PrimaryPointer::Mouse }),
            language: Some(visit.language.to_owned()),
        };
        client.say(&ClientMessage::Page(Page { n, state: PageState::New(Box::new(new)) })).await?;
        send_frames(&mut client, n, page).await?;
        sent.add(Sent { pages: 1, frames: page.frames.len(), events: page.frames.iter().map(|frame| frame.events.len()).sum() });
    }
    Ok(sent)
}

/// The same visit of the same seed has the same nonces, so that running the demo twice within a day doesn't double it.
fn nonce(seed: u64, visitor: &str, n: u16) -> Nonce {
    use sha2::{Digest, Sha256};
    let hash = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(visitor).chain_update(n.to_le_bytes()).finalize();
    Nonce(hash[..16].try_into().expect("a slice of 16 bytes"))
}

fn pair(extent: Extent) -> [f64; 2] {
    [f64::from(extent.w()), f64::from(extent.h())]
}

/// Waits for the welcome, sends all frames, and waits until they are committed.
async fn send_frames(client: &mut Client, n: u16, page: &PageVisit) -> anyhow::Result<()> {
    let ServerMessage::Welcome { acked, .. } = client.hear().await? else { bail!("the collector did not welcome page view {n}") };
    for frame in page.frames.iter().filter(|frame| frame.seq > acked) {
        client.send_frame(encode_frame(frame)).await?;
    }
    client.hear_acks(acked, page.frames.last().map_or(0, |frame| frame.seq)).await
}
