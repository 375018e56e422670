use std::ops::Range;

use chrono::NaiveDate;
use sqlx::PgPool;

use super::HeatVersion;
use crate::event::Device;
use crate::query::QueryError;

/// Which page views a map is made of.
#[derive(Clone, Copy, Debug)]
pub struct HeatSelection<'a> {
    /// Site of the pages.
    pub site_id: i32,
    /// The page, or those of a template.
    pub page_ids: &'a [i32],
    /// Class of device.
    pub device: Device,
    /// First day (UTC) on which they began.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Suspect page views as well.
    pub suspects: bool,
    /// Of these only those with these ids, ascending: what a filter found. `None` for all.
    pub selected: Option<&'a [i64]>,
}

/// A page view, as far as heat has to know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeatView {
    /// Its id, which carries its day.
    pub page_view_id: i64,
    /// Its session.
    pub session_id: i64,
    /// Its page.
    pub page_id: i32,
    /// Width of its viewport, CSS px.
    pub viewport_w: i32,
    /// What its heat has to be built from.
    pub version: HeatVersion,
}

/// How many page views and sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HeatNumbers {
    /// Page views.
    pub views: u64,
    /// Sessions that they belong to.
    pub sessions: u64,
}

/// The page views of a selection that have events, ascending by id and so by day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeatViews {
    pub(super) site_id: i32,
    pub(super) device: Device,
    /// Is it all page views of its pages and days but the suspect ones? Only then may sums of days stand for them.
    pub(super) is_whole: bool,
    pub(super) views: Vec<HeatView>,
}

impl HeatViews {
    /// Finds them: one query, by the index of pages.
    pub async fn find(pool: &PgPool, selection: HeatSelection<'_>) -> Result<Self, QueryError> {
        // An array a column and day instead of a row a page view: 20,000 of them take about 20 ms.
        let rows = sqlx::query!(
            r#"select array_agg(page_view_id) as "page_view_id!", array_agg(session_id) as "session_id!", array_agg(page_id) as "page_id!",
                      array_agg(viewport_w) as "viewport_w!", array_agg(events) as "events!", array_agg(outlined) as "outlined!"
               from core.page_view
               where site_id = $1 and page_id = any($2) and device = $3 and day between $4 and $5 and events > 0 and ($6 or suspect = 0)
               group by day order by day"#,
            selection.site_id,
            selection.page_ids,
            selection.device.code(),
            selection.from,
            selection.to,
            selection.suspects
        )
        .fetch_all(pool)
        .await?;
        let mut views = Vec::with_capacity(rows.iter().map(|row| row.page_view_id.len()).sum());
        for row in rows {
            let ids = row.page_view_id.into_iter().zip(row.session_id);
            let places = row.page_id.into_iter().zip(row.viewport_w);
            let versions = row.events.into_iter().zip(row.outlined);
            views.extend(ids.zip(places).zip(versions).map(|(((page_view_id, session_id), (page_id, viewport_w)), (events, outlined))| {
                HeatView { page_view_id, session_id, page_id, viewport_w, version: HeatVersion::of(events, outlined) }
            }));
        }
        if let Some(selected) = selection.selected {
            views.retain(|view| selected.binary_search(&view.page_view_id).is_ok());
        }
        views.sort_unstable_by_key(|view| view.page_view_id);
        let is_whole = selection.selected.is_none() && !selection.suspects;
        Ok(Self { site_id: selection.site_id, device: selection.device, is_whole, views })
    }

    /// One after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &HeatView> {
        self.views.iter()
    }

    /// The page view with this id.
    pub fn get(&self, page_view_id: i64) -> Option<&HeatView> {
        let at = self.views.binary_search_by_key(&page_view_id, |view| view.page_view_id).ok()?;
        Some(&self.views[at])
    }

    /// How many there are of widths in any of these ranges: exactly, each session once.
    pub fn numbers(&self, widths: &[Range<i32>]) -> HeatNumbers {
        let is_in = |view: &&HeatView| widths.iter().any(|range| range.contains(&view.viewport_w));
        let mut sessions: Vec<i64> = self.views.iter().filter(is_in).map(|view| view.session_id).collect();
        let views = sessions.len() as u64;
        sessions.sort_unstable();
        sessions.dedup();
        HeatNumbers { views, sessions: sessions.len() as u64 }
    }
}
