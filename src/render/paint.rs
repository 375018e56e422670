use super::picture::Picture;
use super::ramp::OPACITY;
use super::scale::Scale;
use super::smooth::smooth;

/// Steps of the table between value and colour.
const STEPS: usize = 4096;

/// Paints heat: the port of templates/assets/lib/paint.ts, number by number. Bilinear in floats, then the ramp.
pub struct Paint {
    columns: usize,
    rows: usize,
    px: f64,
    values: Vec<f32>,
    /// Colours with their alpha, by the square root of the value's share of the largest: small values need the finer steps.
    table: Vec<[u8; 4]>,
    most: f64,
    /// First and last column of each row that hold something; `None` where none does.
    ends: Vec<Option<(usize, usize)>>,
    line: Vec<f32>,
}

impl Paint {
    /// Smooths the cells of a picture and looks its scale up once for each step.
    pub fn new(picture: &Picture) -> Self {
        let (columns, rows) = (picture.columns.max(1), picture.rows.max(1));
        let mut values = picture.values.clone();
        values.resize(columns * rows, 0.0);
        let px = f64::from(picture.cell_px.max(1));
        if columns > 1 && picture.smooth_px > 0.0 {
            values = smooth(&values, columns, rows, picture.smooth_px / px);
        }
        let scale = Scale::new(picture.scale, &values);
        let colours = picture.palette.ramp(picture.opacity.max(OPACITY));
        // Below the opacity of the ramp the whole layer fades.
        let fade = (f64::from(picture.opacity) / f64::from(OPACITY)).min(1.0);
        let colour = |step: usize| {
            let share = step as f64 / (STEPS - 1) as f64;
            let place = (255.0 * scale.place(share * share * scale.most()).min(1.0) + 0.5).floor();
            let [r, g, b, alpha] = colours[place as usize];
            [r, g, b, (f64::from(alpha) * fade).round() as u8]
        };
        let ends = values.chunks_exact(columns).map(|row| {
            let left = row.iter().position(|value| *value != 0.0)?;
            Some((left, row.iter().rposition(|value| *value != 0.0)?))
        });
        let ends = ends.collect();
        Self { columns, rows, px, table: (0..STEPS).map(colour).collect(), most: scale.most(), ends, values, line: vec![0.0; columns] }
    }

    /// Blends a row of pixels, three bytes each, with the heat at the middle of row `y` of the picture; `step` px of the page a pixel.
    pub fn row(&mut self, pixels: &mut [u8], y: usize, step: f64) {
        let (columns, px) = (self.columns, self.px);
        let at = ((y as f64 + 0.5) * step / px - 0.5).clamp(0.0, (self.rows - 1) as f64);
        let above = (at.floor() as usize).min(self.rows.saturating_sub(2));
        let below = (above + 1).min(self.rows - 1);
        let Some((first, last)) = [self.ends[above], self.ends[below]].into_iter().flatten().reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
        else {
            return;
        };
        let v = at - above as f64;
        for i in first.saturating_sub(1)..=(last + 1).min(columns - 1) {
            let [up, down] = [above, below].map(|row| f64::from(self.values[row * columns + i]));
            self.line[i] = (up * (1.0 - v) + down * v) as f32;
        }
        let factor = (STEPS - 1) as f64 / self.most.sqrt();
        let colour = |value: f64| self.table[((factor * value.sqrt() + 0.5) as usize).min(STEPS - 1)];
        let width = pixels.len() / 3;
        if columns == 1 {
            let value = f64::from(self.line[0]);
            if value > 0.0 {
                pixels.chunks_exact_mut(3).for_each(|pixel| blend(pixel, colour(value)));
            }
            return;
        }
        // Pixels between the middles of the cells around the ones that hold something.
        let from = (((first as f64 - 0.5) * px / step).floor().max(0.0)) as usize;
        let to = (((last as f64 + 1.5) * px / step).ceil() as usize).min(width);
        let mut place = (from as f64 + 0.5) * step / px - 0.5;
        for x in from..to {
            let held = place.clamp(0.0, (columns - 1) as f64);
            let i = (held as usize).min(columns - 2);
            let a = f64::from(self.line[i]);
            let value = a + (f64::from(self.line[i + 1]) - a) * (held - i as f64);
            if value > 0.0 {
                blend(&mut pixels[x * 3..x * 3 + 3], colour(value));
            }
            place += step / px;
        }
    }
}

/// Lays a colour over a pixel.
pub fn blend(pixel: &mut [u8], [r, g, b, alpha]: [u8; 4]) {
    let alpha = u32::from(alpha);
    for (below, above) in pixel.iter_mut().zip([r, g, b]) {
        *below = ((u32::from(*below) * (255 - alpha) + u32::from(above) * alpha + 127) / 255) as u8;
    }
}
