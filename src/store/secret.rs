use chrono::NaiveDate;

use super::lease::in_time;
use super::{Store, StoreError};
use sqlx::PgConnection;

impl Store {
    /// The named key: 32 random bytes that the first collector on this database made.
    pub async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let found = secret(&mut lease, name).await;
            lease.end(found)
        })
        .await
    }

    /// The salt of a day's visitor hashes. Collectors on one database share it, restarts keep it, and two days later it is gone.
    pub async fn visitor_salt(&self, day: NaiveDate) -> Result<[u8; 32], StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let found = salt(&mut lease, day).await;
            lease.end(found)
        })
        .await
    }

    /// Throws away the salts of the days before yesterday.
    pub async fn forget_salts(&self, today: NaiveDate) -> Result<(), StoreError> {
        in_time(async {
            let yesterday = today.pred_opt().unwrap_or_default();
            let mut lease = self.lease().await?;
            let deleted = sqlx::query!("delete from core.visitor_salt where day < $1", yesterday).execute(&mut *lease).await;
            lease.end(deleted.map(|_| ()).map_err(StoreError::from))
        })
        .await
    }
}

async fn secret(connection: &mut PgConnection, name: &str) -> Result<[u8; 32], StoreError> {
    let fresh: [u8; 32] = rand::random();
    sqlx::query!("insert into core.secret (name, value) values ($1, $2) on conflict do nothing", name, &fresh[..])
        .execute(&mut *connection)
        .await?;
    let value = sqlx::query_scalar!("select value from core.secret where name = $1", name).fetch_one(connection).await?;
    value.try_into().map_err(|_| StoreError::Missing("secret of 32 bytes"))
}

async fn salt(connection: &mut PgConnection, day: NaiveDate) -> Result<[u8; 32], StoreError> {
    let fresh: [u8; 32] = rand::random();
    sqlx::query!("insert into core.visitor_salt (day, salt) values ($1, $2) on conflict do nothing", day, &fresh[..])
        .execute(&mut *connection)
        .await?;
    let salt = sqlx::query_scalar!("select salt from core.visitor_salt where day = $1", day).fetch_one(connection).await?;
    salt.try_into().map_err(|_| StoreError::Missing("salt of 32 bytes"))
}
