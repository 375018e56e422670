use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use super::describe::descriptions;
use crate::analysis::heat::{Description, HeatEvent, ViewFacts};
use crate::event::PageViewId;
use crate::query::QueryError;
use crate::query::chunk::Chunk;

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

/// Reads one page view; `None` where it is not there any more.
pub async fn view_record(pool: &PgPool, id: i64) -> Result<Option<ViewRecord>, QueryError> {
    let Some(day) = PageViewId::from_i64(id).map(PageViewId::day) else { return Ok(None) };
    let mut connection = pool.acquire().await?;
    let row = sqlx::query!(
        "select viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y from core.page_view where page_view_id = $1",
        id
    );
    let Some(row) = row.fetch_optional(&mut *connection).await? else { return Ok(None) };
    let facts = ViewFacts {
        viewport: (row.viewport_w, row.viewport_h),
        document: (row.document_w, row.document_h),
        scroll: (row.scroll_x, row.scroll_y),
    };
    let descriptions = descriptions(&mut connection, day, &[id]).await?.remove(&id).unwrap_or_default();
    let mut events = Vec::new();
    let mut chunks = sqlx::query_as!(
        Chunk,
        r#"select page_view_id, seq, offset_ms, x0, y0, dt, kind as "kind: Vec<i8>", x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at,
                  pointer, buttons_at, buttons, pressure_at, pressure, untrusted, spot_at, spot_x, spot_y
           from core.pointer_chunk where page_view_id = $1 and day = $2 order by seq"#,
        id,
        day
    )
    .fetch(&mut *connection);
    while let Some(chunk) = chunks.try_next().await? {
        events.extend(chunk.events().map(|timed| HeatEvent { seq: chunk.seq, at_ms: timed.at_ms, event: timed.event }));
    }
    Ok(Some(ViewRecord { facts, descriptions, events }))
}
