use super::forget::is_forgotten;
use super::{IngestSite, Store, StoreError};
use crate::event::PageViewId;

/// What one page view may record, bytes as stored.
const MAX_RECORDING_BYTES: i64 = 64 << 20;

/// A part of a recording, as it was posted.
pub struct NewPart {
    /// The page view that was recorded.
    pub page_view: PageViewId,
    /// Its site.
    pub site_id: i32,
    /// From 1.
    pub part: u32,
    /// The first 16 bytes of SHA-256 over `bytes`.
    pub digest: [u8; 16],
    /// At most 1 MiB.
    pub bytes: Vec<u8>,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in Postgres, now or since earlier.
    Stored,
    /// Another one was stored under its number before, and stays.
    Conflict,
    /// The page view has recorded too much already.
    Limit,
    /// The page view was erased.
    Forgotten,
    /// There is no such page view.
    Nothing,
}

impl Store {
    /// The site of a public key, for an upload: it must not wait for, or take, a connection of those who send frames.
    pub async fn find_upload_site(&self, public_key: &str) -> Result<Option<IngestSite>, StoreError> {
        let site =
            sqlx::query_as!(IngestSite, "select site_id, origins from core.site where public_key = $1 and disabled_at is null", public_key)
                .fetch_optional(&self.upload)
                .await?;
        Ok(site)
    }

    /// Stores a part of a recording: committed when this returns. Storing it again is harmless.
    pub async fn store_part(&self, new: &NewPart) -> Result<Kept, StoreError> {
        self.ensure_partitions([new.page_view.day()]).await?;
        // A part that another connection stores at the same time can be seen on the second look only.
        for _ in 0..2 {
            let row = sqlx::query!(
                r#"with view as (
                       select page_view_id, day, site_id, session_id from core.page_view where page_view_id = $1 and site_id = $2 for key share
                   ), kept as (
                       insert into core.recording_part (page_view_id, part, day, site_id, session_id, digest, size, bytes)
                       select page_view_id, $3, day, site_id, session_id, $4, octet_length($5::bytea), $5::bytea from view
                       where $6::int8 >= octet_length($5::bytea)
                                 + (select coalesce(sum(size), 0) from core.recording_part where page_view_id = $1 and day = $7)
                       on conflict do nothing
                       returning part
                   )
                   select exists (select from view) as "is_there!", exists (select from kept) as "is_new!",
                          (select digest from core.recording_part where page_view_id = $1 and part = $3 and day = $7) as known"#,
                new.page_view.get(),
                new.site_id,
                new.part as i32,
                &new.digest[..],
                &new.bytes,
                MAX_RECORDING_BYTES,
                new.page_view.day()
            )
            .fetch_one(&self.upload)
            .await?;
            match row.known {
                _ if row.is_new => return Ok(Kept::Stored),
                _ if !row.is_there => {
                    let is_forgotten = is_forgotten(&self.upload, new.page_view).await?;
                    return Ok(if is_forgotten { Kept::Forgotten } else { Kept::Nothing });
                }
                Some(known) => return Ok(if known == new.digest { Kept::Stored } else { Kept::Conflict }),
                None => {}
            }
        }
        Ok(Kept::Limit)
    }
}
