use std::collections::HashMap;
use std::hash::Hash;

use sqlx::PgPool;

use super::View;
use crate::analysis::{Background, WidthClass};
use crate::query::wireframe::{described, name, unite};
use crate::query::{QueryError, WireElement};

/// Page views that lend their elements to the background.
const LENDERS: usize = 200;
/// Largest background, CSS px.
const MAX_SIZE: (i32, i32) = (8_192, 65_536);

/// The layout at the most common width of the most common class of widths.
pub(super) async fn background(pool: &PgPool, views: &[View]) -> Result<(Background, Vec<WireElement>), QueryError> {
    let class = most_common(views.iter().map(|view| WidthClass::of(view.viewport_w)));
    let alike: Vec<&View> = views.iter().filter(|view| Some(WidthClass::of(view.viewport_w)) == class).collect();
    let width = most_common(alike.iter().map(|view| view.viewport_w)).unwrap_or_default();
    let alike: Vec<&View> = alike.into_iter().filter(|view| (view.viewport_w - width).abs() * 10 <= width).collect();
    let lenders: Vec<(i64, i32)> = alike.iter().take(LENDERS).map(|view| (view.page_view_id, view.viewport_w)).collect();
    let ids: Vec<i64> = lenders.iter().map(|(id, _)| *id).collect();
    let elements = name(pool, unite(width, &lenders, &described(pool, &ids).await?)).await?;
    // One very long page view must not make the map mostly empty; one very short one must not cut it.
    let height = median(alike.iter().map(|view| view.document_h).collect(), 0.9);
    let document_w = median(alike.iter().map(|view| view.document_w).collect(), 0.5);
    let document = (document_w.clamp(1, MAX_SIZE.0), height.clamp(1, MAX_SIZE.1));
    let boxes = elements.iter().map(|element| (element.name_id, element.rect)).collect();
    Ok((Background { viewport_w: width, document, boxes }, elements))
}

fn most_common<T: Copy + Ord + Hash>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(value, count)| (*count, *value)).map(|(value, _)| value)
}

/// The value below which this share of them lies.
pub(super) fn median(mut values: Vec<i32>, share: f64) -> i32 {
    values.sort_unstable();
    values.get(((values.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_common_value_and_the_median() {
        assert_eq!(most_common([1_440, 390, 1_440].into_iter()), Some(1_440));
        assert_eq!(most_common(std::iter::empty::<i32>()), None);
        assert_eq!(median(vec![900, 700, 800], 0.5), 800);
        assert_eq!(median(vec![], 0.5), 0);
    }
}
