use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use super::due::ids_of;
use super::widths::Widths;
use super::{HeatVersion, checksum};
use crate::analysis::heat::{ElementSums, Heat, HeatKind};
use crate::query::QueryError;

/// What tells a row of `core.heat_day` within its day: site, page, class of device as stored, smallest width.
pub type HeatKey = (i32, i32, i16, i32);

/// What a row of `core.heat_day` is the sum of: the page views of one page, class of device and class of width, on one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeatGroup {
    /// Site of the page.
    pub site_id: i32,
    /// The page.
    pub page_id: i32,
    /// Class of device, as stored.
    pub device: i16,
    /// Smallest width of viewports, CSS px.
    pub width_from: i32,
    /// The smallest width beyond it.
    pub width_to: i32,
    /// Its page views, ascending, and what each has to be built from.
    pub views: Vec<(i64, HeatVersion)>,
    /// Sessions that they belong to.
    pub sessions: u64,
}

impl HeatGroup {
    /// What tells its row.
    pub fn key(&self) -> HeatKey {
        (self.site_id, self.page_id, self.device, self.width_from)
    }

    /// What its row says when it is right.
    pub fn standing(&self) -> StandingSum {
        StandingSum { width_to: self.width_to, views: self.views.len() as i32, checksum: checksum(self.views.iter().copied()) }
    }
}

/// What a row of `core.heat_day` says that it is the sum of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StandingSum {
    /// The smallest width beyond it, CSS px.
    pub width_to: i32,
    /// Page views.
    pub views: i32,
    /// Sum over what each was built from.
    pub checksum: i64,
}

/// Heat of a group, a column each; `None` where there is none.
pub type DaySum = [Option<Vec<u8>>; 9];

/// The groups of a day as its page views are now, suspect ones aside.
pub async fn day_groups(pool: &PgPool, day: NaiveDate, site_id: Option<i32>) -> Result<Vec<HeatGroup>, QueryError> {
    let (first, last) = ids_of(day);
    let widths = Widths::read(pool).await?;
    let mut rows = sqlx::query!(
        "select page_view_id, session_id, site_id, page_id, device, viewport_w, events, outlined from core.page_view
         where page_view_id between $1 and $2 and events > 0 and suspect = 0 and ($3::int4 is null or site_id = $3)
         order by page_view_id",
        first,
        last,
        site_id
    )
    .fetch(pool);
    let mut groups: HashMap<HeatKey, (HeatGroup, HashSet<i64>)> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let Some(range) = widths.class_of(row.site_id, row.viewport_w) else { continue };
        let key = (row.site_id, row.page_id, row.device, range.start);
        let (group, sessions) = groups.entry(key).or_insert_with(|| {
            let (site_id, page_id, device, width_from) = key;
            let group = HeatGroup { site_id, page_id, device, width_from, width_to: range.end, views: Vec::new(), sessions: 0 };
            (group, HashSet::new())
        });
        group.views.push((row.page_view_id, HeatVersion::of(row.events, row.outlined)));
        sessions.insert(row.session_id);
    }
    let groups = groups.into_values().map(|(group, sessions)| HeatGroup { sessions: sessions.len() as u64, ..group });
    Ok(groups.collect())
}

/// The sums of a day that stand, by the key of their group.
pub async fn standing_sums(pool: &PgPool, day: NaiveDate, site_id: Option<i32>) -> Result<HashMap<HeatKey, StandingSum>, QueryError> {
    let rows = sqlx::query!(
        "select site_id, page_id, device, width_from, width_to, views, checksum from core.heat_day
         where day = $1 and ($2::int4 is null or site_id = $2)",
        day,
        site_id
    );
    let sums = rows.fetch_all(pool).await?.into_iter().map(|row| {
        let sum = StandingSum { width_to: row.width_to, views: row.views, checksum: row.checksum };
        ((row.site_id, row.page_id, row.device, row.width_from), sum)
    });
    Ok(sums.collect())
}

/// Adds up the stored heat of a group, one page view after the other. `None` where that of any is missing or was built from something else.
pub async fn sum_group(pool: &PgPool, day: NaiveDate, group: &HeatGroup) -> Result<Option<DaySum>, QueryError> {
    let ids: Vec<i64> = group.views.iter().map(|(id, _)| *id).collect();
    let mut rows = sqlx::query!(
        "select page_view_id, form, events, outlined, movement, attention, click, first_click, rage, dead, hesitation, reach, elements
         from core.heat_view where page_view_id = any($1) and day = $2",
        &ids,
        day
    )
    .fetch(pool);
    let mut kinds: [Heat; 8] = Default::default();
    let mut elements = ElementSums::default();
    let mut found = 0;
    while let Some(row) = rows.try_next().await? {
        let version = HeatVersion { form: row.form, events: row.events, outlined: row.outlined };
        let Ok(at) = group.views.binary_search_by_key(&row.page_view_id, |(id, _)| *id) else { continue };
        if group.views[at].1 != version {
            return Ok(None);
        }
        let stored = [row.movement, row.attention, row.click, row.first_click, row.rage, row.dead, row.hesitation, row.reach];
        let added = kinds.iter_mut().zip(&stored).all(|(heat, bytes)| bytes.as_ref().is_none_or(|bytes| heat.add(bytes).is_some()));
        if !added || row.elements.is_some_and(|bytes| elements.add(&bytes).is_none()) {
            return Ok(None);
        }
        found += 1;
        if found % 16 == 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok((found == ids.len()).then(|| encode(&kinds, &elements)))
}

fn encode(kinds: &[Heat; 8], elements: &ElementSums) -> DaySum {
    debug_assert_eq!(kinds.len(), HeatKind::all().count());
    let mut kinds = kinds.iter().map(|heat| (!heat.0.is_empty()).then(|| heat.encode()));
    let elements = (!elements.0.is_empty()).then(|| elements.encode());
    std::array::from_fn(|_| kinds.next().unwrap_or_else(|| elements.clone()))
}
