use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::query::{self, BuiltView, HeatColumn, HeatGroup, QueryError};
use crate::store::{HeatColumns, HeatTurn, NewHeatDay, NewHeatView, Store, StoreError};

const EVERY: Duration = Duration::from_secs(60);
/// A page view that sent nothing for so long is probably over; if not, its heat is built again.
const QUIET: TimeDelta = TimeDelta::seconds(60);
/// Longest work of one minute, so that a backlog of years takes no more than a third of a core from the collector.
const BUSY: Duration = Duration::from_secs(20);
/// Page views that are built before their heat is stored.
const BATCH: usize = 200;
/// Page views that are looked for at a time.
const MAX_VIEWS: i64 = 5_000;
/// Sums that one call makes at most.
const MAX_SUMS: usize = 500;

/// Why heat could not be built.
#[derive(Debug, thiserror::Error)]
pub enum HeatError {
    /// Reading what it is built from failed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Storing it failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Builds heat every minute until `stop` fires. A failure is logged and tried again a minute later: maps stay right meanwhile, only slower.
pub async fn run(store: Store, clock: Clock, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EVERY);
    let mut looked_back_at = None;
    loop {
        let turn = async {
            tick.tick().await;
            minute(&store, clock.now(), &mut looked_back_at).await
        };
        // Half-done work is rolled back, and done another time.
        let done = tokio::select! {
            done = turn => done,
            () = stop.cancelled() => return,
        };
        if let Err(error) = done {
            tracing::error!(%error, "heat could not be built and will be tried again in a minute");
        }
    }
}

/// The work of a minute, unless another collector is at it: day after day, so that a day is done before the next one is looked at.
async fn minute(store: &Store, now: DateTime<Utc>, looked_back_at: &mut Option<(NaiveDate, u32)>) -> Result<(), HeatError> {
    let end = Instant::now() + BUSY;
    let Some(_turn) = take_turn(store).await? else { return Ok(()) };
    let hour = (now.date_naive(), now.hour());
    if looked_back_at.replace(hour) != Some(hour) {
        look_back(store, now).await?;
    }
    let today = now.date_naive();
    let due = query::due_days(&store.admin).await?;
    for day in [today].into_iter().chain(due.into_iter().filter(|day| *day != today)) {
        while Instant::now() < end && build_day(store, day, None, now - QUIET, MAX_VIEWS, end).await? == MAX_VIEWS as usize {}
        while Instant::now() < end && roll_up_day(store, day, today, MAX_SUMS, end).await? == MAX_SUMS {}
        if Instant::now() >= end {
            break;
        }
    }
    Ok(())
}

/// The right to build heat: `None` while somebody has it.
pub async fn take_turn(store: &Store) -> Result<Option<HeatTurn>, HeatError> {
    Ok(store.take_heat_turn().await?)
}

/// Makes yesterday and the day before due: yesterday is over since midnight, and a page view may go on for a day after the one on which it began.
pub async fn look_back(store: &Store, now: DateTime<Utc>) -> Result<(), HeatError> {
    let days: Vec<_> = now.date_naive().iter_days().rev().skip(1).take(2).collect();
    Ok(store.heat_is_due(&days).await?)
}

/// Builds the heat of at most `limit` page views that are quiet for a minute: those of today, then those of days that are due, newest first.
/// Returns how many it built. Doing it again changes nothing.
pub async fn build_views(store: &Store, now: DateTime<Utc>, limit: i64) -> Result<usize, HeatError> {
    let today = now.date_naive();
    let due = query::due_days(&store.admin).await?;
    let mut built = 0;
    for day in [today].into_iter().chain(due.into_iter().filter(|day| *day != today)) {
        built += build_day(store, day, None, now - QUIET, limit - built as i64, never()).await?;
        if built as i64 >= limit {
            break;
        }
    }
    Ok(built)
}

/// Sums days that are over and due, newest first, as far as the heat of their page views is there: at most so many sums, and how many it were.
/// A day of which nothing is left to do is not due any more. Doing it again changes nothing.
pub async fn roll_up_days(store: &Store, now: DateTime<Utc>) -> Result<usize, HeatError> {
    let today = now.date_naive();
    let mut summed = 0;
    for day in query::due_days(&store.admin).await? {
        summed += roll_up_day(store, day, today, MAX_SUMS - summed, never()).await?;
        if summed >= MAX_SUMS {
            break;
        }
    }
    Ok(summed)
}

/// The end of work that has all the time it wants.
fn never() -> Instant {
    Instant::now() + Duration::from_secs(86_400)
}

/// Throws the heat of a day away, of one site or of all, and builds it again from the chunks. Returns page views and sums. Where the chunks are gone
/// it does nothing, because what is thrown away would not come back.
pub async fn rebuild_day(store: &Store, day: NaiveDate, site_id: Option<i32>, now: DateTime<Utc>) -> Result<(usize, usize), HeatError> {
    if !query::has_chunks(&store.admin, day).await? {
        return Ok((0, 0));
    }
    store.discard_heat(day, site_id).await?;
    let (mut views, mut sums) = (0, 0);
    loop {
        let built = build_day(store, day, site_id, DateTime::<Utc>::MAX_UTC, MAX_VIEWS, never()).await?;
        views += built;
        if built == 0 {
            break;
        }
    }
    while day < now.date_naive() {
        let summed = roll_up(store, day, site_id, MAX_SUMS, never()).await?;
        sums += summed;
        if summed == 0 {
            break;
        }
    }
    Ok((views, sums))
}

async fn build_day(
    store: &Store,
    day: NaiveDate,
    site_id: Option<i32>,
    quiet_since: DateTime<Utc>,
    limit: i64,
    end: Instant,
) -> Result<usize, HeatError> {
    if !query::has_chunks(&store.admin, day).await? {
        return Ok(0);
    }
    store.ensure_heat_partition(day).await?;
    let ids = query::unbuilt(&store.admin, day, site_id, quiet_since, limit).await?;
    let mut done = 0;
    for batch in ids.chunks(BATCH) {
        if Instant::now() >= end {
            break;
        }
        let mut connection = store.admin.acquire().await.map_err(QueryError::from)?;
        let mut views = Vec::with_capacity(batch.len());
        query::build_heat(&mut connection, batch, |built| views.push(new_view(built))).await?;
        drop(connection);
        store.store_heat_views(views).await?;
        done += batch.len();
    }
    Ok(done)
}

fn new_view(built: BuiltView) -> NewHeatView {
    let elements = (!built.heat.elements.0.is_empty()).then(|| built.heat.elements.encode());
    let mut columns = HeatColumn::all().map(|column| match column {
        HeatColumn::Kind(kind) => built.heat.kinds.get(&kind).map(|heat| heat.encode()),
        HeatColumn::Elements => elements.clone(),
    });
    let columns: HeatColumns = std::array::from_fn(|_| columns.next().flatten());
    NewHeatView {
        page_view_id: built.page_view_id,
        form: built.version.form,
        events: built.version.events,
        outlined: built.version.outlined,
        clicked: built.heat.clicked(),
        columns,
    }
}

/// The sums of a due day, if it is over.
async fn roll_up_day(store: &Store, day: NaiveDate, today: NaiveDate, at_most: usize, end: Instant) -> Result<usize, HeatError> {
    if day < today {
        return roll_up(store, day, None, at_most, end).await;
    }
    if day > today || !query::has_chunks(&store.admin, day).await? {
        // Its time comes when it is over.
        store.begin_heat_day(day).await?;
        store.end_heat_day(day).await?;
    }
    Ok(0)
}

/// Brings the sums of a day up to date: those that say something else than the page views do now.
async fn roll_up(store: &Store, day: NaiveDate, site_id: Option<i32>, at_most: usize, end: Instant) -> Result<usize, HeatError> {
    if site_id.is_none() {
        store.begin_heat_day(day).await?;
    }
    let mut summed = 0;
    let mut is_done = true;
    // What stands of a day whose chunks are gone is all that is left of it.
    if query::has_chunks(&store.admin, day).await? {
        let groups = query::day_groups(&store.admin, day, site_id).await?;
        let mut standing = query::standing_sums(&store.admin, day, site_id).await?;
        for group in groups {
            if standing.remove(&group.key()) == Some(group.standing()) {
                continue;
            }
            if summed < at_most && Instant::now() < end && sum_up(store, day, group).await? {
                summed += 1;
            } else {
                is_done = false;
            }
        }
        if !standing.is_empty() {
            store.drop_heat_days(day, &standing.into_keys().collect::<Vec<_>>()).await?;
        }
    }
    if is_done && site_id.is_none() {
        store.end_heat_day(day).await?;
    }
    Ok(summed)
}

/// `false` where the heat of a page view is not there yet, or one was erased just now.
async fn sum_up(store: &Store, day: NaiveDate, group: HeatGroup) -> Result<bool, HeatError> {
    let Some(columns) = query::sum_group(&store.admin, day, &group).await? else { return Ok(false) };
    let new = NewHeatDay {
        site_id: group.site_id,
        page_id: group.page_id,
        device: group.device,
        width_from: group.width_from,
        width_to: group.width_to,
        day,
        sessions: group.sessions as i32,
        checksum: group.standing().checksum,
        views: group.views.into_iter().map(|(id, _)| id).collect(),
        columns,
    };
    Ok(store.store_heat_day(&new).await?)
}
