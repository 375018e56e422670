use std::collections::HashMap;

use sqlx::PgPool;

use crate::analysis::heat::{ElementKey, ElementSums};
use crate::event::ElementBox;
use crate::query::wireframe::Name;
use crate::query::{QueryError, WireElement};

/// A dialog or menu of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overlay {
    /// What it is.
    pub element: WireElement,
    /// Page views that had it open.
    pub views: u64,
    /// Is it open in what is shown?
    pub is_open: bool,
}

/// What the dialogs and menus of these pages are called.
pub(super) async fn names(pool: &PgPool, pages: &[i32]) -> Result<HashMap<ElementKey, Name>, QueryError> {
    let rows = sqlx::query!(
        r#"select distinct on (hash) hash, tag, role, selectors[1] as selector from core.element_name
           where page_id = any($1) and (tag = 'dialog' or role in ('dialog', 'alertdialog', 'menu')) order by hash"#,
        pages
    );
    let named = rows.fetch_all(pool).await?.into_iter().map(|row| {
        let key = ElementKey::of(&row.hash);
        (key, Name { key, tag: row.tag, role: row.role, selector: row.selector.unwrap_or_default() })
    });
    Ok(named.collect())
}

/// Those that were open in any page view, most often first. A closed one has no box, so that no page view describes it.
pub(super) fn overlays(
    names: &HashMap<ElementKey, Name>,
    known: &HashMap<ElementKey, WireElement>,
    sums: &ElementSums,
    open: Option<ElementKey>,
) -> Vec<Overlay> {
    let overlay = |(key, name): (&ElementKey, &Name)| {
        let views = sums.0.get(key).map_or(0, |sum| sum.views);
        let element = known.get(key).cloned().unwrap_or_else(|| without_box(name));
        (views > 0).then_some(Overlay { element, views, is_open: open == Some(*key) })
    };
    let mut overlays: Vec<Overlay> = names.iter().filter_map(overlay).collect();
    overlays.sort_by_key(|overlay| (std::cmp::Reverse(overlay.views), overlay.element.key));
    overlays
}

/// An element of which only the name is known.
pub(super) fn without_box(name: &Name) -> WireElement {
    WireElement {
        key: name.key,
        number: 0,
        parent: 0,
        rect: ElementBox::default(),
        flags: 0,
        text_length: 0,
        tag: name.tag.clone(),
        role: name.role.clone(),
        selector: name.selector.clone(),
    }
}
