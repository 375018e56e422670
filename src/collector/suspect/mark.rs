use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::event::{PageViewId, Suspect};
use crate::ingest::Ingest;

/// Marks that wait to be written. Beyond that they are dropped: a flood must not fill the memory.
const MAX_WAITING: usize = 4_096;
/// Page views that one statement marks.
const BATCH: usize = 1_000;
/// How long the end waits for the last marks.
const LAST_LIMIT: Duration = Duration::from_secs(2);

/// Page views that turned out to be suspect after they began.
#[derive(Debug)]
pub(in crate::collector) struct Mark {
    pub(super) ids: Vec<PageViewId>,
    pub(super) suspect: Suspect,
}

pub(super) fn channel() -> (mpsc::Sender<Mark>, mpsc::Receiver<Mark>) {
    mpsc::channel(MAX_WAITING)
}

/// Writes marks until the collector drains. What Postgres does not take is logged and given up: a mark is not worth a queue.
pub(in crate::collector) async fn run(mut marks: mpsc::Receiver<Mark>, ingest: Ingest, draining: CancellationToken) {
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            count = marks.recv_many(&mut batch, BATCH) => if count == 0 { return },
            () = draining.cancelled() => break,
        }
        // Together with what comes in the next moment: page views of a flood come by the hundred.
        tokio::time::sleep(Duration::from_millis(100)).await;
        while batch.len() < BATCH
            && let Ok(mark) = marks.try_recv()
        {
            batch.push(mark);
        }
        write(&ingest, batch.drain(..)).await;
    }
    marks.close();
    while let Ok(mark) = marks.try_recv() {
        batch.push(mark);
    }
    let _ = tokio::time::timeout(LAST_LIMIT, write(&ingest, batch.drain(..))).await;
}

async fn write(ingest: &Ingest, marks: impl Iterator<Item = Mark>) {
    let mut by_reason: HashMap<Suspect, Vec<PageViewId>> = HashMap::new();
    for mark in marks {
        by_reason.entry(mark.suspect).or_default().extend(mark.ids);
    }
    for (suspect, ids) in by_reason {
        for ids in ids.chunks(BATCH) {
            if let Err(error) = ingest.mark_suspect(ids, suspect).await {
                tracing::warn!(%error, page_views = ids.len(), "suspect page views could not be marked");
            }
        }
    }
}
