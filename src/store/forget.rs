use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::lease::in_time;
use super::page_view::short_hash;
use super::{Store, StoreError};
use crate::event::{Nonce, PageViewId};

impl Store {
    /// Erases a page view from every table and sees to it that nothing that is still on its way brings it back.
    /// Erasing it again is harmless, and so is erasing what never was.
    pub async fn forget_page_view(&self, id: PageViewId) -> Result<(), StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let erased = sqlx::query!("select core.forget_page_view($1, $2)", id.get(), id_hash(id)).fetch_one(&mut *lease).await;
            lease.end(erased.map(|_| ()).map_err(StoreError::from))
        })
        .await
    }

    /// The same for a page view whose id the client was never told: the one of this nonce, should it be there or still come.
    pub async fn forget_new_page_view(&self, nonce: Nonce, began_at: DateTime<Utc>, seed: u64) -> Result<(), StoreError> {
        let id = PageViewId::new(began_at, seed);
        match in_time(self.find(id)).await? {
            // Somebody else's, by an odd chance.
            Some((_, hash)) if hash != short_hash(&nonce.0) => Ok(()),
            _ => self.forget_page_view(id).await,
        }
    }
}

/// Was the page view erased?
pub(super) async fn is_forgotten(executor: impl PgExecutor<'_>, id: PageViewId) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(r#"select exists (select from core.tombstone where id_hash = $1) as "found!""#, id_hash(id));
    Ok(found.fetch_one(executor).await?)
}

pub(super) fn id_hash(id: PageViewId) -> Vec<u8> {
    short_hash(&id.get().to_be_bytes())
}
