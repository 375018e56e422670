use std::collections::HashSet;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{ChunkKey, NewChunk};
use crate::event::{Element, PageViewId};
use crate::store::StoreError;

/// The elements of a batch as flat arrays: one value an element.
#[derive(Default)]
struct Columns {
    page_view_id: Vec<i64>,
    seq: Vec<i32>,
    offset_ms: Vec<Option<i32>>,
    site_id: Vec<i32>,
    page_id: Vec<i32>,
    hash: Vec<Vec<u8>>,
    tag: Vec<String>,
    role: Vec<String>,
    selectors: Vec<String>,
    selectors_from: Vec<i32>,
    selectors_to: Vec<i32>,
    number: Vec<i16>,
    parent: Vec<i16>,
    flags: Vec<i16>,
    x: Vec<i32>,
    y: Vec<i32>,
    w: Vec<i32>,
    h: Vec<i32>,
    text_length: Vec<i32>,
}

impl Columns {
    fn push(&mut self, chunk: &NewChunk, element: &Element) {
        self.page_view_id.push(chunk.page_view.id.get());
        self.seq.push(chunk.frame.seq as i32);
        self.offset_ms.push(chunk.frame.is_outline().then_some(chunk.frame.t0_ms as i32));
        self.site_id.push(chunk.page_view.site_id);
        self.page_id.push(chunk.page_view.page_id);
        self.hash.push(hash(element));
        self.tag.push(element.tag.clone());
        self.role.push(element.role.clone());
        self.selectors_from.push(self.selectors.len() as i32 + 1);
        self.selectors.extend(element.selectors.iter().cloned());
        self.selectors_to.push(self.selectors.len() as i32);
        self.number.push(element.number as i16);
        self.parent.push(element.parent as i16);
        self.flags.push(i16::from(element.nature()));
        self.x.push(element.rect.x);
        self.y.push(element.rect.y);
        self.w.push(element.rect.w as i32);
        self.h.push(element.rect.h as i32);
        self.text_length.push(element.text_length as i32);
    }
}

/// Stores outlines, one a page view. They have no row of their own in `pointer_chunk`, so their boxes are what tells
/// whether they came before. Returns the keys of those that were new.
pub(super) async fn insert_outlines(connection: &mut PgConnection, mut outlines: Vec<&NewChunk>) -> Result<HashSet<ChunkKey>, StoreError> {
    if outlines.is_empty() {
        return Ok(HashSet::new());
    }
    // Looked for first: names that only a second outline brings are not stored.
    let ids: Vec<i64> = outlines.iter().map(|chunk| chunk.page_view.id.get()).collect();
    let days: Vec<NaiveDate> = outlines.iter().map(|chunk| chunk.page_view.id.day()).collect();
    let known = sqlx::query_scalar!(
        "select page_view_id from core.element_box where page_view_id = any ($1) and day = any ($2) and seq = 0",
        &ids,
        &days
    )
    .fetch_all(&mut *connection)
    .await?;
    outlines.retain(|chunk| !known.contains(&chunk.page_view.id.get()));
    write(connection, &outlines).await
}

/// Stores what the inserted chunks say of elements: names once a page, boxes once a chunk.
pub(super) async fn insert(connection: &mut PgConnection, chunks: &[&NewChunk]) -> Result<(), StoreError> {
    write(connection, chunks).await?;
    Ok(())
}

async fn write(connection: &mut PgConnection, chunks: &[&NewChunk]) -> Result<HashSet<ChunkKey>, StoreError> {
    let mut columns = Columns::default();
    for chunk in chunks {
        for element in &chunk.frame.elements {
            columns.push(chunk, element);
        }
    }
    if columns.seq.is_empty() {
        return Ok(HashSet::new());
    }
    let c = &columns;
    // Sorted, so that two writers that bring the same new names never wait for each other in a circle. Names that are there are not inserted:
    // each try would burn a number of the identity.
    sqlx::query!(
        "insert into core.element_name (page_id, hash, tag, role, selectors)
         select distinct on (page_id, hash) page_id, hash, tag, role, ($5::text[])[s1:s2]
         from unnest($1::int4[], $2::bytea[], $3::text[], $4::text[], $6::int4[], $7::int4[]) as u(page_id, hash, tag, role, s1, s2)
         where not exists (select from core.element_name n where n.page_id = u.page_id and n.hash = u.hash)
         order by page_id, hash
         on conflict do nothing",
        &c.page_id,
        &c.hash,
        &c.tag,
        &c.role,
        &c.selectors,
        &c.selectors_from,
        &c.selectors_to
    )
    .execute(&mut *connection)
    .await?;
    let rows = sqlx::query!(
        "insert into core.element_box (page_view_id, seq, day, site_id, page_id, number, name_id, parent, flags, x, y, w, h, text_length,
                                       offset_ms)
         select u.page_view_id, u.seq, date '2020-01-01' + (u.page_view_id >> 48)::int, u.site_id, u.page_id,
                array_agg(u.number order by i), array_agg(n.name_id order by i), array_agg(u.parent order by i), array_agg(u.flags order by i),
                array_agg(u.x order by i), array_agg(u.y order by i), array_agg(u.w order by i), array_agg(u.h order by i),
                array_agg(u.text_length order by i), min(u.offset_ms)
         from unnest($1::int8[], $2::int4[], $3::int4[], $4::int4[], $5::bytea[], $6::int2[], $7::int2[], $8::int2[],
                     $9::int4[], $10::int4[], $11::int4[], $12::int4[], $13::int4[], $14::int4[])
              with ordinality as u(page_view_id, seq, site_id, page_id, hash, number, parent, flags, x, y, w, h, text_length, offset_ms, i)
         join core.element_name n on n.page_id = u.page_id and n.hash = u.hash
         group by u.page_view_id, u.seq, u.site_id, u.page_id
         order by u.page_view_id, u.seq
         on conflict do nothing
         returning page_view_id, seq",
        &c.page_view_id,
        &c.seq,
        &c.site_id,
        &c.page_id,
        &c.hash,
        &c.number,
        &c.parent,
        &c.flags,
        &c.x,
        &c.y,
        &c.w,
        &c.h,
        &c.text_length,
        &c.offset_ms as &[Option<i32>]
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows.iter().filter_map(|row| Some((PageViewId::from_i64(row.page_view_id)?, row.seq as u32))).collect())
}

/// What makes two descriptions the same element: everything but where it is.
fn hash(element: &Element) -> Vec<u8> {
    let mut hash = Sha256::new();
    // The best selector tells an element; what stands behind it may change with the page around it.
    for text in [&element.tag, &element.role].into_iter().chain(element.selectors.first()) {
        // The length before each text: otherwise ("ab", "c") and ("a", "bc") would be one.
        hash.update((text.len() as u32).to_le_bytes());
        hash.update(text);
    }
    hash.finalize()[..16].to_vec()
}
