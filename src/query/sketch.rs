use std::collections::HashMap;

use sqlx::PgPool;

use super::QueryError;

use super::chunk::Chunk;
use super::wireframe::{days, described};
use crate::analysis::{Piece, Thumbnail, histogram};
use crate::event::{Family, Kind};

/// Bars of a session's activity.
pub const ACTIVITY_BARS: usize = 24;
/// Frames that a thumbnail is drawn from.
const THUMBNAIL_FRAMES: i64 = 40;
/// Boxes behind a thumbnail.
const THUMBNAIL_BOXES: usize = 40;

/// A session at a glance.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sketch {
    /// The path on the page with the most events.
    pub thumbnail: Thumbnail,
    /// Events in each twenty-fourth of the session's time.
    pub activity: Vec<u32>,
}

/// Sketches of these sessions: three queries however many there are.
pub async fn sketches(pool: &PgPool, sessions: &[i64]) -> Result<HashMap<i64, Sketch>, QueryError> {
    let mut out: HashMap<i64, Sketch> = HashMap::new();
    for (session, activity) in activity(pool, sessions).await? {
        out.entry(session).or_default().activity = activity;
    }
    for (session, thumbnail) in thumbnails(pool, sessions).await? {
        out.entry(session).or_default().thumbnail = thumbnail;
    }
    Ok(out)
}

async fn activity(pool: &PgPool, sessions: &[i64]) -> Result<HashMap<i64, Vec<u32>>, QueryError> {
    let rows = sqlx::query!(
        r#"select s.session_id, (extract(epoch from s.last_seen_at - s.started_at) * 1000)::bigint as "end_ms!",
                  (extract(epoch from c.started_at - s.started_at) * 1000)::bigint as "from_ms!",
                  c.dt[cardinality(c.dt)] as last_dt, cardinality(c.dt) as "count!"
           from core.session s
           join core.page_view v on v.session_id = s.session_id
           join core.pointer_chunk c on c.page_view_id = v.page_view_id and c.day = v.day
           where s.session_id = any($1) limit 100000"#,
        sessions
    );
    let mut pieces: HashMap<i64, (u64, Vec<Piece>)> = HashMap::new();
    for row in rows.fetch_all(pool).await? {
        let from = row.from_ms.max(0) as u64;
        let piece = (from, from + row.last_dt.unwrap_or(0).max(0) as u64, row.count as u32);
        pieces.entry(row.session_id).or_insert((row.end_ms.max(0) as u64, Vec::new())).1.push(piece);
    }
    Ok(pieces.into_iter().map(|(session, (end_ms, pieces))| (session, histogram(&pieces, end_ms, ACTIVITY_BARS))).collect())
}

async fn thumbnails(pool: &PgPool, sessions: &[i64]) -> Result<HashMap<i64, Thumbnail>, QueryError> {
    let views = sqlx::query!(
        "select distinct on (session_id) session_id, page_view_id, viewport_w, viewport_h from core.page_view
         where session_id = any($1) order by session_id, events desc, page_view_id",
        sessions
    );
    let views = views.fetch_all(pool).await?;
    let ids: Vec<i64> = views.iter().map(|view| view.page_view_id).collect();
    let Some(days) = days(&ids) else { return Ok(HashMap::new()) };
    let frames = sqlx::query!(
        r#"select c.page_view_id, c.x0, c.y0, c.dt, c.kind as "kind: Vec<i8>", c.x, c.y
           from unnest($1::bigint[]) v(page_view_id)
           cross join lateral (select * from core.pointer_chunk where page_view_id = v.page_view_id and day between $2 and $3
                               order by seq limit $4) c
           order by c.page_view_id, c.seq"#,
        &ids,
        days.start(),
        days.end(),
        THUMBNAIL_FRAMES
    );
    let mut points: HashMap<i64, Vec<(f64, f64)>> = HashMap::new();
    for row in frames.fetch_all(pool).await? {
        let chunk = Chunk { x0: row.x0, y0: row.y0, dt: row.dt, kind: row.kind, x: row.x, y: row.y, ..Chunk::default() };
        let places =
            chunk.events().map(|timed| timed.event).filter(|event| event.kind.family() == Family::Place && event.kind != Kind::Leave);
        points.entry(row.page_view_id).or_default().extend(places.map(|event| (f64::from(event.x), f64::from(event.y))));
    }
    let elements = described(pool, &ids).await?;
    let drawn = views.into_iter().map(|view| {
        let points = points.remove(&view.page_view_id).unwrap_or_default();
        let (w, h) = (f64::from(view.viewport_w.max(1)), f64::from(view.viewport_h.max(1)));
        // What is shown is the window around the middle of the path.
        let mut heights: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
        heights.sort_by(f64::total_cmp);
        let top = (heights.get(heights.len() / 2).copied().unwrap_or(0.0) - h / 2.0).max(0.0);
        // A box as large as the window hides the others.
        let boxes = elements.get(&view.page_view_id).into_iter().flatten().map(|element| element.rect);
        let boxes = boxes.filter(|rect| f64::from(rect.w) * f64::from(rect.h) < 0.4 * w * h).take(THUMBNAIL_BOXES);
        let boxes: Vec<_> = boxes.map(|rect| [f64::from(rect.x), f64::from(rect.y), f64::from(rect.w), f64::from(rect.h)]).collect();
        (view.session_id, Thumbnail::new(&points, &boxes, [0.0, top, w, h]))
    });
    Ok(drawn.collect())
}
