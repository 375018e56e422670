use std::collections::HashMap;

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use sqlx::{Connection, PgConnection};

use super::HeatVersion;
use super::describe::descriptions;
use crate::analysis::heat::{Description, HeatEvent, ViewFacts, ViewHeat};
use crate::event::PageViewId;
use crate::query::QueryError;
use crate::query::chunk::Chunk;

/// Page views that are read at a time: their descriptions are held together, their events one page view after the other.
const BATCH: usize = 100;

/// Heat of a page view, computed from its chunks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuiltView {
    /// The page view.
    pub page_view_id: i64,
    /// What it was built from.
    pub version: HeatVersion,
    /// Its heat.
    pub heat: ViewHeat,
}

struct Facts {
    facts: ViewFacts,
    version: HeatVersion,
}

/// Computes the heat of page views (ascending ids) from their chunks. One that is not there any more is left out.
pub async fn build_heat(connection: &mut PgConnection, ids: &[i64], mut take: impl FnMut(BuiltView)) -> Result<(), QueryError> {
    for of_day in ids.chunk_by(|one, other| one >> 48 == other >> 48) {
        let Some(day) = PageViewId::from_i64(of_day[0]).map(PageViewId::day) else { continue };
        for batch in of_day.chunks(BATCH) {
            build_batch(connection, day, batch, &mut take).await?;
        }
    }
    Ok(())
}

/// All that it reads is of one moment, so that the version says exactly what the heat was built from.
async fn build_batch(
    connection: &mut PgConnection,
    day: NaiveDate,
    ids: &[i64],
    take: &mut impl FnMut(BuiltView),
) -> Result<(), QueryError> {
    let mut moment = connection.begin_with("begin isolation level repeatable read, read only").await?;
    let mut facts = facts(&mut moment, ids).await?;
    let mut described = descriptions(&mut moment, day, ids).await?;
    let mut current: Option<(i64, Vec<HeatEvent>)> = None;
    {
        let mut chunks = sqlx::query_as!(
            Chunk,
            r#"select page_view_id, seq, offset_ms, x0, y0, dt, kind as "kind: Vec<i8>", x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at,
                      pointer, buttons_at, buttons, pressure_at, pressure, untrusted, spot_at, spot_x, spot_y
               from core.pointer_chunk where page_view_id = any($1) and day = $2 order by page_view_id, seq"#,
            ids,
            day
        )
        .fetch(&mut *moment);
        while let Some(chunk) = chunks.try_next().await? {
            if let Some((id, events)) = current.take_if(|(id, _)| *id != chunk.page_view_id)
                && let Some(facts) = facts.remove(&id)
            {
                take(build(id, facts, described.remove(&id).unwrap_or_default(), events).await?);
            }
            let (_, events) = current.get_or_insert_with(|| (chunk.page_view_id, Vec::new()));
            events.extend(chunk.events().map(|timed| HeatEvent { seq: chunk.seq, at_ms: timed.at_ms, event: timed.event }));
        }
    }
    if let Some((id, events)) = current
        && let Some(facts) = facts.remove(&id)
    {
        take(build(id, facts, described.remove(&id).unwrap_or_default(), events).await?);
    }
    moment.commit().await?;
    // Those without a chunk: their partition was dropped. They have no heat, and that is known now.
    for (page_view_id, Facts { version, .. }) in facts {
        take(BuiltView { page_view_id, version, heat: ViewHeat::default() });
    }
    Ok(())
}

async fn facts(connection: &mut PgConnection, ids: &[i64]) -> Result<HashMap<i64, Facts>, QueryError> {
    let rows = sqlx::query!(
        "select page_view_id, viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y, events, outlined from core.page_view
         where page_view_id = any($1)",
        ids
    );
    let facts = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let facts = ViewFacts {
            viewport: (row.viewport_w, row.viewport_h),
            document: (row.document_w, row.document_h),
            scroll: (row.scroll_x, row.scroll_y),
        };
        (row.page_view_id, Facts { facts, version: HeatVersion::of(row.events, row.outlined) })
    });
    Ok(facts.collect())
}

/// On a thread for long work: this one serves others, too.
async fn build(page_view_id: i64, facts: Facts, described: Vec<Description>, events: Vec<HeatEvent>) -> Result<BuiltView, QueryError> {
    let heat = match tokio::task::spawn_blocking(move || ViewHeat::of(facts.facts, &described, &events)).await {
        Ok(heat) => heat,
        // It is in the log already. Without heat it is not tried again and again.
        Err(error) if error.is_panic() => ViewHeat::default(),
        Err(_) => return Err(sqlx::Error::WorkerCrashed.into()),
    };
    Ok(BuiltView { page_view_id, version: facts.version, heat })
}
