use chrono::NaiveDate;
use sqlx::PgPool;

use super::QueryError;

use crate::event::Device;

/// Pages that a list holds at most.
const MAX_PAGES: i64 = 200;

/// A page and how often it was viewed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageCount {
    /// Its number.
    pub page_id: i32,
    /// Its path.
    pub path: String,
    /// Page views.
    pub views: i64,
    /// Suspect page views, whether they are among them or not.
    pub suspects: i64,
}

/// The pages of a site that a class of devices viewed on these days (UTC, both included), most viewed first; at most 200. Without the suspect
/// ones, pages that have no other page views come last, with none.
pub async fn pages(
    pool: &PgPool,
    site_id: i32,
    device: Device,
    (from, to): (NaiveDate, NaiveDate),
    with_suspects: bool,
) -> Result<Vec<PageCount>, QueryError> {
    let rows = sqlx::query_as!(
        PageCount,
        r#"select p.page_id, p.path, v.views as "views!", v.suspects as "suspects!"
           from (select page_id, count(*) filter (where $6 or suspect = 0) as views, count(*) filter (where suspect <> 0) as suspects
                 from core.page_view
                 where site_id = $1 and device = $2 and day between $3 and $4 and events > 0
                 group by page_id order by views desc, page_id limit $5) v
           join core.page p on p.page_id = v.page_id order by v.views desc, p.path"#,
        site_id,
        device.code(),
        from,
        to,
        MAX_PAGES,
        with_suspects
    );
    Ok(rows.fetch_all(pool).await?)
}

/// The page with this path. Postgres keeps no U+0000, so nothing with one is a path.
pub async fn find_page(pool: &PgPool, site_id: i32, path: &str) -> Result<Option<i32>, QueryError> {
    if path.contains('\0') {
        return Ok(None);
    }
    let row = sqlx::query_scalar!("select page_id from core.page where site_id = $1 and path = $2", site_id, path);
    Ok(row.fetch_optional(pool).await?)
}
