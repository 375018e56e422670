use crate::analysis::Breakpoints;

/// Widths at the ends of the chart, CSS px.
const ENDS: (f64, f64) = (240.0, 4_000.0);
/// Bars of the chart.
const BARS: usize = 72;
/// Size of the drawing.
pub const SIZE: (f64, f64) = (308.0, 72.0);

/// A histogram of viewport widths on a logarithmic axis, as numbers for an SVG.
#[derive(Default)]
pub struct Chart {
    /// Left, top, width, height of each bar that is not empty.
    pub bars: Vec<[f64; 4]>,
    /// Where the breakpoints are.
    pub lines: Vec<f64>,
    /// What stands below: x and text, as many as there is room for.
    pub ticks: Vec<(f64, i32)>,
}

impl Chart {
    /// Draws the widths that were seen, and the breakpoints.
    pub fn new(seen: &[(i32, i64)], breakpoints: &Breakpoints) -> Self {
        let mut counts = [0_i64; BARS];
        for (width, views) in seen {
            counts[((x(*width) / SIZE.0 * BARS as f64) as usize).min(BARS - 1)] += views;
        }
        let most = counts.iter().max().copied().unwrap_or_default().max(1) as f64;
        let step = SIZE.0 / BARS as f64;
        // By the square root, so that rare widths are seen beside common ones.
        let bar = |(index, count): (usize, &i64)| {
            let height = ((*count as f64 / most).sqrt() * SIZE.1).max(1.5);
            [index as f64 * step, SIZE.1 - height, step - 0.8, height].map(tenths)
        };
        let bars = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect();
        let mut ticks: Vec<(f64, i32)> = Vec::new();
        for width in breakpoints.widths() {
            if ticks.last().is_none_or(|(last, _)| x(*width) - last >= 30.0) && (12.0..SIZE.0 - 12.0).contains(&x(*width)) {
                ticks.push((tenths(x(*width)), *width));
            }
        }
        Self { bars, lines: breakpoints.widths().iter().map(|width| tenths(x(*width))).collect(), ticks }
    }
}

fn x(width: i32) -> f64 {
    let share = (f64::from(width).clamp(ENDS.0, ENDS.1) / ENDS.0).ln() / (ENDS.1 / ENDS.0).ln();
    share * SIZE.0
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_where_their_widths_are_and_all_of_it_within_the_drawing() {
        let chart = Chart::new(&[(1, 5), (390, 400), (1_440, 100), (9_000, 1)], &Breakpoints::default());
        assert_eq!(chart.bars.len(), 4);
        assert!(
            chart.bars.iter().all(|[x, y, w, h]| *x >= 0.0 && *y >= 0.0 && x + w <= SIZE.0 && y + h <= SIZE.1 + 0.1),
            "{:?}",
            chart.bars
        );
        assert_eq!(chart.bars[1][3], SIZE.1, "the most common width is as high as the drawing");
        assert!(chart.bars[1][0] < chart.lines[0] && chart.bars[2][0] > chart.lines[3]);
        assert!(chart.ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 29.9));
    }
}
