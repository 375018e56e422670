use super::{Store, StoreError};

/// Public key of the demo shop's site. Being public, it may as well be easy to read.
pub const DEMO_KEY: &str = "demo";

impl Store {
    /// Makes the site of the demo shop where it is missing. It takes every origin: people reach a first collector by many names.
    pub async fn ensure_demo_site(&self) -> Result<(), StoreError> {
        sqlx::query!("insert into core.site (public_key, name, origins) values ($1, 'Demo shop', '{*}') on conflict do nothing", DEMO_KEY)
            .execute(&self.admin)
            .await?;
        Ok(())
    }
}
