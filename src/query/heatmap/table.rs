use std::cmp::Reverse;
use std::collections::HashMap;

use sqlx::PgPool;

use super::overlay::without_box;
use crate::analysis::heat::{Background, ElementKey, ElementSum, ElementSums};
use crate::query::wireframe::Name;
use crate::query::{QueryError, WireElement};

/// Pages of a template whose names are searched for elements that the background doesn't have.
const NAMED_PAGES: usize = 50;

/// What happened on one element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElementRow {
    /// What it is.
    pub element: WireElement,
    /// Does it stand in the background, seen or not?
    pub is_placed: bool,
    /// What happened.
    pub sum: ElementSum,
}

/// All elements that page views described, those with the most attention first.
pub(super) async fn table(
    pool: &PgPool,
    pages: &[i32],
    sums: &ElementSums,
    known: &HashMap<ElementKey, WireElement>,
    background: &Background,
) -> Result<Vec<ElementRow>, QueryError> {
    let missing: Vec<ElementKey> = sums.0.keys().copied().filter(|key| *key != ElementKey::DOCUMENT && !known.contains_key(key)).collect();
    let names = names(pool, &pages[..pages.len().min(NAMED_PAGES)], &missing).await?;
    let row = |(key, sum): (&ElementKey, &ElementSum)| {
        let element = known.get(key).cloned().or_else(|| names.get(key).map(without_box))?;
        Some(ElementRow { element, is_placed: background.boxes.contains_key(key), sum: *sum })
    };
    let mut rows: Vec<ElementRow> = sums.0.iter().filter_map(row).collect();
    rows.sort_by_key(|row| (Reverse((row.sum.attention_ms, row.sum.hover_ms, row.sum.clicks)), row.element.key));
    Ok(rows)
}

async fn names(pool: &PgPool, pages: &[i32], keys: &[ElementKey]) -> Result<HashMap<ElementKey, Name>, QueryError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let prefixes: Vec<Vec<u8>> = keys.iter().map(|key| key.0.to_be_bytes()[2..].to_vec()).collect();
    // element_name_page_hash_key has all names of a page together.
    let rows = sqlx::query!(
        r#"select hash, tag, role, selectors[1] as selector from core.element_name where page_id = any($1) and substr(hash, 1, 6) = any($2)"#,
        pages,
        &prefixes
    );
    let named = rows.fetch_all(pool).await?.into_iter().map(|row| {
        let key = ElementKey::of(&row.hash);
        (key, Name { key, tag: row.tag, role: row.role, selector: row.selector.unwrap_or_default() })
    });
    Ok(named.collect())
}
