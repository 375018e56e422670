use chrono::{NaiveDate, Utc};

use super::{Store, StoreError};

impl Store {
    /// The named key: 32 random bytes that the first collector on this database made.
    pub async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let fresh: [u8; 32] = rand::random();
        sqlx::query!("insert into core.secret (name, value) values ($1, $2) on conflict do nothing", name, &fresh[..])
            .execute(&self.ingest)
            .await?;
        let value = sqlx::query_scalar!("select value from core.secret where name = $1", name).fetch_one(&self.ingest).await?;
        value.try_into().map_err(|_| StoreError::Missing("secret of 32 bytes"))
    }

    /// The salt of a day's visitor hashes. Collectors on one database share it, restarts keep it, and two days later it is gone.
    pub async fn visitor_salt(&self, day: NaiveDate) -> Result<[u8; 32], StoreError> {
        let fresh: [u8; 32] = rand::random();
        sqlx::query!("insert into core.visitor_salt (day, salt) values ($1, $2) on conflict do nothing", day, &fresh[..])
            .execute(&self.ingest)
            .await?;
        let salt = sqlx::query_scalar!("select salt from core.visitor_salt where day = $1", day).fetch_one(&self.ingest).await?;
        salt.try_into().map_err(|_| StoreError::Missing("salt of 32 bytes"))
    }

    /// Throws away the salts of the days before yesterday.
    pub async fn forget_salts(&self) -> Result<(), StoreError> {
        let yesterday = Utc::now().date_naive().pred_opt().unwrap_or_default();
        sqlx::query!("delete from core.visitor_salt where day < $1", yesterday).execute(&self.ingest).await?;
        Ok(())
    }
}
