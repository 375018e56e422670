use super::{Store, StoreError};
use crate::event::Template;

impl Store {
    /// Makes a template a rule of a site. One that is a rule already, or more than 200 of them, change nothing; false in the latter case.
    pub async fn add_page_rule(&self, site_id: i32, template: &Template) -> Result<bool, StoreError> {
        let template = template.to_string();
        let added = sqlx::query_scalar!(
            r#"with kept as (delete from core.page_rule_dismissed where site_id = $1 and template = $2),
               added as (
                   insert into core.page_rule (site_id, template)
                   select $1, $2 where (select count(*) from core.page_rule where site_id = $1) < 200
                   on conflict do nothing returning rule_id)
               select exists (select from added) or exists (select from core.page_rule where site_id = $1 and template = $2) as "added!""#,
            site_id,
            template
        );
        Ok(added.fetch_one(&self.admin).await?)
    }

    /// Removes a rule; its pages are pages of their own again.
    pub async fn remove_page_rule(&self, site_id: i32, template: &Template) -> Result<(), StoreError> {
        let removed = sqlx::query!("delete from core.page_rule where site_id = $1 and template = $2", site_id, template.to_string());
        removed.execute(&self.admin).await?;
        Ok(())
    }

    /// Remembers that a template is not to be proposed again.
    pub async fn dismiss_template(&self, site_id: i32, template: &Template) -> Result<(), StoreError> {
        let dismissed = sqlx::query!(
            "insert into core.page_rule_dismissed (site_id, template) values ($1, $2) on conflict do nothing",
            site_id,
            template.to_string()
        );
        dismissed.execute(&self.admin).await?;
        Ok(())
    }
}
