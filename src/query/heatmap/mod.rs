mod background;
mod heat;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use self::background::{background, median};
use self::heat::{Heat, cell_px};
use super::chunk::Chunk;
use super::wireframe::{Described, days, described};
use super::{QueryError, WireElement};
use crate::analysis::{Anchor, Background, Cells, Placer};
use crate::event::{Device, ElementFlags};

/// Standard deviation of the kernel that smooths the cells, CSS px of the background: about what a glance or a fingertip covers.
pub const SMOOTH_PX: f64 = 16.0;
/// Page views that one heatmap is made of at most: the newest ones. More is said on the page.
const MAX_VIEWS: i64 = 20_000;
/// Page views whose frames are read at a time.
const BATCH: usize = 200;

/// What a heatmap is to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeatmapRequest {
    /// Site of the page.
    pub site_id: i32,
    /// The page.
    pub page_id: i32,
    /// Class of device.
    pub device: Device,
    /// First day (UTC) on which the page views began.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Clicks instead of time.
    pub clicks: bool,
    /// Suspect page views as well.
    pub suspects: bool,
}

/// A heatmap with the page that it lies on.
#[derive(Clone, PartialEq, Debug)]
pub struct Heatmap {
    /// Milliseconds, or clicks, in each cell, smoothed.
    pub cells: Cells,
    /// Side of a cell, CSS px.
    pub cell_px: u32,
    /// Sessions that it is made of.
    pub sessions: usize,
    /// Page views that it is made of.
    pub views: usize,
    /// Are there older page views that were left out?
    pub is_cut: bool,
    /// Points (clicks) placed by their element, by ratio, and not at all.
    pub placed: [u64; 3],
    /// Viewport width of the background, CSS px.
    pub viewport_w: i32,
    /// Median height of the viewports, CSS px: what lies below was not seen without scrolling.
    pub fold: i32,
    /// Width and height of the background, CSS px.
    pub document: (i32, i32),
    /// Its elements.
    pub elements: Vec<WireElement>,
    /// Time and clicks on each element, most time first.
    pub heat: Vec<ElementHeat>,
}

/// What happened on one element.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ElementHeat {
    /// The element.
    pub name_id: i32,
    /// Time that pointers spent on it, ms.
    pub ms: u64,
    /// Clicks on it.
    pub clicks: u64,
}

struct View {
    page_view_id: i64,
    session_id: i64,
    viewport_w: i32,
    viewport_h: i32,
    document_w: i32,
    document_h: i32,
    scroll_y: i32,
}

/// Computes a heatmap from the stored frames. Where nobody viewed the page it is all zeros, on a page of 1 x 1 px.
pub async fn heatmap(pool: &PgPool, request: HeatmapRequest) -> Result<Heatmap, QueryError> {
    let mut views = views(pool, request).await?;
    let is_cut = views.len() as i64 > MAX_VIEWS;
    views.truncate(MAX_VIEWS as usize);
    let (background, elements) = background(pool, &views).await?;
    let mut heat = Heat::new(&background, request.clicks);
    for batch in views.chunks(BATCH) {
        read(pool, batch, &background, &mut heat).await?;
    }
    let known: HashSet<i32> = elements.iter().map(|element| element.name_id).collect();
    let mut list: Vec<ElementHeat> = heat.elements.into_values().filter(|element| known.contains(&element.name_id)).collect();
    list.sort_by_key(|element| (std::cmp::Reverse((element.ms, element.clicks)), element.name_id));
    let sessions: HashSet<i64> = views.iter().map(|view| view.session_id).collect();
    Ok(Heatmap {
        cells: heat.cells.smooth(SMOOTH_PX),
        cell_px: cell_px(background.document),
        sessions: sessions.len(),
        views: views.len(),
        is_cut,
        placed: heat.placed,
        viewport_w: background.viewport_w,
        fold: median(views.iter().map(|view| view.viewport_h).collect(), 0.5),
        document: background.document,
        elements,
        heat: list,
    })
}

async fn views(pool: &PgPool, request: HeatmapRequest) -> Result<Vec<View>, QueryError> {
    let rows = sqlx::query_as!(
        View,
        "select page_view_id, session_id, viewport_w, viewport_h, document_w, document_h, scroll_y from core.page_view
         where site_id = $1 and page_id = $2 and device = $3 and day between $4 and $5 and events > 0 and ($7 or suspect = 0)
         order by day desc, page_view_id desc limit $6",
        request.site_id,
        request.page_id,
        request.device.code(),
        request.from,
        request.to,
        MAX_VIEWS + 1,
        request.suspects
    );
    Ok(rows.fetch_all(pool).await?)
}

/// Reads and counts the frames of some page views.
async fn read(pool: &PgPool, views: &[View], background: &Background, heat: &mut Heat) -> Result<(), QueryError> {
    let ids: Vec<i64> = views.iter().map(|view| view.page_view_id).collect();
    let Some(days) = days(&ids) else { return Ok(()) };
    let mut elements = described(pool, &ids).await?;
    let views: HashMap<i64, &View> = views.iter().map(|view| (view.page_view_id, view)).collect();
    let mut rows = sqlx::query_as!(
        Chunk,
        r#"select page_view_id, seq, offset_ms, x0, y0, dt, kind as "kind: Vec<i8>", x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at, pointer,
                  buttons_at, buttons, pressure_at, pressure, untrusted, spot_at, spot_x, spot_y
           from core.pointer_chunk where page_view_id = any($1) and day between $2 and $3 order by page_view_id, seq"#,
        &ids,
        days.start(),
        days.end()
    )
    .fetch(pool);
    let mut current: Option<(i64, Placer<'_>)> = None;
    let mut read = 0;
    while let Some(chunk) = rows.try_next().await? {
        if current.as_ref().is_none_or(|(id, _)| *id != chunk.page_view_id) {
            let Some(view) = views.get(&chunk.page_view_id) else { continue };
            let anchors = anchors(elements.remove(&chunk.page_view_id).unwrap_or_default());
            let placer = Placer::new(background, view.viewport_w, (view.document_w, view.document_h), view.scroll_y, anchors);
            current = Some((chunk.page_view_id, placer));
            heat.begin();
        }
        let Some((_, placer)) = &mut current else { continue };
        for timed in chunk.events() {
            heat.take(placer, chunk.seq, timed.at_ms, &timed.event);
        }
        read += 1;
        if read % 32 == 0 {
            // Other requests share this thread.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

fn anchors(elements: Vec<Described>) -> HashMap<u16, Anchor> {
    let anchor = |element: Described| Anchor {
        name_id: element.name_id,
        rect: element.rect,
        fixed: element.flags & ElementFlags::FIXED != 0,
        seq: element.seq,
        outline_ms: element.outline_ms,
    };
    elements.into_iter().map(|element| (element.number, anchor(element))).collect()
}
