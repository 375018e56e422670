/// A grid of square cells over a document, each holding an amount: milliseconds, or clicks.
#[derive(Clone, PartialEq, Debug)]
pub struct Cells {
    columns: usize,
    rows: usize,
    px: f64,
    values: Vec<f32>,
}

impl Cells {
    /// An empty grid that covers `width` x `height` CSS px with cells of `px` x `px`.
    pub fn new(width: u32, height: u32, px: u32) -> Self {
        let (columns, rows) = (width.div_ceil(px).max(1) as usize, height.div_ceil(px).max(1) as usize);
        Self { columns, rows, px: f64::from(px), values: vec![0.0; columns * rows] }
    }

    /// Cells in a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Rows of cells.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All that lies in the grid.
    pub fn sum(&self) -> f64 {
        self.values.iter().map(|value| f64::from(*value)).sum()
    }

    /// Adds `amount` at a place; what is outside the grid is lost.
    pub fn add(&mut self, x: f64, y: f64, amount: f64) {
        let (column, row) = ((x / self.px).floor(), (y / self.px).floor());
        if column >= 0.0 && row >= 0.0 && (column as usize) < self.columns && (row as usize) < self.rows {
            self.values[row as usize * self.columns + column as usize] += amount as f32;
        }
    }

    /// Spreads `amount` evenly along a straight line: each cell gets the share of the line that runs through it.
    pub fn add_line(&mut self, from: (f64, f64), to: (f64, f64), amount: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        // Share of the line at which it crosses the next border of a column or of a row.
        let mut along = 0.0;
        let (mut next_x, step_x) = crossings(from.0 / self.px, dx / self.px);
        let (mut next_y, step_y) = crossings(from.1 / self.px, dy / self.px);
        while along < 1.0 {
            let end = next_x.min(next_y).min(1.0);
            // The middle of the piece names its cell safely even where it begins on a border.
            let middle = (along + end) / 2.0;
            self.add(from.0 + dx * middle, from.1 + dy * middle, amount * (end - along));
            along = end;
            if next_x <= end {
                next_x += step_x;
            }
            if next_y <= end {
                next_y += step_y;
            }
        }
    }

    /// The same amounts spread by a Gaussian of `sigma` CSS px, cut at 3 sigma. The sum stays the same: what would fall
    /// over the edge stays on the page.
    pub fn smooth(&self, sigma: f64) -> Self {
        let reach = (3.0 * sigma / self.px).ceil() as isize;
        let kernel: Vec<f64> = (-reach..=reach).map(|i| (-0.5 * (i as f64 * self.px / sigma).powi(2)).exp()).collect();
        let mut across = Self { values: vec![0.0; self.values.len()], ..*self };
        for row in 0..self.rows {
            let at = |column: usize| row * self.columns + column;
            spread(&kernel, self.columns, |i| self.values[at(i)], |i, value| across.values[at(i)] += value);
        }
        let mut both = Self { values: vec![0.0; self.values.len()], ..*self };
        for column in 0..self.columns {
            let at = |row: usize| row * self.columns + column;
            spread(&kernel, self.rows, |i| across.values[at(i)], |i, value| both.values[at(i)] += value);
        }
        both
    }
}

/// First share of a line that starts at `from` and goes `by` (in cells) at which it crosses a border, and the share between two borders.
fn crossings(from: f64, by: f64) -> (f64, f64) {
    if by == 0.0 {
        return (f64::INFINITY, f64::INFINITY);
    }
    let border = if by > 0.0 { from.floor() + 1.0 } else { from.ceil() - 1.0 };
    ((border - from) / by, 1.0 / by.abs())
}

/// Spreads each of `count` values over its neighbours by `kernel`, scaled so that nothing is lost at the ends.
fn spread(kernel: &[f64], count: usize, value: impl Fn(usize) -> f32, mut add: impl FnMut(usize, f32)) {
    let reach = kernel.len() / 2;
    for from in 0..count {
        let amount = f64::from(value(from));
        if amount == 0.0 {
            continue;
        }
        let (first, last) = (from.saturating_sub(reach), (from + reach).min(count - 1));
        let weight = |to: usize| kernel[to + reach - from];
        let total: f64 = (first..=last).map(weight).sum();
        for to in first..=last {
            add(to, (amount * weight(to) / total) as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leaves_in_each_cell_the_share_that_runs_through_it() {
        let mut cells = Cells::new(40, 10, 10);
        // From the middle of the first cell to the end of the third: 5, 10 and 10 of 25 px.
        cells.add_line((5.0, 5.0), (30.0, 5.0), 100.0);
        assert_eq!(cells.values(), [20.0, 40.0, 40.0, 0.0]);
    }

    #[test]
    fn a_diagonal_line_backwards_is_shared_the_same_way() {
        let mut cells = Cells::new(20, 20, 10);
        cells.add_line((20.0, 20.0), (0.0, 0.0), 8.0);
        assert_eq!(cells.values(), [4.0, 0.0, 0.0, 4.0]);
    }

    #[test]
    fn a_rest_stays_in_one_cell_and_what_is_off_the_page_is_lost() {
        let mut cells = Cells::new(20, 20, 10);
        cells.add_line((15.0, 5.0), (15.0, 5.0), 7.0);
        cells.add_line((15.0, 5.0), (35.0, 5.0), 20.0);
        cells.add(-1.0, 3.0, 9.0);
        assert_eq!(cells.values(), [0.0, 12.0, 0.0, 0.0]);
    }

    #[test]
    fn smoothing_keeps_the_sum_even_in_a_corner() {
        let mut cells = Cells::new(160, 160, 16);
        cells.add(0.0, 0.0, 1_000.0);
        cells.add(80.0, 80.0, 500.0);
        let smooth = cells.smooth(20.0);
        assert!((smooth.sum() - 1_500.0).abs() < 0.01, "{}", smooth.sum());
        assert!(smooth.values()[0] > smooth.values()[1]);
        assert!((smooth.values()[1] - smooth.values()[10]).abs() < 0.01);
    }
}
