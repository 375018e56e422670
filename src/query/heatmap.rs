use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use super::WireElement;
use super::chunk::Chunk;
use super::wireframe::{Described, days, described, name, unite};
use crate::analysis::{Anchor, Background, Cells, Path, Placer, Placing, WidthClass};
use crate::event::{Device, ElementFlags, Family, Kind, PointerEvent};

/// Sides of a cell, CSS px of the background: the fine one unless that makes too many cells.
const CELL_PX: [u32; 2] = [8, 16];
/// Cells that a fine grid has at most.
const MAX_FINE_CELLS: u32 = 1_000_000;
/// Standard deviation of the kernel that smooths the cells, CSS px of the background: about what a glance or a fingertip covers.
pub const SMOOTH_PX: f64 = 16.0;
/// Page views that one heatmap is made of at most: the newest ones. More is said on the page.
const MAX_VIEWS: i64 = 20_000;
/// Page views whose frames are read at a time.
const BATCH: usize = 200;
/// Page views that lend their elements to the background.
const LENDERS: usize = 200;
/// Largest background, CSS px.
const MAX_SIZE: (i32, i32) = (8_192, 65_536);

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

/// Computes a heatmap from the stored frames; `None` where nobody viewed the page.
pub async fn heatmap(pool: &PgPool, request: HeatmapRequest) -> Result<Option<Heatmap>, sqlx::Error> {
    let mut views = views(pool, request).await?;
    let is_cut = views.len() as i64 > MAX_VIEWS;
    views.truncate(MAX_VIEWS as usize);
    if views.is_empty() {
        return Ok(None);
    }
    let (background, elements) = background(pool, &views).await?;
    let mut heat = Heat::new(&background, request.clicks);
    for batch in views.chunks(BATCH) {
        read(pool, batch, &background, &mut heat).await?;
    }
    let known: HashSet<i32> = elements.iter().map(|element| element.name_id).collect();
    let mut list: Vec<ElementHeat> = heat.elements.into_values().filter(|element| known.contains(&element.name_id)).collect();
    list.sort_by_key(|element| (std::cmp::Reverse((element.ms, element.clicks)), element.name_id));
    let sessions: HashSet<i64> = views.iter().map(|view| view.session_id).collect();
    Ok(Some(Heatmap {
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
    }))
}

async fn views(pool: &PgPool, request: HeatmapRequest) -> Result<Vec<View>, sqlx::Error> {
    let rows = sqlx::query_as!(
        View,
        "select page_view_id, session_id, viewport_w, viewport_h, document_w, document_h, scroll_y from core.page_view
         where site_id = $1 and page_id = $2 and device = $3 and day between $4 and $5 and events > 0
         order by day desc, page_view_id desc limit $6",
        request.site_id,
        request.page_id,
        request.device.code(),
        request.from,
        request.to,
        MAX_VIEWS + 1
    );
    rows.fetch_all(pool).await
}

/// The layout at the most common width of the most common class of widths.
async fn background(pool: &PgPool, views: &[View]) -> Result<(Background, Vec<WireElement>), sqlx::Error> {
    let class = most_common(views.iter().map(|view| WidthClass::of(view.viewport_w)));
    let alike: Vec<&View> = views.iter().filter(|view| Some(WidthClass::of(view.viewport_w)) == class).collect();
    let width = most_common(alike.iter().map(|view| view.viewport_w)).unwrap_or_default();
    let alike: Vec<&View> = alike.into_iter().filter(|view| (view.viewport_w - width).abs() * 10 <= width).collect();
    let lenders: Vec<(i64, i32)> = alike.iter().take(LENDERS).map(|view| (view.page_view_id, view.viewport_w)).collect();
    let ids: Vec<i64> = lenders.iter().map(|(id, _)| *id).collect();
    let elements = name(pool, unite(width, &lenders, &described(pool, &ids).await?)).await?;
    // One very long page view must not make the map mostly empty; one very short one must not cut it.
    let height = median(alike.iter().map(|view| view.document_h).collect(), 0.9);
    let document_w = median(alike.iter().map(|view| view.document_w).collect(), 0.5);
    let document = (document_w.clamp(1, MAX_SIZE.0), height.clamp(1, MAX_SIZE.1));
    let boxes = elements.iter().map(|element| (element.name_id, element.rect)).collect();
    Ok((Background { viewport_w: width, document, boxes }, elements))
}

fn cell_px((w, h): (i32, i32)) -> u32 {
    let [fine, coarse] = CELL_PX;
    if (w as u32).div_ceil(fine) * (h as u32).div_ceil(fine) <= MAX_FINE_CELLS { fine } else { coarse }
}

fn most_common<T: Copy + Ord + std::hash::Hash>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(value, count)| (*count, *value)).map(|(value, _)| value)
}

/// The value below which this share of them lies.
fn median(mut values: Vec<i32>, share: f64) -> i32 {
    values.sort_unstable();
    values.get(((values.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// Reads and counts the frames of some page views.
async fn read(pool: &PgPool, views: &[View], background: &Background, heat: &mut Heat) -> Result<(), sqlx::Error> {
    let ids: Vec<i64> = views.iter().map(|view| view.page_view_id).collect();
    let Some(days) = days(&ids) else { return Ok(()) };
    let mut elements = described(pool, &ids).await?;
    let views: HashMap<i64, &View> = views.iter().map(|view| (view.page_view_id, view)).collect();
    let mut rows = sqlx::query_as!(
        Chunk,
        r#"select page_view_id, seq, offset_ms, x0, y0, dt, kind as "kind: Vec<i8>", x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at, pointer,
                  buttons_at, buttons, pressure_at, pressure, untrusted
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
    };
    elements.into_iter().map(|element| (element.number, anchor(element))).collect()
}

/// Cells and sums that fill up.
struct Heat {
    cells: Cells,
    clicks: bool,
    placed: [u64; 3],
    elements: HashMap<i32, ElementHeat>,
    path: Path,
    /// Element that the pointer has been on since the last point.
    on: Option<i32>,
}

impl Heat {
    fn new(background: &Background, clicks: bool) -> Self {
        let (w, h) = background.document;
        Self {
            cells: Cells::new(w as u32, h as u32, cell_px(background.document)),
            clicks,
            placed: [0; 3],
            elements: HashMap::new(),
            path: Path::default(),
            on: None,
        }
    }

    /// A new page view begins.
    fn begin(&mut self) {
        self.path = Path::default();
        self.on = None;
    }

    fn take(&mut self, placer: &mut Placer<'_>, seq: i32, at_ms: u32, event: &PointerEvent) {
        let spot = placer.place(seq, event);
        let is_click = event.kind == Kind::Click;
        if is_click || (!self.clicks && is_point(event)) {
            self.count(spot.map(|spot| spot.how), is_click);
        }
        let name_id = placer.name_id(event);
        if is_click {
            if let Some(name_id) = name_id {
                self.element(name_id).clicks += 1;
            }
            if let (true, Some(spot)) = (self.clicks, spot) {
                self.cells.add(spot.x, spot.y, 1.0);
            }
        }
        let (mut ms, clicks, cells) = (0, self.clicks, &mut self.cells);
        self.path.push(at_ms, event, spot.map(|spot| (spot.x, spot.y)), |segment| {
            ms += u64::from(segment.ms);
            if !clicks {
                cells.add_line((segment.from.x, segment.from.y), (segment.to.x, segment.to.y), f64::from(segment.ms));
            }
        });
        if let Some(on) = self.on {
            self.element(on).ms += ms;
        }
        if event.kind.family() == Family::Place {
            self.on = name_id;
        }
    }

    fn count(&mut self, how: Option<Placing>, is_click: bool) {
        if self.clicks && !is_click {
            return;
        }
        self.placed[match how {
            Some(Placing::Element) => 0,
            Some(Placing::Ratio) => 1,
            None => 2,
        }] += 1;
    }

    fn element(&mut self, name_id: i32) -> &mut ElementHeat {
        self.elements.entry(name_id).or_insert(ElementHeat { name_id, ..ElementHeat::default() })
    }
}

/// Is the event a place of a pointer, and not only the memory of one?
fn is_point(event: &PointerEvent) -> bool {
    matches!(
        event.kind,
        Kind::Move | Kind::Down | Kind::Up | Kind::Click | Kind::DoubleClick | Kind::ContextMenu | Kind::Enter | Kind::Wheel
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_common_value_and_the_median() {
        assert_eq!(most_common([1_440, 390, 1_440].into_iter()), Some(1_440));
        assert_eq!(most_common(std::iter::empty::<i32>()), None);
        assert_eq!(median(vec![900, 700, 800], 0.5), 800);
        assert_eq!(median(vec![], 0.5), 0);
    }

    #[test]
    fn time_goes_to_the_cells_under_the_path_and_to_the_element_under_the_pointer() {
        let background = Background { viewport_w: 160, document: (160, 160), boxes: HashMap::new() };
        let anchors = HashMap::from([(
            1,
            Anchor { name_id: 70, rect: crate::event::ElementBox { x: 0, y: 0, w: 160, h: 16 }, fixed: false, seq: 1 },
        )]);
        let mut placer = Placer::new(&background, 160, (160, 160), 0, anchors);
        let mut heat = Heat::new(&background, false);
        let on = |kind, x, element| PointerEvent { element, ..PointerEvent::new(0, kind, x, 8) };
        heat.take(&mut placer, 1, 0, &on(Kind::Move, 0, 1));
        heat.take(&mut placer, 1, 200, &on(Kind::Move, 32, 1));
        heat.take(&mut placer, 1, 300, &on(Kind::Click, 32, 0));
        // 200 ms over four cells of 8 px, then 100 ms in the fifth, in the second row.
        assert_eq!(&heat.cells.values()[20..25], [50.0, 50.0, 50.0, 50.0, 100.0]);
        assert_eq!(heat.elements[&70], ElementHeat { name_id: 70, ms: 300, clicks: 0 });
        // The background doesn't know the element: all by ratio.
        assert_eq!(heat.placed, [0, 3, 0]);
    }
}
