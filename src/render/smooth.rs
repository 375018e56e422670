/// Spreads cells by a Gaussian of `sigma` cells, cut at three of them, one axis after the other. The sum stays the same: what would fall over
/// the edge stays on the page. The numbers are those of templates/assets/lib/kernel.ts: sums in f32, weights in f64, in the same order.
pub fn smooth(values: &[f32], columns: usize, rows: usize, sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f64> = (0..=2 * reach).map(|i| (-0.5 * ((i as f64 - reach as f64) / sigma).powi(2)).exp()).collect();
    let (by_column, by_row) = (totals(&weights, columns), totals(&weights, rows));
    let mut across = vec![0.0_f32; values.len()];
    for (source, target) in values.chunks_exact(columns).zip(across.chunks_exact_mut(columns)) {
        for (from, amount) in source.iter().enumerate().filter(|(_, amount)| **amount != 0.0) {
            let (first, last) = around(from, reach, columns);
            for (to, into) in target.iter_mut().enumerate().take(last + 1).skip(first) {
                *into += (f64::from(*amount) * weights[to + reach - from] / by_column[from]) as f32;
            }
        }
    }
    let mut both = vec![0.0_f32; values.len()];
    for (from, source) in across.chunks_exact(columns).enumerate() {
        // Most of a long page is empty.
        let Some(left) = source.iter().position(|value| *value != 0.0) else { continue };
        let right = source.iter().rposition(|value| *value != 0.0).unwrap_or(left);
        let (first, last) = around(from, reach, rows);
        for to in first..=last {
            let weight = weights[to + reach - from];
            for (into, value) in both[to * columns + left..=to * columns + right].iter_mut().zip(&source[left..=right]) {
                *into += (f64::from(*value) * weight / by_row[from]) as f32;
            }
        }
    }
    both
}

/// For each place, how much of the kernel lies inside.
fn totals(weights: &[f64], count: usize) -> Vec<f64> {
    let reach = weights.len() / 2;
    let total = |from: usize| {
        let (first, last) = around(from, reach, count);
        (first..=last).map(|to| weights[to + reach - from]).sum()
    };
    (0..count).map(total).collect()
}

/// First and last place within reach.
fn around(from: usize, reach: usize, count: usize) -> (usize, usize) {
    (from.saturating_sub(reach), (from + reach).min(count - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_stays_the_same_even_in_a_corner_and_a_spot_becomes_a_gaussian() {
        let (columns, rows) = (20, 12);
        let mut cells = vec![0.0; columns * rows];
        for (column, row, amount) in [(0, 0, 1_000.0), (10, 5, 500.0), (19, 11, 20.0)] {
            cells[row * columns + column] = amount;
        }
        let smoothed = smooth(&cells, columns, rows, 2.0);
        let sum: f64 = smoothed.iter().map(|value| f64::from(*value)).sum();
        assert!((sum - 1_520.0).abs() < 0.01, "{sum}");
        let at = |column: usize, row: usize| f64::from(smoothed[row * columns + column]);
        // A cell beside the spot of 500 has exp(-1/8) of it.
        assert!((at(11, 5) / at(10, 5) - (-0.125f64).exp()).abs() < 0.001, "{}", at(11, 5) / at(10, 5));
    }
}
