use super::lease::in_time;
use super::{Store, StoreError};

/// What the collector knows of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestSite {
    /// Its number.
    pub site_id: i32,
    /// Origins whose pages may send; `*` alone allows every one.
    pub origins: Vec<String>,
}

impl Store {
    /// The site of a public key; `None` where there is none or it is disabled.
    pub async fn find_ingest_site(&self, public_key: &str) -> Result<Option<IngestSite>, StoreError> {
        // Postgres takes no text with it, and who asks would ask for ever.
        if public_key.contains('\0') {
            return Ok(None);
        }
        in_time(async {
            let mut lease = self.lease().await?;
            let site = sqlx::query_as!(
                IngestSite,
                "select site_id, origins from core.site where public_key = $1 and disabled_at is null",
                public_key
            )
            .fetch_optional(&mut *lease)
            .await;
            lease.end(site.map_err(StoreError::from))
        })
        .await
    }
}
