use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use sqlx::PgPool;

use super::layout::{Plan, lay_out};
use crate::analysis::heat::{Background, ElementKey, Layout, Standing};
use crate::query::heat::layouts;
use crate::query::segment::View;
use crate::query::wireframe::{Described, Name, described, names, wire};
use crate::query::{QueryError, WireElement};

/// Page views that lend their elements to the background.
const LENDERS: usize = 60;
/// Page views that are searched for an open overlay.
const SEARCHED: usize = 20_000;
/// Largest background, CSS px.
pub(super) const MAX_SIZE: (i32, i32) = (8_192, 65_536);

/// What page views of one class of widths have in common.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Shape {
    /// The most common width and the median height of the viewport, CSS px.
    pub viewport: (i32, i32),
    /// Median width of the documents, CSS px.
    pub document_w: i32,
    /// Page views and the widths of their viewports, the ones to believe first: at the common width, newest first; then those at about it; then the others.
    near: Vec<(i64, i32)>,
}

impl Shape {
    /// Of page views in the order of `views`, newest first. Suspect ones lend nothing where there are others: they could draw anything.
    pub fn of(views: &[View]) -> Self {
        let width = most_common(views.iter().map(|view| view.viewport.0)).unwrap_or_default();
        let is_near = |view: &&View| (view.viewport.0 - width).abs() * 10 <= width;
        let mut alike: Vec<&View> = views.iter().filter(is_near).collect();
        // What is centred or stands at the right edge doesn't scale with the width.
        alike.sort_by_key(|view| (view.viewport.0 - width).abs());
        let document_w = quantile(alike.iter().map(|view| view.document.0).collect(), 0.5);
        let has_people = views.iter().any(|view| !view.is_suspect);
        let lends = |view: &&View| !view.is_suspect || !has_people;
        let others = views.iter().filter(|view| !is_near(view));
        let near = alike.iter().copied().chain(others).filter(lends).take(SEARCHED);
        Self {
            viewport: (width, quantile(views.iter().map(|view| view.viewport.1).collect(), 0.5)),
            document_w: document_w.clamp(1, MAX_SIZE.0),
            near: near.map(|view| (view.page_view_id, view.viewport.0)).collect(),
        }
    }
}

/// What some page views described.
#[derive(Default)]
pub(super) struct Lent {
    lenders: Vec<(i64, i32)>,
    described: HashMap<i64, Vec<Described>>,
    names: HashMap<i32, Name>,
    /// How much each box may be wrong, by page view and number.
    doubts: HashMap<(i64, u16), (u32, u32)>,
    /// Height of their documents at the end, CSS px.
    height: i32,
}

impl Lent {
    /// Elements of the newest page views at about the common width; those that had the overlay open, if one is asked for.
    pub async fn read(pool: &PgPool, shape: &Shape, pages: &[i32], open: Option<ElementKey>) -> Result<Self, QueryError> {
        let mut lenders: Vec<(i64, i32)> = Vec::new();
        if let Some(open) = open {
            lenders = had_open(pool, &shape.near, pages, open).await?;
        }
        let others = shape.near.iter().filter(|(id, _)| !lenders.iter().any(|(other, _)| other == id)).take(LENDERS - lenders.len());
        let others: Vec<_> = others.copied().collect();
        lenders.extend(others);
        let ids: Vec<i64> = lenders.iter().map(|(id, _)| *id).collect();
        let (mut described, layouts) = tokio::try_join!(described(pool, &ids), layouts(pool, &ids))?;
        // Lists grow while one reads: what counts is how high the page is in the end. One very long page view must not make the map mostly empty.
        let height = quantile(layouts.values().map(Layout::height).collect(), 0.9);
        let mut doubts = HashMap::new();
        for (id, layout) in layouts {
            let standing: HashMap<u16, Standing> =
                layout.standing(height).into_iter().map(|standing| (standing.number, standing)).collect();
            for element in described.get_mut(&id).into_iter().flatten() {
                if let Some(standing) = standing.get(&element.number) {
                    element.rect = standing.rect;
                    doubts.insert((id, element.number), standing.doubt);
                }
            }
        }
        let names_of: HashSet<i32> = described.values().flatten().map(|element| element.name_id).collect();
        let names = names(pool, &names_of.into_iter().collect::<Vec<_>>()).await?;
        Ok(Self { lenders, described, names, doubts, height })
    }

    /// The layout that they make, and what of it is drawn.
    pub fn lay_out(&self, shape: &Shape, scrollers: &HashSet<ElementKey>, open: Option<ElementKey>) -> (Background, Vec<WireElement>) {
        let document = (shape.document_w, self.height.clamp(1, MAX_SIZE.1));
        let plan = Plan { viewport: shape.viewport, document, scrollers, open, doubts: &self.doubts };
        lay_out(&plan, &self.lenders, &self.described, &self.names)
    }

    /// All elements, whether they are seen in the layout or not.
    pub fn elements(&self) -> HashMap<ElementKey, WireElement> {
        let mut out = HashMap::new();
        for element in self.lenders.iter().filter_map(|(id, _)| self.described.get(id)).flatten() {
            if let Some(name) = self.names.get(&element.name_id) {
                out.entry(name.key).or_insert_with(|| wire(element, name));
            }
        }
        out
    }
}

/// The first of these page views that described the element.
async fn had_open(pool: &PgPool, near: &[(i64, i32)], pages: &[i32], open: ElementKey) -> Result<Vec<(i64, i32)>, QueryError> {
    let prefix = &open.0.to_be_bytes()[2..];
    let names =
        sqlx::query_scalar!("select name_id from core.element_name where page_id = any($1) and substr(hash, 1, 6) = $2", pages, prefix);
    let names = names.fetch_all(pool).await?;
    let (ids, widths): (Vec<i64>, Vec<i32>) = near.iter().copied().unzip();
    // The id carries its day, so each look goes to one partition; the walk ends with the last lender found.
    let rows = sqlx::query!(
        r#"select v.id as "id!", v.width as "width!"
           from unnest($1::int8[], $2::int4[]) with ordinality as v(id, width, place)
           where exists (select from core.element_box b
                         where b.page_view_id = v.id and b.day = date '2020-01-01' + (v.id >> 48)::int and b.name_id && $3)
           order by v.place limit $4"#,
        &ids,
        &widths,
        &names,
        LENDERS as i64 / 2
    );
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.id, row.width)).collect())
}

fn most_common<T: Copy + Ord + Hash>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(value, count)| (*count, *value)).map(|(value, _)| value)
}

/// The value below which this share of them lies.
fn quantile(mut values: Vec<i32>, share: f64) -> i32 {
    let place = ((values.len().max(1) - 1) as f64 * share).round() as usize;
    if values.is_empty() { 0 } else { *values.select_nth_unstable(place).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(id: i64, width: i32, is_suspect: bool) -> View {
        View {
            page_view_id: id,
            session_id: id,
            day: chrono::NaiveDate::default(),
            viewport: (width, 800 + id as i32),
            document: (width, 1_000 * id as i32),
            is_suspect,
        }
    }

    #[test]
    fn the_shape_is_that_of_the_most_common_width_and_near_ones_lend_first() {
        let views = [view(1, 1_300, false), view(2, 1_440, false), view(3, 1_440, true), view(4, 1_500, false), view(5, 1_440, false)];
        let shape = Shape::of(&views);
        assert_eq!((shape.viewport, shape.document_w), ((1_440, 803), 1_440));
        assert_eq!(shape.near, [(2, 1_440), (5, 1_440), (4, 1_500), (1, 1_300)], "the suspect one lends nothing");
        assert_eq!(Shape::of(&[view(3, 1_440, true)]).near, [(3, 1_440)], "but where nobody else is there");
        let far = Shape::of(&[view(1, 1_030, false), view(2, 1_270, false), view(3, 1_270, false)]);
        assert_eq!(far.near[2], (1, 1_030));
    }

    #[test]
    fn the_value_below_which_a_share_lies() {
        assert_eq!(quantile(vec![900, 700, 800], 0.5), 800);
        assert_eq!(quantile(vec![], 0.5), 0);
    }
}
