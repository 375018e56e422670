use std::collections::{BTreeMap, HashSet};

use sqlx::PgPool;

use super::background::Lent;
use super::spot::{blocking, by_view};
use super::{HeatmapRequest, PageDrawn, Scope, busiest_pointer, page, scope, scrollers, sums};
use crate::analysis::heat::{Compared, Difference, PointerClass};
use crate::query::QueryError;
use crate::query::heat::{HeatColumn, HeatOrigin, HeatPiece};
use crate::query::segment::Segment;

/// Two segments of the page views of a page.
#[derive(Clone, PartialEq, Debug)]
pub struct DifferenceRequest {
    /// The map of the first one. It decides about width, pointer and background.
    pub map: HeatmapRequest,
    /// The second one.
    pub other: Segment,
}

/// What is different in the second one.
#[derive(Clone, PartialEq, Debug)]
pub struct ComparedHeat {
    /// Of which pointers.
    pub pointer: PointerClass,
    /// The blocks that differ.
    pub compared: Compared,
    /// What they lie on.
    pub page: PageDrawn,
    /// How many the two are made of.
    pub sides: [SideCount; 2],
}

/// How many a segment is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SideCount {
    /// Sessions.
    pub sessions: usize,
    /// Page views.
    pub views: usize,
}

impl SideCount {
    fn of(scope: &Scope) -> Self {
        let sessions: HashSet<i64> = scope.views.iter().map(|view| view.session_id).collect();
        Self { sessions: sessions.len(), views: scope.views.len() }
    }
}

/// Compares two segments, session by session, on the background of the first one.
pub async fn difference(pool: &PgPool, request: &DifferenceRequest) -> Result<ComparedHeat, QueryError> {
    let map = &request.map;
    let a = scope(pool, map).await?;
    let mut other = map.clone();
    other.selection.segment = request.other.clone();
    // Both of the class of widths of the first one.
    let b = Scope { class: a.class.clone(), drawn: a.drawn.clone(), ..scope(pool, &at_width(other, &a)).await? };
    let column = HeatColumn::Kind(map.kind);
    let (lent, sums, left, right) = tokio::try_join!(
        Lent::read(pool, &a.shape, &map.selection.pages, map.overlay),
        sums(pool, &a),
        by_view(pool, &a, column),
        by_view(pool, &b, column)
    )?;
    let (background, elements) = lent.lay_out(&a.shape, &scrollers(&sums), map.overlay);
    let drawn = page(&a, &background, elements);
    let (kind, device) = (map.kind, map.selection.device);
    let pointer = map.pointer.unwrap_or_else(|| busiest_pointer(kind, device, &left));
    let sessions = [&a, &b].map(|scope| scope.views.iter().map(|view| view.session_id).collect::<HashSet<_>>());
    let compared = blocking(move || {
        let mut difference = Difference::new(&background, kind, pointer);
        for (side, (pieces, all)) in [left, right].iter().zip(&sessions).enumerate() {
            for pieces in by_session(pieces, all).values() {
                // What can't be read was written by nobody; the job writes it anew.
                let _ = difference.add_session(side, pieces.iter().map(|piece| (piece.bytes.as_slice(), piece.width == 0)));
            }
        }
        difference.finish()
    })
    .await?;
    Ok(ComparedHeat { pointer, compared, page: drawn, sides: [SideCount::of(&a), SideCount::of(&b)] })
}

fn at_width(mut request: HeatmapRequest, a: &Scope) -> HeatmapRequest {
    if request.width != super::Width::All {
        request.width = super::Width::Class(a.class.clone());
    }
    request
}

/// The heat of each session; of one that left none as well.
fn by_session<'a>(pieces: &'a [HeatPiece], all: &HashSet<i64>) -> BTreeMap<i64, Vec<&'a HeatPiece>> {
    let mut out: BTreeMap<i64, Vec<&HeatPiece>> = all.iter().map(|session_id| (*session_id, Vec::new())).collect();
    for piece in pieces {
        if let HeatOrigin::View { session_id, .. } = piece.origin {
            out.entry(session_id).or_default().push(piece);
        }
    }
    out
}
