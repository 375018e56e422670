mod background;
mod difference;
mod layout;
mod overlay;
mod spot;
mod table;

pub use difference::{ComparedHeat, DifferenceRequest, SideCount, difference};
pub use overlay::Overlay;
pub use spot::{Found, Place, SpotRequest, Visited, spot};
pub use table::ElementRow;

use std::collections::HashSet;
use std::ops::Range;

use sqlx::PgPool;

use self::background::{Lent, Shape};
use self::overlay::overlays;
use self::table::table;
use super::heat::{HeatColumn, HeatPiece, HeatRequest, HeatSelection, HeatViews, clicked_views, read_heat};
use super::segment::{Selection, View, views};
use super::{QueryError, WireElement};
use crate::analysis::heat::{Background, Drawing, Drawn, ElementKey, ElementSums, HeatKind, PointerClass, Step, each};
use crate::event::Device;

/// What a heatmap is to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeatmapRequest {
    /// Of which page views.
    pub selection: Selection,
    /// What of them.
    pub kind: HeatKind,
    /// Of which pointers; `None`: of those with the most points.
    pub pointer: Option<PointerClass>,
    /// The site's classes of widths, CSS px, ascending.
    pub classes: Vec<Range<i32>>,
    /// Which of them.
    pub width: Width,
    /// A dialog or menu that is to be open.
    pub overlay: Option<ElementKey>,
}

/// Which class of widths is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Width {
    /// The one with the most page views.
    Busiest,
    /// This one.
    Class(Range<i32>),
    /// The busiest one, with the heat of the others on top as far as it is on elements that the busiest one has, too.
    All,
}

/// Heat with the page that it lies on.
#[derive(Clone, PartialEq, Debug)]
pub struct Heatmap {
    /// Of which pointers.
    pub pointer: PointerClass,
    /// Sessions that it is made of.
    pub sessions: usize,
    /// Page views that it is made of.
    pub views: usize,
    /// Whole amounts, not smoothed.
    pub drawn: Drawn,
    /// Page that it lies on.
    pub page: PageDrawn,
    /// What happened on each element, most attention first.
    pub table: Vec<ElementRow>,
    /// Dialogs and menus of the page.
    pub overlays: Vec<Overlay>,
    /// Classes of widths with their page views.
    pub widths: Vec<(Range<i32>, usize)>,
}

/// The page below a map.
#[derive(Clone, PartialEq, Debug)]
pub struct PageDrawn {
    /// Width of the viewport, CSS px.
    pub viewport_w: i32,
    /// Class of widths that it is of, CSS px.
    pub width: Range<i32>,
    /// Median height of the viewports, CSS px: what lies below was not seen without scrolling.
    pub fold: i32,
    /// Width and height of the document, CSS px.
    pub document: (i32, i32),
    /// What is seen of it.
    pub elements: Vec<WireElement>,
}

/// Page views, the class of widths that is drawn, and what the page views in it have in common.
struct Scope {
    /// Those that are drawn, the newest first.
    views: Vec<View>,
    /// The same, for those who read heat.
    found: HeatViews,
    class: Range<i32>,
    /// Classes that are drawn: that one, or all with it first.
    drawn: Vec<Range<i32>>,
    /// Of all classes.
    widths: Vec<(Range<i32>, usize)>,
    shape: Shape,
}

/// Computes a heatmap. Where nobody viewed the page it is all zeros, on a page of 1 x 1 px. Nothing is capped.
pub async fn heatmap(pool: &PgPool, request: &HeatmapRequest) -> Result<Heatmap, QueryError> {
    let scope = scope(pool, request).await?;
    let pages = &request.selection.pages;
    let column = HeatColumn::Kind(request.kind);
    let (lent, heat, sums, names) = tokio::try_join!(
        Lent::read(pool, &scope.shape, pages, request.overlay),
        pieces(pool, &scope, column),
        sums(pool, &scope),
        overlay::names(pool, pages)
    )?;
    let (background, elements) = lent.lay_out(&scope.shape, &scrollers(&sums), request.overlay);
    let page = page(&scope, &background, elements);
    let known = lent.elements();
    let table = table(pool, pages, &sums, &known, &background).await?;
    let overlays = overlays(&names, &known, &sums, request.overlay);
    let sessions: HashSet<i64> = scope.views.iter().map(|view| view.session_id).collect();
    let (kind, pointer, device) = (request.kind, request.pointer, request.selection.device);
    // A thread for long work: this one serves others, too.
    let drawing = tokio::task::spawn_blocking(move || draw(&background, kind, pointer, device, &heat));
    let (pointer, drawn) = drawing.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
    Ok(Heatmap { pointer, sessions: sessions.len(), views: scope.views.len(), drawn, page, table, overlays, widths: scope.widths })
}

/// Finds the page views and looks at their widths.
async fn scope(pool: &PgPool, request: &HeatmapRequest) -> Result<Scope, QueryError> {
    let (mut all, found) = select(pool, &request.selection).await?;
    let count = |class: &Range<i32>| all.iter().filter(|view| class.contains(&view.viewport.0)).count();
    let widths: Vec<_> = request.classes.iter().map(|class| (class.clone(), count(class))).collect();
    // Of equally busy ones the widest.
    let busiest = || widths.iter().max_by_key(|(class, views)| (*views, class.start)).map_or(0..i32::MAX, |(class, _)| class.clone());
    let class = match &request.width {
        Width::Class(class) => class.clone(),
        Width::Busiest | Width::All => busiest(),
    };
    let drawn = match request.width {
        Width::All => std::iter::once(&class).chain(request.classes.iter().filter(|other| **other != class)).cloned().collect(),
        _ => vec![class.clone()],
    };
    let in_class: Vec<View> = all.iter().filter(|view| class.contains(&view.viewport.0)).copied().collect();
    let shape = Shape::of(&in_class);
    if request.width != Width::All {
        all = in_class;
    }
    Ok(Scope { views: all, found, class, drawn, widths, shape })
}

/// The page views of a selection, twice: as they began, newest first, and as heat knows them.
async fn select(pool: &PgPool, selection: &Selection) -> Result<(Vec<View>, HeatViews), QueryError> {
    let segment = &selection.segment;
    if segment.is_plain() {
        let (views, mut found) = tokio::try_join!(views(pool, selection), HeatViews::find(pool, of_heat(selection, None)))?;
        // A page view may have begun between the two looks.
        if found.iter().len() != views.len() {
            found = HeatViews::find(pool, of_heat(selection, Some(&ids(&views)))).await?;
        }
        return Ok((views, found));
    }
    let mut views = views(pool, selection).await?;
    let mut found = HeatViews::find(pool, of_heat(selection, Some(&ids(&views)))).await?;
    if let Some(key) = segment.clicked {
        let clicked = clicked_views(pool, &found, key).await?;
        views.retain(|view| clicked.contains(&view.page_view_id));
        found = HeatViews::find(pool, of_heat(selection, Some(&ids(&views)))).await?;
    }
    Ok((views, found))
}

/// The same as heat wants it; only these page views of it.
fn of_heat<'a>(of: &'a Selection, selected: Option<&'a [i64]>) -> HeatSelection<'a> {
    HeatSelection {
        site_id: of.site_id,
        page_ids: &of.pages,
        device: of.device,
        from: of.segment.from,
        to: of.segment.to,
        suspects: of.segment.suspects,
        selected,
    }
}

/// Ascending.
fn ids(views: &[View]) -> Vec<i64> {
    let mut ids: Vec<i64> = views.iter().map(|view| view.page_view_id).collect();
    ids.sort_unstable();
    ids
}

/// Heat of what is drawn. The first class of widths is the background's.
async fn pieces(pool: &PgPool, scope: &Scope, column: HeatColumn) -> Result<Vec<HeatPiece>, QueryError> {
    let mut pieces = Vec::new();
    let request = HeatRequest { widths: &scope.drawn, column, by_view: false };
    read_heat(pool, &scope.found, request, |piece| pieces.push(piece)).await?;
    Ok(pieces)
}

async fn sums(pool: &PgPool, scope: &Scope) -> Result<ElementSums, QueryError> {
    let mut sums = ElementSums::default();
    let request = HeatRequest { widths: &scope.drawn, column: HeatColumn::Elements, by_view: false };
    read_heat(pool, &scope.found, request, |piece| {
        // What can't be read was written by nobody; the job writes it anew.
        let _ = sums.add(&piece.bytes);
    })
    .await?;
    Ok(sums)
}

/// Elements whose content was scrolled.
fn scrollers(sums: &ElementSums) -> HashSet<ElementKey> {
    sums.0.iter().filter(|(_, sum)| sum.scrolls > 0).map(|(key, _)| *key).collect()
}

fn page(scope: &Scope, background: &Background, elements: Vec<WireElement>) -> PageDrawn {
    PageDrawn {
        viewport_w: background.viewport_w,
        width: scope.class.clone(),
        fold: scope.shape.viewport.1,
        document: background.document,
        elements,
    }
}

/// Draws the pointers that are asked for, or those with the most points.
fn draw(background: &Background, kind: HeatKind, asked: Option<PointerClass>, device: Device, heat: &[HeatPiece]) -> (PointerClass, Drawn) {
    let draw = |pointer| {
        let draw = |pieces: &[HeatPiece]| {
            let mut drawing = Drawing::new(background, kind, pointer);
            for piece in pieces {
                // As with the sums.
                let _ = drawing.add(&piece.bytes, piece.width == 0);
            }
            drawing
        };
        // Whole amounts add up the same in any order, so two cores share the work.
        let (one, other) = heat.split_at(heat.len() / 2);
        let drawing = std::thread::scope(|scope| {
            let other = scope.spawn(|| draw(other));
            let mut drawing = draw(one);
            match other.join() {
                Ok(other) => drawing.merge(&other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
            drawing
        });
        drawing.finish()
    };
    let usual = usual_pointer(kind, device);
    let pointer = if kind.is_by_row() { usual } else { asked.unwrap_or(usual) };
    let drawn = draw(pointer);
    let busiest = busiest(drawn.pointers, usual);
    if asked.is_none() && busiest != pointer { (busiest, draw(busiest)) } else { (pointer, drawn) }
}

/// The pointers with the most points.
fn busiest_pointer(kind: HeatKind, device: Device, heat: &[HeatPiece]) -> PointerClass {
    let mut points = [0; 3];
    for piece in heat {
        let _ = each(&piece.bytes, |step| {
            if let Step::Patch(spot, sums) = step {
                points[spot.pointer as usize] += sums.points;
            }
        });
    }
    busiest(points, usual_pointer(kind, device))
}

/// Of equally busy ones the usual one.
fn busiest(points: [u64; 3], usual: PointerClass) -> PointerClass {
    PointerClass::ALL.into_iter().max_by_key(|class| (points[*class as usize], *class == usual)).unwrap_or(usual)
}

/// A mouse on a desktop and fingers elsewhere. What is by row is of nobody's pointer, and stands with the mouse.
fn usual_pointer(kind: HeatKind, device: Device) -> PointerClass {
    if kind.is_by_row() || device == Device::Desktop { PointerClass::Mouse } else { PointerClass::Touch }
}
