use chrono::{Days, NaiveDate};

use crate::analysis::width;
use crate::query::{self, QueryError, WidthOrigin};
use crate::store::{Store, StoreError};

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// Postgres did not answer a read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Postgres did not take a write.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Learns the breakpoints of every site that a person has not set them for, and that had at least 200 page views in 28 days.
pub async fn learn_widths(store: &Store, today: NaiveDate) -> Result<(), LearnError> {
    for site in store.list_sites().await? {
        learn_width(store, site.site_id, today).await?;
    }
    Ok(())
}

/// Learns the breakpoints of one site; false where a person has set them, or there were too few page views.
pub async fn learn_width(store: &Store, site_id: i32, today: NaiveDate) -> Result<bool, LearnError> {
    let known = query::site_width(&store.admin, site_id).await?;
    if known.origin == WidthOrigin::Set {
        return Ok(false);
    }
    let seen = query::widths_seen(&store.admin, site_id, today - Days::new(width::LEARN_DAYS - 1)).await?;
    if !width::is_enough(&seen) {
        return Ok(false);
    }
    let learnt = match known.origin {
        WidthOrigin::Learnt => width::relearn(&known.breakpoints, &seen),
        _ => width::learn(&seen),
    };
    store.learn_breakpoints(site_id, learnt.widths()).await?;
    Ok(true)
}
