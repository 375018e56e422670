use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::NewChunk;
use crate::event::{Kind, Note, PointerEvent};
use crate::store::StoreError;

/// The notes of a batch as flat arrays: one value a note.
#[derive(Default)]
struct Columns {
    page_view_id: Vec<i64>,
    seq: Vec<i32>,
    position: Vec<i16>,
    site_id: Vec<i32>,
    page_id: Vec<i32>,
    session_id: Vec<i64>,
    at: Vec<DateTime<Utc>>,
    offset_ms: Vec<i32>,
    kind: Vec<i8>,
    name: Vec<String>,
    value: Vec<String>,
}

impl Columns {
    fn push(&mut self, chunk: &NewChunk, event: &PointerEvent, note: &Note) {
        let view = &chunk.page_view;
        let offset_ms = chunk.frame.t0_ms as i32 + i32::from(event.at_ms);
        self.page_view_id.push(view.id.get());
        self.seq.push(chunk.frame.seq as i32);
        self.position.push(note.index as i16 + 1);
        self.site_id.push(view.site_id);
        self.page_id.push(view.page_id);
        self.session_id.push(view.session_id.get());
        self.at.push(view.began_at + TimeDelta::milliseconds(i64::from(offset_ms)));
        self.offset_ms.push(offset_ms);
        self.kind.push(event.kind.char() as i8);
        self.name.push(note.name.clone());
        self.value.push(if event.kind == Kind::Event { note.json().into_owned() } else { note.value.clone() });
    }
}

/// Stores what the pages said in the inserted chunks. A session is identified by the newest id, in whatever order frames come.
pub(super) async fn insert(connection: &mut PgConnection, chunks: &[&NewChunk]) -> Result<(), StoreError> {
    let mut columns = Columns::default();
    let mut has_id = false;
    for chunk in chunks {
        for note in &chunk.frame.notes {
            let Some(event) = chunk.frame.events.get(note.index) else { continue };
            columns.push(chunk, event, note);
            has_id |= event.kind == Kind::Identify;
        }
    }
    if columns.seq.is_empty() {
        return Ok(());
    }
    let c = &columns;
    sqlx::query!(
        r#"insert into core.note (page_view_id, seq, position, day, site_id, page_id, session_id, at, offset_ms, kind, name, value, props)
           select page_view_id, seq, position, date '2020-01-01' + (page_view_id >> 48)::int, site_id, page_id, session_id, at, offset_ms, kind, name,
                  case when kind = 't' then value end, case when kind = 'p' then nullif(value, '')::jsonb end
           from unnest($1::int8[], $2::int4[], $3::int2[], $4::int4[], $5::int4[], $6::int8[], $7::timestamptz[], $8::int4[], $9::"char"[],
                       $10::text[], $11::text[])
                as u(page_view_id, seq, position, site_id, page_id, session_id, at, offset_ms, kind, name, value)
           on conflict do nothing"#,
        &c.page_view_id,
        &c.seq,
        &c.position,
        &c.site_id,
        &c.page_id,
        &c.session_id,
        &c.at,
        &c.offset_ms,
        &c.kind,
        &c.name,
        &c.value
    )
    .execute(&mut *connection)
    .await?;
    if !has_id {
        return Ok(());
    }
    // The sessions' rows are locked already: their counters came before.
    sqlx::query!(
        r#"update core.session s set identified_as = u.name, identified_at = u.at
           from (select distinct on (session_id) session_id, at, name
                 from unnest($1::int8[], $2::timestamptz[], $3::"char"[], $4::text[]) with ordinality as u(session_id, at, kind, name, i)
                 where kind = 'n' order by session_id, at desc, i desc) u
           where s.session_id = u.session_id and (s.identified_at is null or s.identified_at <= u.at)"#,
        &c.session_id,
        &c.at,
        &c.kind,
        &c.name
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}
