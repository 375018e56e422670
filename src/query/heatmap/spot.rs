use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::background::Lent;
use super::{HeatmapRequest, Scope, busiest_pointer, scope, scrollers, sums};
use crate::analysis::heat::{Background, ElementKey, HeatKind, Near, Part, PointerClass, Unit, ViewHeat};
use crate::event::Device;
use crate::query::QueryError;
use crate::query::heat::{HeatColumn, HeatOrigin, HeatPiece, HeatRequest, ViewRecord, read_heat, view_record};

/// Sessions that are listed at most; all are counted.
const MAX_LISTED: usize = 50;

/// Who was there?
#[derive(Clone, PartialEq, Debug)]
pub struct SpotRequest {
    /// The map that somebody looks at.
    pub map: HeatmapRequest,
    /// The place on it.
    pub place: Place,
}

/// A place on a map.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    /// Around a point, CSS px of the background.
    Spot {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
        /// How far around.
        radius: f64,
    },
    /// On an element.
    Element(ElementKey),
}

/// The sessions that were there.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Found {
    /// Those that were there most, the most first.
    pub sessions: Vec<Visited>,
    /// How many there are.
    pub total: usize,
}

/// A session that was there.
#[derive(Clone, PartialEq, Debug)]
pub struct Visited {
    /// The session.
    pub session_id: i64,
    /// Its page view that was there most.
    pub page_view_id: i64,
    /// When it was there most, ms since the session began.
    pub at_ms: u64,
    /// When the session began.
    pub started_at: DateTime<Utc>,
    /// How much, in the unit of the kind, in all its page views.
    pub amount: u64,
    /// Class of device.
    pub device: Device,
    /// Browser and its major version.
    pub browser: String,
    /// Country, where it is known.
    pub country: Option<String>,
}

/// What a session left at the place.
#[derive(Clone, Copy, Default)]
struct Share {
    amount: u64,
    /// Its page view with the most, and how much that is.
    most: (u64, i64),
}

/// Finds the sessions that made the heat at a place, each with the moment at which it was there most.
pub async fn spot(pool: &PgPool, request: &SpotRequest) -> Result<Found, QueryError> {
    let map = &request.map;
    let scope = scope(pool, map).await?;
    let (lent, pieces, sums) = tokio::try_join!(
        Lent::read(pool, &scope.shape, &map.selection.pages, map.overlay),
        by_view(pool, &scope, HeatColumn::Kind(map.kind)),
        sums(pool, &scope)
    )?;
    let (background, _) = lent.lay_out(&scope.shape, &scrollers(&sums), map.overlay);
    let pointer = map.pointer.unwrap_or_else(|| busiest_pointer(map.kind, map.selection.device, &pieces));
    let part = match request.place {
        Place::Spot { x, y, radius } => Part::Around { x, y, radius },
        Place::Element(key) => Part::On(key),
    };
    let kind = map.kind;
    let (background, shares) = blocking(move || {
        let near = Near::new(&background, kind, pointer, part);
        let shares = shares(&near, &pieces);
        (background, shares)
    })
    .await?;
    let total = shares.len();
    let sessions = visited(pool, &background, kind, pointer, part, &shares[..total.min(MAX_LISTED)]).await?;
    Ok(Found { sessions, total })
}

/// Heat of each page view that is drawn.
pub(super) async fn by_view(pool: &PgPool, scope: &Scope, column: HeatColumn) -> Result<Vec<HeatPiece>, QueryError> {
    let mut pieces = Vec::new();
    let request = HeatRequest { widths: &scope.drawn, column, by_view: true };
    read_heat(pool, &scope.found, request, |piece| pieces.push(piece)).await?;
    Ok(pieces)
}

/// On a thread for long work: this one serves others, too.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, QueryError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| sqlx::Error::WorkerCrashed)?)
}

/// Sessions with anything at the place, the most first.
fn shares(near: &Near<'_>, pieces: &[HeatPiece]) -> Vec<(i64, Share)> {
    let mut shares: HashMap<i64, Share> = HashMap::new();
    for piece in pieces {
        let HeatOrigin::View { page_view_id, session_id } = piece.origin else { continue };
        let amount = near.amount(&piece.bytes, piece.width == 0);
        if amount > 0 {
            let share = shares.entry(session_id).or_default();
            share.amount += amount;
            share.most = share.most.max((amount, page_view_id));
        }
    }
    let mut shares: Vec<_> = shares.into_iter().collect();
    shares.sort_by_key(|(session_id, share)| (std::cmp::Reverse(share.amount), *session_id));
    shares
}

async fn visited(
    pool: &PgPool,
    background: &Background,
    kind: HeatKind,
    pointer: PointerClass,
    part: Part,
    shares: &[(i64, Share)],
) -> Result<Vec<Visited>, QueryError> {
    let ids: Vec<i64> = shares.iter().map(|(_, share)| share.most.1).collect();
    let rows = sqlx::query!(
        r#"select v.page_view_id, s.started_at, s.device, s.browser, s.country as "country: String",
                  greatest((extract(epoch from v.started_at - s.started_at) * 1000)::bigint, 0) as "start_ms!"
           from core.page_view v join core.session s on s.session_id = v.session_id where v.page_view_id = any($1)"#,
        &ids
    );
    let rows: HashMap<i64, _> = rows.fetch_all(pool).await?.into_iter().map(|row| (row.page_view_id, row)).collect();
    let mut visited = Vec::new();
    for (session_id, share) in shares {
        let page_view_id = share.most.1;
        // Erased since then.
        let Some(row) = rows.get(&page_view_id) else { continue };
        let Some(record) = view_record(pool, page_view_id).await? else { continue };
        let background = background.clone();
        let at_ms = blocking(move || moment(&Near::new(&background, asked(kind), pointer, part), asked(kind), &record)).await?;
        visited.push(Visited {
            session_id: *session_id,
            page_view_id,
            at_ms: row.start_ms as u64 + u64::from(at_ms),
            started_at: row.started_at,
            amount: share.amount,
            device: Device::from_code(row.device).unwrap_or(Device::Desktop),
            browser: row.browser.clone(),
            country: row.country.clone(),
        });
    }
    Ok(visited)
}

/// Whether a click was in rage or dead is known by what comes after it; when it was is known by the click.
fn asked(kind: HeatKind) -> HeatKind {
    if matches!(kind, HeatKind::Rage | HeatKind::Dead) { HeatKind::Click } else { kind }
}

/// When most of the heat at the place was made, ms since the page view began: halves the events until one is left, each time going on with the
/// half that made more.
fn moment(near: &Near<'_>, kind: HeatKind, record: &ViewRecord) -> u32 {
    let mut events = record.events.clone();
    events.sort_by_key(|event| event.at_ms);
    let amount = |count: usize| {
        let heat = ViewHeat::of(record.facts, &record.descriptions, &events[..count]);
        heat.kinds.get(&kind).map_or(0, |heat| near.amount(&heat.encode(), true))
    };
    let (mut low, mut high) = (0, events.len());
    let (mut before, mut after) = (0, amount(high));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let between = amount(middle);
        if between.saturating_sub(before) >= after.saturating_sub(between) {
            (high, after) = (middle, between);
        } else {
            (low, before) = (middle, between);
        }
    }
    // A stay begins with the event before the one that ends it.
    let began = if kind.unit() == Unit::Time && kind != HeatKind::Hesitation { low.saturating_sub(1) } else { low };
    events.get(began).map_or(0, |event| event.at_ms)
}
