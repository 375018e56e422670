use super::{Store, StoreError};

impl Store {
    /// Keeps the breakpoints that a person set for a site: they are not learnt any more.
    pub async fn set_breakpoints(&self, site_id: i32, widths: &[i32]) -> Result<(), StoreError> {
        let set = sqlx::query!(
            "insert into core.site_width (site_id, breakpoints, is_learnt) values ($1, $2, false)
             on conflict (site_id) do update set breakpoints = excluded.breakpoints, is_learnt = false, changed_at = now()",
            site_id,
            widths
        );
        set.execute(&self.admin).await?;
        self.sum_heat_anew(site_id).await
    }

    /// Keeps learnt breakpoints, unless a person set some meanwhile. What stays as it was keeps its time.
    pub async fn learn_breakpoints(&self, site_id: i32, widths: &[i32]) -> Result<(), StoreError> {
        let learnt = sqlx::query!(
            "insert into core.site_width (site_id, breakpoints, is_learnt) values ($1, $2, true)
             on conflict (site_id) do update set breakpoints = excluded.breakpoints, changed_at = now()
             where site_width.is_learnt and site_width.breakpoints <> excluded.breakpoints",
            site_id,
            widths
        );
        let changed = learnt.execute(&self.admin).await?.rows_affected();
        if changed > 0 { self.sum_heat_anew(site_id).await } else { Ok(()) }
    }

    /// Forgets the breakpoints of a site: it has the default ones until they are learnt again.
    pub async fn forget_breakpoints(&self, site_id: i32) -> Result<(), StoreError> {
        sqlx::query!("delete from core.site_width where site_id = $1", site_id).execute(&self.admin).await?;
        self.sum_heat_anew(site_id).await
    }

    /// The sums of days are kept by class of widths: those of the classes before are of no use any more.
    async fn sum_heat_anew(&self, site_id: i32) -> Result<(), StoreError> {
        let due = sqlx::query!("select core.heat_is_due(array_agg(distinct day)) from core.heat_day where site_id = $1", site_id);
        due.fetch_one(&self.admin).await?;
        Ok(())
    }
}
