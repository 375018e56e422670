use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use super::describe::descriptions;
use crate::analysis::heat::{Description, HeatEvent, Layout, ViewFacts};
use crate::event::PageViewId;
use crate::query::QueryError;
use crate::query::chunk::Chunk;
use crate::query::wireframe::days;

/// All that is known of a page view, as `ViewHeat::of` wants it.
#[derive(Clone, Debug)]
pub struct ViewRecord {
    /// As it began.
    pub facts: ViewFacts,
    /// What it said of its elements.
    pub descriptions: Vec<Description>,
    /// What happened, frame after frame.
    pub events: Vec<HeatEvent>,
}

/// Events of page views that are read for a layout at most, in frames: more would only say the same again.
const MAX_FRAMES: i64 = 5_000;

/// Layouts of page views, by their ids. What is not there any more is left out.
pub async fn layouts(pool: &PgPool, ids: &[i64]) -> Result<HashMap<i64, Layout>, QueryError> {
    let layout = |record: ViewRecord| Layout::of(record.facts, &record.descriptions, &record.events);
    Ok(view_records(pool, ids, MAX_FRAMES).await?.into_iter().map(|(id, record)| (id, layout(record))).collect())
}

/// Reads page views, and of their frames at most so many.
async fn view_records(pool: &PgPool, ids: &[i64], max_frames: i64) -> Result<HashMap<i64, ViewRecord>, QueryError> {
    let Some(days) = days(ids) else { return Ok(HashMap::new()) };
    let mut connection = pool.acquire().await?;
    let rows = sqlx::query!(
        "select page_view_id, viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y from core.page_view where page_view_id = any($1)",
        ids
    );
    let mut records = HashMap::new();
    for row in rows.fetch_all(&mut *connection).await? {
        let facts = ViewFacts {
            viewport: (row.viewport_w, row.viewport_h),
            document: (row.document_w, row.document_h),
            scroll: (row.scroll_x, row.scroll_y),
        };
        records.insert(row.page_view_id, ViewRecord { facts, descriptions: Vec::new(), events: Vec::new() });
    }
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    for of_day in sorted.chunk_by(|one, other| one >> 48 == other >> 48) {
        let Some(day) = PageViewId::from_i64(of_day[0]).map(PageViewId::day) else { continue };
        for (id, described) in descriptions(&mut connection, day, of_day).await? {
            if let Some(record) = records.get_mut(&id) {
                record.descriptions = described;
            }
        }
    }
    let mut chunks = sqlx::query_as!(
        Chunk,
        r#"select page_view_id, seq, offset_ms, x0, y0, dt, kind as "kind: Vec<i8>", x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at,
                  pointer, buttons_at, buttons, pressure_at, pressure, untrusted, spot_at, spot_x, spot_y
           from core.pointer_chunk where page_view_id = any($1) and day between $2 and $3 order by page_view_id desc, seq limit $4"#,
        ids,
        days.start(),
        days.end(),
        max_frames
    )
    .fetch(&mut *connection);
    while let Some(chunk) = chunks.try_next().await? {
        if let Some(record) = records.get_mut(&chunk.page_view_id) {
            record.events.extend(chunk.events().map(|timed| HeatEvent { seq: chunk.seq, at_ms: timed.at_ms, event: timed.event }));
        }
    }
    Ok(records)
}

/// Reads one page view; `None` where it is not there any more.
pub async fn view_record(pool: &PgPool, id: i64) -> Result<Option<ViewRecord>, QueryError> {
    Ok(view_records(pool, &[id], i64::MAX).await?.remove(&id))
}
