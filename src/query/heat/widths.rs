use std::collections::HashMap;
use std::ops::Range;

use sqlx::PgPool;

use crate::analysis::Breakpoints;
use crate::query::QueryError;

/// Classes of widths of all sites: what sums of days are kept for.
pub(super) struct Widths {
    usual: Vec<Range<i32>>,
    by_site: HashMap<i32, Vec<Range<i32>>>,
}

impl Widths {
    /// As they are now.
    pub async fn read(pool: &PgPool) -> Result<Self, QueryError> {
        let rows = sqlx::query!("select site_id, breakpoints from core.site_width").fetch_all(pool).await?;
        let by_site = rows.into_iter().filter_map(|row| Some((row.site_id, Breakpoints::new(row.breakpoints).ok()?.classes().collect())));
        Ok(Self { usual: Breakpoints::default().classes().collect(), by_site: by_site.collect() })
    }

    /// The class of a viewport width on this site.
    pub fn class_of(&self, site_id: i32, width: i32) -> Option<Range<i32>> {
        self.by_site.get(&site_id).unwrap_or(&self.usual).iter().find(|range| range.contains(&width)).cloned()
    }
}
