use super::{Store, StoreError};
use crate::event::{PageViewId, Suspect};

impl Store {
    /// Marks page views that turned out to be suspect after they began. Those that are not there are left out.
    pub async fn mark_suspect(&self, ids: &[PageViewId], suspect: Suspect) -> Result<(), StoreError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        sqlx::query!("select core.mark_suspect($1, $2)", &ids, suspect.bits()).fetch_one(&self.ingest).await?;
        Ok(())
    }

    /// Erases suspect page views of a site, at most so many, and returns how many it were: less than asked for where none is left.
    pub async fn forget_suspects(&self, site_id: i32, at_most: i32) -> Result<i32, StoreError> {
        let erased = sqlx::query_scalar!(r#"select core.forget_suspects($1, $2) as "erased!""#, site_id, at_most);
        Ok(erased.fetch_one(&self.admin).await?)
    }
}
