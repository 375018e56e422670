use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use sqlx::PgPool;

use super::width::breakpoints;
use super::{QueryError, WireElement};
use crate::analysis::heat::ElementKey;
use crate::event::{ElementBox, ElementFlags, PageViewId};

/// Elements that a wireframe has at most: the most recently described ones.
const MAX_ELEMENTS: usize = 600;
/// Rows of `element_box` that a wireframe reads at most.
const MAX_ROWS: i64 = 5_000;

/// An element as one page view described it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Described {
    pub page_view_id: i64,
    /// Frame that described it; 0 for the outline.
    pub seq: i32,
    /// Time of the outline, ms since the page view began; `None` where a frame described it.
    pub outline_ms: Option<u32>,
    pub number: u16,
    pub name_id: i32,
    pub parent: u16,
    pub flags: u8,
    pub rect: ElementBox,
    pub text_length: u32,
}

/// The elements that these page views described, each with its latest box. An element inside a fixed one is fixed, too.
pub(super) async fn described(pool: &PgPool, views: &[i64]) -> Result<HashMap<i64, Vec<Described>>, QueryError> {
    let Some(days) = days(views) else { return Ok(HashMap::new()) };
    let rows = sqlx::query!(
        "select page_view_id, seq, number, name_id, parent, flags, x, y, w, h, text_length, offset_ms from core.element_box
         where page_view_id = any($1) and day between $2 and $3 order by page_view_id, seq desc limit $4",
        views,
        days.start(),
        days.end(),
        MAX_ROWS
    );
    let mut seen = HashSet::new();
    let mut out: HashMap<i64, Vec<Described>> = HashMap::new();
    for row in rows.fetch_all(pool).await? {
        let elements = out.entry(row.page_view_id).or_default();
        // The arrays are equally long by the way in which they are written; `zip` ends with the shortest if they should not be.
        let places = row.x.into_iter().zip(row.y).zip(row.w.into_iter().zip(row.h));
        let names = row.number.into_iter().zip(row.name_id).zip(row.parent.into_iter().zip(row.flags));
        for ((((number, name_id), (parent, flags)), ((x, y), (w, h))), text_length) in names.zip(places).zip(row.text_length) {
            if seen.insert((row.page_view_id, number)) {
                elements.push(Described {
                    page_view_id: row.page_view_id,
                    seq: row.seq,
                    outline_ms: row.offset_ms.map(|offset_ms| offset_ms.max(0) as u32),
                    number: number.max(0) as u16,
                    name_id,
                    parent: parent.max(0) as u16,
                    flags: flags as u8,
                    rect: ElementBox { x, y, w: w.max(0) as u32, h: h.max(0) as u32 },
                    text_length: text_length.max(0) as u32,
                });
            }
        }
    }
    for elements in out.values_mut() {
        inherit_fixed(elements);
    }
    Ok(out)
}

/// The days that page views began on, first to last; their ids carry them.
pub(super) fn days(views: &[i64]) -> Option<RangeInclusive<NaiveDate>> {
    let days = || views.iter().filter_map(|id| PageViewId::from_i64(*id)).map(PageViewId::day);
    Some(days().min()?..=days().max()?)
}

fn inherit_fixed(elements: &mut [Described]) {
    let parents: HashMap<u16, (u16, u8)> = elements.iter().map(|element| (element.number, (element.parent, element.flags))).collect();
    for element in elements {
        let mut above = element.parent;
        // Parents come from outside: a circle of them must end, too.
        for _ in 0..32 {
            let Some((parent, flags)) = parents.get(&above) else { break };
            element.flags |= flags & (ElementFlags::FIXED | ElementFlags::STICKY);
            above = *parent;
        }
    }
}

/// The newest page views of a page (suspect ones aside: they could draw anything) on a class of device at about this viewport width, with their widths, newest first.
pub(super) async fn similar_views(
    pool: &PgPool,
    page_id: i32,
    site_id: i32,
    device: i16,
    width: i32,
    limit: i64,
) -> Result<Vec<(i64, i32)>, QueryError> {
    let class = breakpoints(pool, site_id).await?.class_of(width);
    let rows = sqlx::query!(
        "select page_view_id, viewport_w from core.page_view
         where site_id = $1 and page_id = $2 and device = $3 and viewport_w between $4 and $5 and events > 0 and suspect = 0
         order by day desc, page_view_id desc limit $6",
        site_id,
        page_id,
        device,
        class.start.max(width - width / 10),
        (class.end - 1).min(width + width / 10),
        limit
    );
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.page_view_id, row.viewport_w)).collect())
}

/// One layout out of several page views: for each element the box of the first page view that has it, scaled to `width`.
/// Of a fixed or sticky element the highest box counts: it comes from the page view that had scrolled least.
pub(super) fn unite(width: i32, views: &[(i64, i32)], described: &HashMap<i64, Vec<Described>>) -> Vec<Described> {
    let mut places: HashMap<i32, usize> = HashMap::new();
    let mut out: Vec<Described> = Vec::new();
    for (page_view_id, viewport_w) in views {
        let ratio = f64::from(width) / f64::from((*viewport_w).max(1));
        for element in described.get(page_view_id).into_iter().flatten() {
            let scaled = ElementBox {
                x: (f64::from(element.rect.x) * ratio).round() as i32,
                w: (f64::from(element.rect.w) * ratio).round() as u32,
                ..element.rect
            };
            match places.get(&element.name_id) {
                None if out.len() < MAX_ELEMENTS => {
                    places.insert(element.name_id, out.len());
                    out.push(Described { rect: scaled, ..*element });
                }
                Some(place) if element.flags & (ElementFlags::FIXED | ElementFlags::STICKY) != 0 && scaled.y < out[*place].rect.y => {
                    out[*place].rect.y = scaled.y;
                }
                _ => {}
            }
        }
    }
    out
}

/// What an element is called, in all page views of its page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Name {
    /// The same over the pages of a template, too.
    pub key: ElementKey,
    pub tag: String,
    pub role: String,
    /// Best CSS selector; may be empty.
    pub selector: String,
}

/// The names of elements, by `name_id`.
pub(super) async fn names(pool: &PgPool, ids: &[i32]) -> Result<HashMap<i32, Name>, QueryError> {
    let rows =
        sqlx::query!("select name_id, hash, tag, role, selectors[1] as selector from core.element_name where name_id = any($1)", ids);
    let rows = rows.fetch_all(pool).await?.into_iter();
    let name = |hash: &[u8], tag, role, selector: Option<String>| Name {
        key: ElementKey::of(hash),
        tag,
        role,
        selector: selector.unwrap_or_default(),
    };
    Ok(rows.map(|row| (row.name_id, name(&row.hash, row.tag, row.role, row.selector))).collect())
}

/// Gives elements their tags, roles and selectors; one without a name is left out.
pub(super) async fn name(pool: &PgPool, elements: Vec<Described>) -> Result<Vec<WireElement>, QueryError> {
    let ids: Vec<i32> = elements.iter().map(|element| element.name_id).collect();
    let names = names(pool, &ids).await?;
    Ok(elements.into_iter().filter_map(|element| Some(wire(&element, names.get(&element.name_id)?))).collect())
}

/// An element with its name.
pub(super) fn wire(element: &Described, name: &Name) -> WireElement {
    WireElement {
        key: name.key,
        number: element.number,
        parent: element.parent,
        rect: element.rect,
        flags: element.flags,
        text_length: element.text_length,
        tag: name.tag.clone(),
        role: name.role.clone(),
        selector: name.selector.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(page_view_id: i64, name_id: i32, flags: u8, y: i32) -> Described {
        let rect = ElementBox { x: 100, y, w: 200, h: 50 };
        Described { page_view_id, seq: 1, outline_ms: None, number: name_id as u16, name_id, parent: 0, flags, rect, text_length: 0 }
    }

    #[test]
    fn the_newest_box_of_each_element_wins_and_is_scaled_to_the_width() {
        let described = HashMap::from([(1, vec![element(1, 7, 0, 10)]), (2, vec![element(2, 7, 0, 20), element(2, 8, 0, 30)])]);
        let united = unite(1_000, &[(1, 1_000), (2, 2_000)], &described);
        let boxes: Vec<_> = united.iter().map(|element| (element.name_id, element.rect.x, element.rect.y, element.rect.w)).collect();
        assert_eq!(boxes, [(7, 100, 10, 200), (8, 50, 30, 100)]);
    }

    #[test]
    fn a_fixed_element_stands_where_it_stood_before_anybody_scrolled() {
        let described = HashMap::from([(1, vec![element(1, 7, 1, 900)]), (2, vec![element(2, 7, 1, 0)])]);
        assert_eq!(unite(1_000, &[(1, 1_000), (2, 1_000)], &described)[0].rect.y, 0);
    }

    #[test]
    fn what_is_inside_a_fixed_element_is_fixed_and_a_circle_of_parents_ends() {
        let mut elements = [element(1, 1, 1, 0), element(1, 2, 4, 0), element(1, 3, 0, 0), element(1, 4, 0, 0)];
        elements[1].parent = 1;
        elements[2].parent = 4;
        elements[3].parent = 3;
        inherit_fixed(&mut elements);
        assert_eq!(elements.map(|element| element.flags), [1, 5, 0, 0]);
    }
}
