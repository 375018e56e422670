use actix_web::web::{Data, Json, Path};
use chrono::Utc;
use serde::Serialize;

use super::selection::Parameters;
use super::wire::{Page, per_unit, unit};
use super::{Pairs, request, with_goal};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::analysis::heat::HeatKind;
use crate::query::{self, DifferenceRequest, SideCount};

/// Where a second segment differs from the first one, block by block.
#[derive(Serialize)]
pub struct Difference {
    kind: &'static str,
    pointer: &'static str,
    unit: &'static str,
    per_unit: u32,
    by_row: bool,
    #[serde(flatten)]
    page: Page,
    a: Side,
    b: Side,
    block_px: u32,
    columns: usize,
    rows: usize,
    /// Indexes of the blocks that differ: each the difference to the one before; the first one from 0.
    at: Vec<usize>,
    /// The second segment less the first one: seconds or clicks a hundred sessions in the block; of attention, seconds a session; of reach,
    /// the share of sessions.
    difference: Vec<f64>,
    /// Welch's t.
    t: Vec<f64>,
    /// Blocks in which somebody was and that say nothing.
    blank: usize,
}

#[derive(Serialize)]
struct Side {
    sessions: usize,
    views: usize,
}

/// `GET /api/v1/sites/{site_id}/heatmap/difference?…&b_from=&b_browser=&…`
pub async fn difference(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Pairs) -> Result<Json<Difference>, Error> {
    let parameters = Parameters::new(query.into_inner())?;
    let other_side = parameters.other_side();
    let other = other_side.segment(Utc::now().date_naive())?;
    other_side.converted()?;
    let map = request(&admin, *site_id, &parameters).await?;
    let other = with_goal(&admin, *site_id, other, &other_side).await?;
    let kind = map.kind;
    let answer = query::difference(&admin.store.admin, &DifferenceRequest { map, other }).await?;
    let scale = scale(kind);
    let compared = answer.compared;
    let mut before = 0;
    let step = |index: usize| index - std::mem::replace(&mut before, index);
    let [a, b] = answer.sides.map(|SideCount { sessions, views }| Side { sessions, views });
    Ok(Json(Difference {
        kind: kind.name(),
        pointer: answer.pointer.name(),
        unit: unit(kind),
        per_unit: per_unit(kind),
        by_row: kind.is_by_row(),
        page: Page::from(answer.page),
        a,
        b,
        block_px: compared.block_px,
        columns: compared.size.0,
        rows: compared.size.1,
        at: compared.blocks.iter().map(|block| block.index).map(step).collect(),
        difference: compared.blocks.iter().map(|block| block.difference * scale).collect(),
        t: compared.blocks.iter().map(|block| block.t).collect(),
        blank: compared.blank,
    }))
}

/// From the stored unit a session to what is shown.
fn scale(kind: HeatKind) -> f64 {
    let sessions = if kind.is_by_row() { 1.0 } else { 100.0 };
    sessions / f64::from(per_unit(kind))
}
