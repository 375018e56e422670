use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::analysis::heat::{Description, ElementKey};
use crate::event::ElementBox;
use crate::query::QueryError;
use crate::query::element::is_overlay;

/// What the name of an element says.
#[derive(Clone, Copy)]
struct Name {
    key: ElementKey,
    is_overlay: bool,
    is_field: bool,
}

/// All that these page views of one day said of elements, in the order of their frames: an element that moved is there as often as it was described.
pub(super) async fn descriptions(
    connection: &mut PgConnection,
    day: NaiveDate,
    views: &[i64],
) -> Result<HashMap<i64, Vec<Description>>, QueryError> {
    let rows = sqlx::query!(
        "select page_view_id, seq, number, name_id, parent, flags, x, y, w, h, offset_ms from core.element_box
         where page_view_id = any($1) and day = $2 order by page_view_id, seq",
        views,
        day
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut ids: Vec<i32> = rows.iter().flat_map(|row| row.name_id.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = names(connection, &ids).await?;
    let mut out: HashMap<i64, Vec<Description>> = HashMap::new();
    for row in rows {
        let described = out.entry(row.page_view_id).or_default();
        // The arrays are equally long by the way in which they are written; `zip` ends with the shortest if they should not be.
        let places = row.x.into_iter().zip(row.y).zip(row.w.into_iter().zip(row.h));
        let heads = row.number.into_iter().zip(row.name_id).zip(row.parent.into_iter().zip(row.flags));
        for (((number, name_id), (parent, flags)), ((x, y), (w, h))) in heads.zip(places) {
            let Some(name) = names.get(&name_id) else { continue };
            described.push(Description {
                number: number.max(0) as u16,
                parent: parent.max(0) as u16,
                key: name.key,
                flags: flags as u8,
                is_overlay: name.is_overlay,
                is_field: name.is_field,
                rect: ElementBox { x, y, w: w.max(0) as u32, h: h.max(0) as u32 },
                seq: row.seq,
                outline_ms: row.offset_ms.map(|offset_ms| offset_ms.max(0) as u32),
            });
        }
    }
    Ok(out)
}

async fn names(connection: &mut PgConnection, ids: &[i32]) -> Result<HashMap<i32, Name>, QueryError> {
    let rows = sqlx::query!("select name_id, hash, tag, role from core.element_name where name_id = any($1)", ids);
    let named = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let (tag, role) = (row.tag.as_str(), row.role.as_str());
        let name = Name { key: ElementKey::of(&row.hash), is_overlay: is_overlay(tag, role), is_field: is_field(tag, role) };
        (row.name_id, name)
    });
    Ok(named.collect())
}

/// Does the browser answer a press on it, without any script of the page?
fn is_field(tag: &str, role: &str) -> bool {
    matches!(tag, "input" | "select" | "textarea" | "option" | "label" | "summary" | "video" | "audio" | "iframe")
        || matches!(role, "textbox" | "combobox" | "searchbox" | "slider")
}
