use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::NewChunk;
use crate::event::{Kind, PageViewId};
use crate::store::StoreError;

/// What chunks add to the counters of one page view or session.
#[derive(Default)]
struct Sum {
    events: i32,
    clicks: i32,
    last_ms: i32,
    last_at: DateTime<Utc>,
    outlined: bool,
}

impl Sum {
    fn add(&mut self, chunk: &NewChunk) {
        let end_ms = chunk.frame.end_ms() as i32;
        self.events += chunk.frame.events.len() as i32;
        self.clicks += chunk.frame.events.iter().filter(|event| event.kind == Kind::Click).count() as i32;
        self.last_ms = self.last_ms.max(end_ms);
        self.last_at = self.last_at.max(chunk.page_view.began_at + TimeDelta::milliseconds(i64::from(end_ms)));
    }
}

/// Adds the chunks that were really inserted to the counters of their page views and sessions.
///
/// Outlines have no event: their page views only know then that there is one. The rows of the page views stay locked until the batch is committed, which is what erasure waits for. Returns the page views that were
/// erased before: then the batch must not be committed.
pub(super) async fn update(
    connection: &mut PgConnection,
    chunks: &[&NewChunk],
    outlines: &[&NewChunk],
) -> Result<Vec<PageViewId>, StoreError> {
    let mut views = BTreeMap::<i64, Sum>::new();
    let mut sessions = BTreeMap::<i64, Sum>::new();
    for chunk in chunks {
        views.entry(chunk.page_view.id.get()).or_default().add(chunk);
        sessions.entry(chunk.page_view.session_id.get()).or_default().add(chunk);
    }
    for outline in outlines {
        views.entry(outline.page_view.id.get()).or_default().outlined = true;
    }
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = views.keys().copied().collect();
    let [events, clicks] = [|sum: &Sum| sum.events, |sum: &Sum| sum.clicks].map(|of| views.values().map(of).collect::<Vec<_>>());
    let last_ms: Vec<i32> = views.values().map(|sum| sum.last_ms).collect();
    let outlined: Vec<bool> = views.values().map(|sum| sum.outlined).collect();
    // Rows are locked in the order of their ids, so that two writers never wait for each other in a circle.
    let updated = sqlx::query!(
        "with locked as (select page_view_id from core.page_view where page_view_id = any ($1) order by page_view_id for no key update)
         update core.page_view v set events = v.events + u.events, clicks = v.clicks + u.clicks, last_ms = greatest(v.last_ms, u.last_ms),
                                     outlined = v.outlined or u.outlined
         from unnest($1::int8[], $2::int4[], $3::int4[], $4::int4[], $5::bool[]) as u(id, events, clicks, last_ms, outlined)
         join locked on locked.page_view_id = u.id
         where v.page_view_id = u.id",
        &ids,
        &events,
        &clicks,
        &last_ms,
        &outlined
    )
    .execute(&mut *connection)
    .await?;
    if updated.rows_affected() < ids.len() as u64 {
        return missing(connection, &ids).await;
    }
    let ids: Vec<i64> = sessions.keys().copied().collect();
    let [events, clicks] = [|sum: &Sum| sum.events, |sum: &Sum| sum.clicks].map(|of| sessions.values().map(of).collect::<Vec<_>>());
    let last_at: Vec<DateTime<Utc>> = sessions.values().map(|sum| sum.last_at).collect();
    sqlx::query!(
        "with locked as (select session_id from core.session where session_id = any ($1) order by session_id for no key update)
         update core.session s set events = s.events + u.events, clicks = s.clicks + u.clicks,
                                   last_seen_at = greatest(s.last_seen_at, u.last_at)
         from unnest($1::int8[], $2::int4[], $3::int4[], $4::timestamptz[]) as u(id, events, clicks, last_at)
         join locked on locked.session_id = u.id
         where s.session_id = u.id",
        &ids,
        &events,
        &clicks,
        &last_at
    )
    .execute(&mut *connection)
    .await?;
    Ok(Vec::new())
}

async fn missing(connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<PageViewId>, StoreError> {
    let missing = sqlx::query_scalar!(
        r#"select id as "id!" from unnest($1::int8[]) as u(id) where not exists (select from core.page_view where page_view_id = id)"#,
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(missing.into_iter().filter_map(PageViewId::from_i64).collect())
}
