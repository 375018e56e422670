use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::due::ids_of;
use super::{HeatColumn, HeatVersion, HeatView, HeatViews, build_heat, checksum};
use crate::event::PageViewId;
use crate::query::QueryError;

/// Page views of one day that are asked for at a time.
const RUN: usize = 500;
/// Pieces that wait for whoever takes them.
const WAITING: usize = 64;

/// What is to be read of the heat of page views.
#[derive(Clone, Copy, Debug)]
pub struct HeatRequest<'a> {
    /// Classes of widths, CSS px. They don't overlap; page views of other widths are left out.
    pub widths: &'a [Range<i32>],
    /// What of it.
    pub column: HeatColumn,
    /// A piece for each page view, even where the sum of a day would do.
    pub by_view: bool,
}

/// Stored heat of a day or of a page view.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeatPiece {
    /// As `Heat::encode` or `ElementSums::encode` gave it.
    pub bytes: Vec<u8>,
    /// Place of its class of widths among those of the request.
    pub width: usize,
    /// Whose it is.
    pub origin: HeatOrigin,
}

/// What a piece of heat is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeatOrigin {
    /// All page views of a page on a day that is over.
    Day {
        /// The page.
        page_id: i32,
        /// The day.
        day: NaiveDate,
    },
    /// One page view.
    View {
        /// The page view.
        page_view_id: i64,
        /// Its session.
        session_id: i64,
    },
}

/// A page view whose own heat is wanted, and the place of its class of widths.
#[derive(Clone, Copy)]
struct Wanted {
    view: HeatView,
    width: usize,
}

/// Page views whose sum would do.
#[derive(Default)]
struct Group {
    views: i32,
    checksum: i64,
    /// Its sum was read.
    is_read: bool,
}

/// Hands the heat of page views to `sink`, in no certain order, and what has none not at all. Each page view is in it exactly once: by the sum of its
/// day where that stands and is right, else by its own heat, and where that is missing or was built from less than there is now, computed on the spot.
pub async fn read_heat(
    pool: &PgPool,
    views: &HeatViews,
    request: HeatRequest<'_>,
    mut sink: impl FnMut(HeatPiece),
) -> Result<(), QueryError> {
    let width_of = |view: &HeatView| request.widths.iter().position(|range| range.contains(&view.viewport_w));
    let mut wanted: Vec<Wanted> = views.iter().filter_map(|view| Some(Wanted { view: *view, width: width_of(view)? })).collect();
    if views.is_whole && !request.by_view {
        let groups = read_days(pool, views, request, &wanted, &mut sink).await?;
        wanted.retain(|wanted| !groups.get(&key(wanted)).is_some_and(|group| group.is_read));
    }
    let runs: Vec<&[Wanted]> =
        wanted.chunk_by(|one, other| day_number(one) == day_number(other)).flat_map(|of_day| of_day.chunks(RUN)).collect();
    let (sender, mut pieces) = mpsc::channel(WAITING);
    let readers = read_runs(pool, &runs, request.column, sender);
    let take = async {
        let mut taken = 0;
        while let Some(piece) = pieces.recv().await {
            sink(piece);
            taken += 1;
            if taken % 32 == 0 {
                // Other requests share this thread.
                tokio::task::yield_now().await;
            }
        }
    };
    let (read, ()) = tokio::join!(readers, take);
    read
}

fn day_number(wanted: &Wanted) -> i64 {
    wanted.view.page_view_id >> 48
}

fn key(wanted: &Wanted) -> (i32, i64, usize) {
    (wanted.view.page_id, day_number(wanted), wanted.width)
}

/// Hands over the sums of days that are the sum of just these page views. Returns what there is to sum.
async fn read_days(
    pool: &PgPool,
    views: &HeatViews,
    request: HeatRequest<'_>,
    wanted: &[Wanted],
    sink: &mut impl FnMut(HeatPiece),
) -> Result<HashMap<(i32, i64, usize), Group>, QueryError> {
    let mut groups: HashMap<_, Group> = HashMap::new();
    for one in wanted {
        let group = groups.entry(key(one)).or_default();
        group.views += 1;
        group.checksum ^= checksum([(one.view.page_view_id, one.view.version)]);
    }
    let days = wanted.iter().filter_map(|one| PageViewId::from_i64(one.view.page_view_id)).map(PageViewId::day);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(groups) };
    let mut pages: Vec<i32> = wanted.iter().map(|one| one.view.page_id).collect();
    pages.sort_unstable();
    pages.dedup();
    let froms: Vec<i32> = request.widths.iter().map(|range| range.start).collect();
    let mut rows = sqlx::query!(
        "select page_id, width_from, day, width_to, views, checksum,
                case $7::int2 when 0 then movement when 1 then attention when 2 then click when 3 then first_click when 4 then rage
                              when 5 then dead when 6 then hesitation when 7 then reach when 8 then elements end as bytes
         from core.heat_day
         where site_id = $1 and page_id = any($2) and device = $3 and width_from = any($4) and day between $5 and $6",
        views.site_id,
        &pages,
        views.device.code(),
        &froms,
        first,
        last,
        request.column.code()
    )
    .fetch(pool);
    while let Some(row) = rows.try_next().await? {
        let width = request.widths.iter().position(|range| (range.start, range.end) == (row.width_from, row.width_to));
        let Some(width) = width else { continue };
        let Some(group) = groups.get_mut(&(row.page_id, ids_of(row.day).0 >> 48, width)) else { continue };
        if (group.views, group.checksum) == (row.views, row.checksum) {
            group.is_read = true;
            if let Some(bytes) = row.bytes {
                sink(HeatPiece { bytes, width, origin: HeatOrigin::Day { page_id: row.page_id, day: row.day } });
            }
        }
    }
    Ok(groups)
}

/// On two connections, so that Postgres works on both cores; the second one only helps, and is not waited for.
async fn read_runs(pool: &PgPool, runs: &[&[Wanted]], column: HeatColumn, sender: mpsc::Sender<HeatPiece>) -> Result<(), QueryError> {
    if runs.is_empty() {
        return Ok(());
    }
    let (next, is_done) = (AtomicUsize::new(0), CancellationToken::new());
    let first = async {
        let mut connection = pool.acquire().await?;
        let read = read_some(&mut connection, runs, &next, column, &sender).await;
        is_done.cancel();
        read
    };
    let second = async {
        if runs.len() < 2 {
            return Ok(());
        }
        tokio::select! {
            Ok(mut connection) = pool.acquire() => read_some(&mut connection, runs, &next, column, &sender).await,
            () = is_done.cancelled() => Ok(()),
            else => Ok(()),
        }
    };
    tokio::try_join!(first, second)?;
    Ok(())
}

/// Reads runs that nobody else reads until none is left.
async fn read_some(
    connection: &mut PgConnection,
    runs: &[&[Wanted]],
    next: &AtomicUsize,
    column: HeatColumn,
    sender: &mpsc::Sender<HeatPiece>,
) -> Result<(), QueryError> {
    while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
        read_run(connection, run, column, sender).await?;
    }
    Ok(())
}

/// Reads the heat of page views of one day, and computes what is not there.
async fn read_run(
    connection: &mut PgConnection,
    run: &[Wanted],
    column: HeatColumn,
    sender: &mpsc::Sender<HeatPiece>,
) -> Result<(), QueryError> {
    let ids: Vec<i64> = run.iter().map(|wanted| wanted.view.page_view_id).collect();
    let Some(day) = ids.first().and_then(|id| PageViewId::from_i64(*id)).map(PageViewId::day) else { return Ok(()) };
    let mut missing = vec![true; run.len()];
    {
        // Of one day, so that one partition is asked and not each of them for all ids.
        let mut rows = sqlx::query!(
            "select page_view_id, form, events, outlined,
                    case $3::int2 when 0 then movement when 1 then attention when 2 then click when 3 then first_click when 4 then rage
                                  when 5 then dead when 6 then hesitation when 7 then reach when 8 then elements end as bytes
             from core.heat_view where page_view_id = any($1) and day = $2",
            &ids,
            day,
            column.code()
        )
        .fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            let version = HeatVersion { form: row.form, events: row.events, outlined: row.outlined };
            let Ok(at) = ids.binary_search(&row.page_view_id) else { continue };
            if run[at].view.version == version {
                missing[at] = false;
                if let Some(bytes) = row.bytes {
                    let _ = sender.send(piece(&run[at], bytes)).await;
                }
            }
        }
    }
    let missing: Vec<i64> = ids.iter().zip(missing).filter(|(_, is_missing)| *is_missing).map(|(id, _)| *id).collect();
    let mut computed = Vec::new();
    build_heat(connection, &missing, |built| {
        let bytes = match column {
            HeatColumn::Kind(kind) => built.heat.kinds.get(&kind).map(|heat| heat.encode()),
            HeatColumn::Elements => (!built.heat.elements.0.is_empty()).then(|| built.heat.elements.encode()),
        };
        if let (Some(bytes), Ok(at)) = (bytes, ids.binary_search(&built.page_view_id)) {
            computed.push(piece(&run[at], bytes));
        }
    })
    .await?;
    for piece in computed {
        let _ = sender.send(piece).await;
    }
    Ok(())
}

fn piece(wanted: &Wanted, bytes: Vec<u8>) -> HeatPiece {
    let HeatView { page_view_id, session_id, .. } = wanted.view;
    HeatPiece { bytes, width: wanted.width, origin: HeatOrigin::View { page_view_id, session_id } }
}
