use chrono::NaiveDate;
use sqlx::PgPool;

use super::QueryError;
use crate::analysis::Breakpoints;
use crate::event::PageViewId;

/// Page views whose widths are counted at most: the newest ones.
const MAX_VIEWS: i64 = 100_000;

/// The breakpoints of a site, and where they come from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SiteWidth {
    /// Between its classes of widths.
    pub breakpoints: Breakpoints,
    /// Who made them.
    pub origin: WidthOrigin,
}

/// Where breakpoints come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WidthOrigin {
    /// From nobody: the site has not had enough page views yet.
    #[default]
    Default,
    /// From the widths that were seen.
    Learnt,
    /// From a person.
    Set,
}

/// The breakpoints of a site; the default ones where nothing was learnt yet.
pub async fn breakpoints(pool: &PgPool, site_id: i32) -> Result<Breakpoints, QueryError> {
    Ok(site_width(pool, site_id).await?.breakpoints)
}

/// The same with their origin.
pub async fn site_width(pool: &PgPool, site_id: i32) -> Result<SiteWidth, QueryError> {
    let row = sqlx::query!("select breakpoints, is_learnt from core.site_width where site_id = $1", site_id).fetch_optional(pool).await?;
    let known = row.and_then(|row| {
        let origin = if row.is_learnt { WidthOrigin::Learnt } else { WidthOrigin::Set };
        Some(SiteWidth { breakpoints: Breakpoints::new(row.breakpoints).ok()?, origin })
    });
    Ok(known.unwrap_or_default())
}

/// Viewport widths of the page views since this day (UTC) and how often each was seen, narrow ones first. Of more than 100,000 page views the
/// newest count; suspect ones and those without an event don't.
pub async fn widths_seen(pool: &PgPool, site_id: i32, since: NaiveDate) -> Result<Vec<(i32, i64)>, QueryError> {
    // Ids begin with their day, so the newest ones stand at the end of the primary key.
    let first = PageViewId::new(since.and_time(chrono::NaiveTime::MIN).and_utc(), 0).get();
    let rows = sqlx::query!(
        r#"select viewport_w, count(*) as "views!"
           from (select viewport_w from core.page_view
                 where site_id = $1 and page_view_id >= $2 and events > 0 and suspect = 0 order by page_view_id desc limit $3) v
           group by viewport_w order by viewport_w"#,
        site_id,
        first,
        MAX_VIEWS
    );
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.viewport_w, row.views)).collect())
}
