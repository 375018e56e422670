use actix_web::web::{Data, Json, Path, Query};
use chrono::Utc;
use serde::Serialize;

use super::wire::Element;
use crate::admin::auth::SignedIn;
use crate::admin::page::HeatmapQuery;
use crate::admin::{Admin, Error};
use crate::analysis::Cells;
use crate::event::Device;
use crate::query::{self, HeatmapRequest};

/// Side of the square that values are given for, CSS px.
const UNIT_PX: f64 = 16.0;

/// A heatmap. Cells are sparse: most of a page is never pointed at.
#[derive(Serialize)]
pub struct Heatmap {
    /// `movement` or `click`.
    kind: &'static str,
    sessions: usize,
    views: usize,
    /// Set where only the newest so many page views are in it.
    cut_at_views: Option<usize>,
    viewport_w: i32,
    /// Median height of the viewports, CSS px.
    fold: i32,
    document: [i32; 2],
    cell_px: u32,
    columns: usize,
    rows: usize,
    /// Indexes of the cells that hold something: each the difference to the one before; the first one from 0.
    at: Vec<usize>,
    /// Thousandths: of a second, or of a click, a hundred sessions and 16 x 16 px.
    value: Vec<u32>,
    placed: Placed,
    elements: Vec<Element>,
    /// What happened on each element, most time first.
    heat: Vec<ElementHeat>,
}

/// Points, or clicks, and how they found their place.
#[derive(Serialize)]
struct Placed {
    element: u64,
    ratio: u64,
    none: u64,
}

#[derive(Serialize)]
struct ElementHeat {
    id: i32,
    /// Seconds a hundred sessions.
    seconds: f64,
    clicks: u64,
}

/// Index differences of the cells that are not empty, and their thousandths a hundred sessions. `unit` of an amount make one.
fn sparse(cells: &Cells, sessions: usize, unit: f64) -> (Vec<usize>, Vec<u32>) {
    let scale = 100.0 * 1_000.0 / unit / sessions.max(1) as f64;
    let mut last = 0;
    let mut out = (Vec::new(), Vec::new());
    for (index, amount) in cells.values().iter().enumerate() {
        let value = (f64::from(*amount) * scale).round() as u32;
        if value > 0 {
            out.0.push(index - last);
            out.1.push(value);
            last = index;
        }
    }
    out
}

/// `GET /api/v1/sites/{site_id}/heatmap?page=&kind=&from=&to=&device=&suspect=`
pub async fn heatmap(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Query<HeatmapQuery>) -> Result<Json<Heatmap>, Error> {
    let range = query.parse(Utc::now().date_naive())?;
    let path = query.page.as_deref().ok_or(Error::Invalid("A heatmap needs a page: its path."))?;
    admin.find_site(*site_id).await?;
    let pool = &admin.store.admin;
    let page_id = query::find_page(pool, *site_id, path).await?.ok_or(Error::NotFound)?;
    let request = HeatmapRequest {
        site_id: *site_id,
        page_id,
        device: range.device.unwrap_or(Device::Desktop),
        from: range.from,
        to: range.to,
        clicks: range.clicks,
        suspects: range.suspects,
    };
    let map = query::heatmap(pool, request).await?;
    let share = (f64::from(map.cell_px) / UNIT_PX).powi(2);
    let (at, value) = sparse(&map.cells, map.sessions, share * if range.clicks { 1.0 } else { 1_000.0 });
    let per_hundred = 100.0 / map.sessions.max(1) as f64;
    let [element, ratio, none] = map.placed;
    Ok(Json(Heatmap {
        kind: if range.clicks { "click" } else { "movement" },
        sessions: map.sessions,
        views: map.views,
        cut_at_views: map.is_cut.then_some(map.views),
        viewport_w: map.viewport_w,
        fold: map.fold,
        document: map.document.into(),
        cell_px: map.cell_px,
        columns: map.cells.columns(),
        rows: map.cells.rows(),
        at,
        value,
        placed: Placed { element, ratio, none },
        elements: map.elements.into_iter().map(Element::from).collect(),
        heat: map
            .heat
            .into_iter()
            .map(|heat| ElementHeat { id: heat.name_id, seconds: heat.ms as f64 / 1_000.0 * per_hundred, clicks: heat.clicks })
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_scaled_to_a_hundred_sessions() {
        let mut cells = Cells::new(48, 16, 16);
        cells.add(20.0, 0.0, 500.0);
        cells.add(40.0, 0.0, 1.0);
        // 500 ms in 4 sessions are 12.5 s in a hundred; 1 ms is 0.025 s.
        assert_eq!(sparse(&cells, 4, 1_000.0), (vec![1, 1], vec![12_500, 25]));
    }
}
