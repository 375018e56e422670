use std::collections::HashSet;

use sqlx::PgPool;

use super::{HeatVersion, HeatViews, build_heat};
use crate::analysis::heat::ElementKey;
use crate::event::PageViewId;
use crate::query::QueryError;

/// Those of the page views that clicked an element. Only one number is read of each whose heat is stored.
pub async fn clicked_views(pool: &PgPool, views: &HeatViews, key: ElementKey) -> Result<HashSet<i64>, QueryError> {
    let mut connection = pool.acquire().await?;
    let mut clicked = HashSet::new();
    let mut missing = Vec::new();
    for of_day in views.views.chunk_by(|one, other| one.page_view_id >> 48 == other.page_view_id >> 48) {
        let Some(day) = PageViewId::from_i64(of_day[0].page_view_id).map(PageViewId::day) else { continue };
        let ids: Vec<i64> = of_day.iter().map(|view| view.page_view_id).collect();
        let rows = sqlx::query!(
            r#"select page_view_id, form, events, outlined, coalesce($3 = any(clicked), false) as "is_clicked!"
               from core.heat_view where page_view_id = any($1) and day = $2"#,
            &ids,
            day,
            key.0
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut known = HashSet::with_capacity(rows.len());
        for row in rows {
            let version = HeatVersion { form: row.form, events: row.events, outlined: row.outlined };
            if views.get(row.page_view_id).is_some_and(|view| view.version == version) {
                known.insert(row.page_view_id);
                if row.is_clicked {
                    clicked.insert(row.page_view_id);
                }
            }
        }
        missing.extend(ids.into_iter().filter(|id| !known.contains(id)));
    }
    build_heat(&mut connection, &missing, |built| {
        if built.heat.clicked().contains(&key.0) {
            clicked.insert(built.page_view_id);
        }
    })
    .await?;
    Ok(clicked)
}
