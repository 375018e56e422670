mod columns;
mod counters;
mod digest;
mod elements;
mod notes;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::Utc;
use sqlx::{Connection, PgConnection};

use super::lease::in_time;
use super::page_view::OpenPageView;
use super::{Store, StoreError};
use crate::event::{Frame, PageViewId};
use columns::Columns;
pub use digest::digest;

/// A frame on its way into `pointer_chunk`, with the page view that it belongs to.
#[derive(Clone, Debug)]
pub struct NewChunk {
    /// The page view.
    pub page_view: OpenPageView,
    /// What the snippet sent, decoded.
    pub frame: Frame,
    /// The same as bytes, for its digest and for quarantine.
    pub bytes: Vec<u8>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default)]
pub struct Inserted {
    /// Chunks that were not there before.
    pub new: HashSet<ChunkKey>,
    /// Digests of the chunks that stood there already, where they are known.
    pub standing: HashMap<ChunkKey, Option<i64>>,
    /// Page views that are not there any more: none of their chunks is stored.
    pub forgotten: HashSet<PageViewId>,
}

/// What names a chunk.
pub type ChunkKey = (PageViewId, u32);

impl NewChunk {
    /// What names it.
    pub fn key(&self) -> ChunkKey {
        (self.page_view.id, self.frame.seq)
    }

    /// What tells its bytes from others under the same name.
    pub fn digest(&self) -> i64 {
        digest(&self.bytes)
    }
}

impl Store {
    /// Writes a batch in one transaction: chunks, what they say of elements, the texts of notes, and the counters that derive from them.
    ///
    /// Chunks that stand there already are left alone and counted in nothing, so that sending a batch twice is harmless. Whether they are the
    /// same is for the caller to see, from their digests.
    /// `chunks` has to be sorted by key without duplicates: then no two writers wait for each other in a circle.
    /// When it fails, nothing of the batch is stored.
    pub async fn insert_chunks(&self, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
        let days: BTreeSet<_> = chunks.iter().map(|chunk| chunk.page_view.id.day()).collect();
        self.ensure_partitions(days.iter().copied()).await?;
        let result = in_time(async {
            let mut lease = self.lease().await?;
            let inserted = insert_all(&mut lease, chunks).await;
            lease.end(inserted)
        })
        .await;
        if result.as_ref().is_err_and(StoreError::misses_partition) {
            // Somebody dropped it behind our back. The next try makes it again.
            self.partitions.forget(days);
        }
        result
    }

    /// Keeps a frame that Postgres refused for what is in it. `false` where its page view has been erased meanwhile.
    pub async fn quarantine(&self, chunk: &NewChunk, error: &StoreError) -> Result<bool, StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let kept = quarantine(&mut lease, chunk, error).await;
            lease.end(kept)
        })
        .await
    }
}

async fn insert_all(connection: &mut PgConnection, chunks: &[&NewChunk]) -> Result<Inserted, StoreError> {
    let mut inserted = Inserted::default();
    loop {
        let rest: Vec<_> = chunks.iter().copied().filter(|chunk| !inserted.forgotten.contains(&chunk.page_view.id)).collect();
        let mut transaction = connection.begin().await?;
        inserted.new = insert(&mut transaction, &rest).await?;
        let (outlines, frames): (Vec<_>, Vec<_>) = rest.into_iter().partition(|chunk| chunk.frame.is_outline());
        let (fresh, known): (Vec<_>, Vec<_>) = frames.into_iter().partition(|chunk| inserted.new.contains(&chunk.key()));
        inserted.standing = digest::standing(&mut transaction, &known).await?;
        if inserted.standing.len() < known.len() {
            // One that was in the way of the insert is gone by now: its page view is erased, and another try says so.
            transaction.rollback().await?;
            continue;
        }
        // First of all what derives: its locks come before those of new element names, in every writer.
        let forgotten = counters::update(&mut transaction, &fresh, &outlines).await?;
        if !forgotten.is_empty() {
            // Rare, so it may cost a second try: nothing of them may stay.
            transaction.rollback().await?;
            inserted.forgotten.extend(forgotten);
            continue;
        }
        elements::insert(&mut transaction, &fresh).await?;
        inserted.new.extend(elements::insert_outlines(&mut transaction, outlines).await?);
        notes::insert(&mut transaction, &fresh).await?;
        let today = Utc::now().date_naive();
        let late: BTreeSet<_> = inserted.new.iter().map(|(id, _)| id.day()).filter(|day| *day < today).collect();
        if !late.is_empty() {
            // Their sums stand already. Last of all: writers that add to the same day wait for one another here, if at all.
            sqlx::query!("select core.heat_is_due($1)", &late.into_iter().collect::<Vec<_>>()).fetch_one(&mut *transaction).await?;
        }
        transaction.commit().await?;
        return Ok(inserted);
    }
}

async fn quarantine(connection: &mut PgConnection, chunk: &NewChunk, error: &StoreError) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        "with view as (select page_view_id from core.page_view where page_view_id = $2 for key share),
                  kept as (insert into core.quarantine (site_id, page_view_id, seq, sqlstate, reason, frame)
                           select $1, page_view_id, $3, $4, $5, $6 from view
                           on conflict do nothing)
             select page_view_id from view",
        chunk.page_view.site_id,
        chunk.page_view.id.get(),
        chunk.frame.seq as i32,
        error.sqlstate().unwrap_or_default(),
        error.to_string(),
        chunk.bytes
    )
    .fetch_optional(connection)
    .await?;
    Ok(kept.is_some())
}

/// One statement whatever the number of chunks. Ragged arrays can't be bound as one parameter, so all chunks' arrays are laid end to end and cut
/// again by position.
async fn insert(connection: &mut PgConnection, chunks: &[&NewChunk]) -> Result<HashSet<ChunkKey>, StoreError> {
    let mut columns = Columns::default();
    for chunk in chunks.iter().filter(|chunk| !chunk.frame.is_outline()) {
        columns.push(chunk);
    }
    if columns.seq.is_empty() {
        return Ok(HashSet::new());
    }
    let c = &columns;
    let rows = sqlx::query_file!(
        "src/store/chunk/insert.sql",
        &c.page_view_id,
        &c.seq,
        &c.day,
        &c.site_id,
        &c.page_id,
        &c.session_id,
        &c.device,
        &c.started_at,
        &c.offset_ms,
        &c.x0,
        &c.y0,
        &c.samples,
        &c.dropped,
        &c.tolerance,
        &c.events.from,
        &c.events.to,
        &c.dt,
        &c.kind,
        &c.x,
        &c.y,
        &c.wide.from,
        &c.wide.to,
        &c.wide_at,
        &c.wide_x,
        &c.wide_y,
        &c.elements.from,
        &c.elements.to,
        &c.element_at,
        &c.element,
        &c.pointers.from,
        &c.pointers.to,
        &c.pointer_at,
        &c.pointer,
        &c.button_runs.from,
        &c.button_runs.to,
        &c.buttons_at,
        &c.buttons,
        &c.pressures.from,
        &c.pressures.to,
        &c.pressure_at,
        &c.pressure,
        &c.untrusteds.from,
        &c.untrusteds.to,
        &c.untrusted,
        &c.spots.from,
        &c.spots.to,
        &c.spot_at,
        &c.spot_x,
        &c.spot_y,
        &c.ratios.from,
        &c.ratios.to,
        &c.ratio_at,
        &c.ratio,
        &c.digest
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().filter_map(|row| Some((PageViewId::from_i64(row.page_view_id)?, row.seq as u32))).collect())
}
