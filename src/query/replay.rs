use std::collections::HashMap;
use std::collections::hash_map::Entry;

use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use super::chunk::Chunk;
use super::note::custom_events;
use super::wireframe::{Described, described, name, similar_views, unite};
use super::{CustomEvent, QueryError, Session, TimedEvent, WireElement};
use crate::event::{ElementFlags, Kind, PageViewId};

/// Events that one replay shows at most; what is beyond is said to be missing.
pub const MAX_REPLAY_EVENTS: usize = 300_000;
/// Page views that one replay shows at most.
const MAX_VIEWS: i64 = 500;
/// Page views that lend their elements to a wireframe.
const LENDERS: i64 = 60;

/// A whole session, ready to be played.
#[derive(Clone, PartialEq, Debug)]
pub struct Replay {
    /// In the order in which they began.
    pub views: Vec<ReplayView>,
    /// Were there more events or page views than one replay shows?
    pub is_cut: bool,
}

/// One page view of a replay.
#[derive(Clone, PartialEq, Debug)]
pub struct ReplayView {
    /// Its number.
    pub page_view_id: i64,
    /// Path of its page.
    pub path: String,
    /// Scheme, host and port.
    pub host: String,
    /// Title of the document.
    pub title: Option<String>,
    /// When it began, ms since the session began.
    pub start_ms: u64,
    /// Offset of its last event, ms.
    pub duration_ms: u64,
    /// Width and height of the viewport at the begin, CSS px.
    pub viewport: (i32, i32),
    /// Width and height of the document at the begin, CSS px.
    pub document: (i32, i32),
    /// Scroll offset at the begin, CSS px.
    pub scroll: (i32, i32),
    /// Its events, in the order of time.
    pub events: Vec<TimedEvent>,
    /// Its own elements and those that other views of the page met at about the same width.
    pub elements: Vec<WireElement>,
    /// What the page said of itself, in the order of time.
    pub custom_events: Vec<CustomEvent>,
    /// How true it is.
    pub fidelity: Fidelity,
}

/// How much of what the browser reported is here, and how exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fidelity {
    /// Frames stored.
    pub frames: u32,
    /// Frames that never came: holes among the numbers of the stored ones.
    pub missing: u32,
    /// Events that the browser dropped because its buffer was full.
    pub dropped: u64,
    /// Samples that the device delivered.
    pub samples: u64,
    /// Coarsest thinning in force, tenths of a px.
    pub tolerance: u16,
}

/// Reads a session for its replay. Frames are streamed and decoded one by one.
pub async fn replay(pool: &PgPool, session: &Session) -> Result<Replay, QueryError> {
    let rows = sqlx::query!(
        r#"select v.page_view_id, v.site_id, v.page_id, v.device, p.path, v.host, v.title, v.last_ms,
                  greatest((extract(epoch from v.started_at - $2) * 1000)::bigint, 0) as "start_ms!",
                  v.viewport_w, v.viewport_h, v.document_w, v.document_h, v.scroll_x, v.scroll_y
           from core.page_view v join core.page p on p.page_id = v.page_id
           where v.session_id = $1 order by v.started_at, v.page_view_id limit $3"#,
        session.session_id,
        session.started_at,
        MAX_VIEWS + 1
    );
    let mut rows = rows.fetch_all(pool).await?;
    let mut is_cut = rows.len() as i64 > MAX_VIEWS;
    rows.truncate(MAX_VIEWS as usize);

    let ids: Vec<i64> = rows.iter().map(|row| row.page_view_id).collect();
    let mut own = described(pool, &ids).await?;
    let mut said = custom_events(pool, &ids).await?;
    let mut lent = HashMap::new();
    let mut views = Vec::with_capacity(rows.len());
    let mut room = MAX_REPLAY_EVENTS;
    for row in rows {
        let mut elements = own.remove(&row.page_view_id).unwrap_or_default();
        let events = events(pool, row.page_view_id, room, row.scroll_y, &mut elements).await?;
        is_cut |= events.len() >= room;
        room -= events.len().min(room);

        let key = (row.page_id, row.viewport_w);
        if let Entry::Vacant(entry) = lent.entry(key) {
            entry.insert(lend(pool, row.site_id, row.page_id, row.device, row.viewport_w).await?);
        }
        for element in &lent[&key] {
            match elements.iter_mut().find(|own| own.name_id == element.name_id) {
                // What sticks was described where it stuck; another page view may have seen it higher up, where it belongs.
                Some(own) if own.flags & ElementFlags::STICKY != 0 => own.rect.y = own.rect.y.min(element.rect.y),
                Some(_) => {}
                None => elements.push(Described { number: 0, parent: 0, ..*element }),
            }
        }
        views.push(ReplayView {
            page_view_id: row.page_view_id,
            path: row.path,
            host: row.host,
            title: row.title,
            start_ms: row.start_ms as u64,
            duration_ms: row.last_ms.max(0) as u64,
            viewport: (row.viewport_w, row.viewport_h),
            document: (row.document_w, row.document_h),
            scroll: (row.scroll_x, row.scroll_y),
            events,
            custom_events: said.remove(&row.page_view_id).unwrap_or_default(),
            elements: name(pool, elements).await?,
            fidelity: fidelity(pool, row.page_view_id).await?,
        });
    }
    Ok(Replay { views, is_cut })
}

/// Elements that other page views met on the same page at about the same width.
async fn lend(pool: &PgPool, site_id: i32, page_id: i32, device: i16, width: i32) -> Result<Vec<Described>, QueryError> {
    let views = similar_views(pool, page_id, site_id, device, width, LENDERS).await?;
    let ids: Vec<i64> = views.iter().map(|(id, _)| *id).collect();
    Ok(unite(width, &views, &described(pool, &ids).await?))
}

/// The first `room` events of a page view. On the way, fixed elements get their place in the window: they were described in px of
/// the document as it was scrolled at that moment.
async fn events(pool: &PgPool, id: i64, room: usize, scroll_y: i32, elements: &mut [Described]) -> Result<Vec<TimedEvent>, QueryError> {
    let mut events = Vec::new();
    let Some(day) = PageViewId::from_i64(id).map(PageViewId::day) else { return Ok(events) };
    let mut scroll_y = scroll_y;
    let outline_ms = elements.iter().find_map(|element| element.outline_ms);
    let mut outline_y = None;
    let mut chunks = sqlx::query_as!(
        Chunk,
        r#"select page_view_id, seq, offset_ms, x0, y0, dt, kind as "kind: Vec<i8>", x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at, pointer,
                  buttons_at, buttons, pressure_at, pressure, untrusted, spot_at, spot_x, spot_y
           from core.pointer_chunk where page_view_id = $1 and day = $2 order by seq"#,
        id,
        day
    )
    .fetch(pool);
    while events.len() < room
        && let Some(chunk) = chunks.try_next().await?
    {
        let mut fixed: Vec<&mut Described> =
            elements.iter_mut().filter(|element| element.seq == chunk.seq && element.flags & ElementFlags::FIXED != 0).collect();
        for timed in chunk.events() {
            if outline_ms.is_some_and(|outline_ms| timed.at_ms > outline_ms) {
                outline_y.get_or_insert(scroll_y);
            }
            if timed.event.kind == Kind::Scroll {
                scroll_y = timed.event.y;
            }
            fixed.retain_mut(|element| {
                let is_it = element.number == timed.event.element;
                if is_it {
                    element.rect.y -= scroll_y;
                }
                !is_it
            });
            events.push(timed);
        }
        // Described without an event of its own, as an ancestor is: the scroll offset at the frame's end is the best guess.
        for element in fixed {
            element.rect.y -= scroll_y;
        }
    }
    let outline_y = outline_y.unwrap_or(scroll_y);
    for element in elements.iter_mut().filter(|element| element.outline_ms.is_some() && element.flags & ElementFlags::FIXED != 0) {
        element.rect.y -= outline_y;
    }
    events.truncate(room);
    Ok(events)
}

async fn fidelity(pool: &PgPool, id: i64) -> Result<Fidelity, QueryError> {
    let Some(day) = PageViewId::from_i64(id).map(PageViewId::day) else { return Ok(Fidelity::default()) };
    let row = sqlx::query!(
        r#"select count(*) as "frames!", coalesce(max(seq), 0) as "last!", coalesce(sum(dropped), 0) as "dropped!",
                  coalesce(sum(samples), 0) as "samples!", coalesce(max(tolerance), 0::int2) as "tolerance!"
           from core.pointer_chunk where page_view_id = $1 and day = $2"#,
        id,
        day
    );
    let row = row.fetch_one(pool).await?;
    Ok(Fidelity {
        frames: row.frames as u32,
        missing: (i64::from(row.last) - row.frames).max(0) as u32,
        dropped: row.dropped.max(0) as u64,
        samples: row.samples.max(0) as u64,
        tolerance: row.tolerance.max(0) as u16,
    })
}
