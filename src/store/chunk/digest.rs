use std::collections::HashMap;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{ChunkKey, NewChunk};
use crate::event::PageViewId;
use crate::store::StoreError;

/// What is kept of a frame's bytes to tell them from others: the first 8 bytes of SHA-256, big endian. Nobody but the holder of a page view's
/// token can try to find two frames with one digest, and would only spoil recordings of their own.
pub fn digest(bytes: &[u8]) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(bytes));
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The digests of chunks that stand there. Asks nothing where there are none, which is the usual case.
pub(super) async fn standing(connection: &mut PgConnection, chunks: &[&NewChunk]) -> Result<HashMap<ChunkKey, Option<i64>>, StoreError> {
    if chunks.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = chunks.iter().map(|chunk| chunk.page_view.id.get()).collect();
    let seqs: Vec<i32> = chunks.iter().map(|chunk| chunk.frame.seq as i32).collect();
    let days: Vec<NaiveDate> = chunks.iter().map(|chunk| chunk.page_view.id.day()).collect();
    // The days stand there twice: as part of the key, and to leave all other partitions out.
    let rows = sqlx::query!(
        "select c.page_view_id, c.seq, c.digest
         from unnest($1::int8[], $2::int4[], $3::date[]) as u(page_view_id, seq, day)
         join core.pointer_chunk c on c.page_view_id = u.page_view_id and c.seq = u.seq and c.day = u.day
         where c.day = any ($3)",
        &ids,
        &seqs,
        &days
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().filter_map(|row| Some(((PageViewId::from_i64(row.page_view_id)?, row.seq as u32), row.digest))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_beginning_of_sha_256() {
        // SHA-256 of nothing begins with e3b0c44298fc1c14.
        assert_eq!(digest(b""), 0xe3b0_c442_98fc_1c14_u64 as i64);
        assert_ne!(digest(b"a"), digest(b"b"));
    }
}
