type Knot = [f64; 3];

/// Colours of heat. Lightness rises with the value, so that brightness alone gives the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Palette {
    /// Black, purple, orange, yellow.
    #[default]
    Inferno,
    /// Purple, blue, green, yellow.
    Viridis,
    /// Blue, grey, yellow.
    Cividis,
    /// Black to white.
    Grey,
}

/// Knots of the palettes of matplotlib (CC0), in sRGB: those of templates/assets/lib/ramp.ts.
const KNOTS: [(Palette, &str, [Knot; 8]); 4] = [
    (
        Palette::Inferno,
        "inferno",
        [
            [0.0, 0.0, 4.0],
            [40.0, 11.0, 84.0],
            [101.0, 21.0, 110.0],
            [159.0, 42.0, 99.0],
            [212.0, 72.0, 66.0],
            [245.0, 125.0, 21.0],
            [250.0, 193.0, 39.0],
            [252.0, 255.0, 164.0],
        ],
    ),
    (
        Palette::Viridis,
        "viridis",
        [
            [68.0, 1.0, 84.0],
            [70.0, 50.0, 127.0],
            [54.0, 92.0, 141.0],
            [39.0, 127.0, 142.0],
            [31.0, 161.0, 135.0],
            [74.0, 194.0, 109.0],
            [159.0, 218.0, 58.0],
            [253.0, 231.0, 37.0],
        ],
    ),
    (
        Palette::Cividis,
        "cividis",
        [
            [0.0, 32.0, 77.0],
            [27.0, 58.0, 108.0],
            [76.0, 85.0, 107.0],
            [112.0, 113.0, 115.0],
            [146.0, 141.0, 120.0],
            [183.0, 171.0, 113.0],
            [221.0, 203.0, 96.0],
            [255.0, 234.0, 70.0],
        ],
    ),
    (
        Palette::Grey,
        "grey",
        [
            [10.0, 10.0, 12.0],
            [48.0, 48.0, 52.0],
            [90.0, 90.0, 95.0],
            [128.0, 128.0, 132.0],
            [164.0, 164.0, 168.0],
            [198.0, 198.0, 201.0],
            [228.0, 228.0, 230.0],
            [255.0, 255.0, 255.0],
        ],
    ),
];

/// Opacity at which alpha is as the ramp has it.
pub const OPACITY: u8 = 85;

impl Palette {
    /// The palette of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        KNOTS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Its name in urls.
    pub fn name(self) -> &'static str {
        KNOTS[self as usize].1
    }

    /// 256 colours with their alpha. Alpha rises from 0 to 0.94 over the first third.
    pub fn ramp(self, opacity: u8) -> [[u8; 4]; 256] {
        let knots = &KNOTS[self as usize].2;
        std::array::from_fn(|index| {
            let share = index as f64;
            let at = share / 255.0 * (knots.len() - 1) as f64;
            let low = (at.floor() as usize).min(knots.len() - 2);
            let channel = |channel: usize| {
                let (a, b) = (knots[low][channel], knots[low + 1][channel]);
                clamped(a + (b - a) * (at - low as f64))
            };
            let alpha = 240.0 * (share / 85.0).powf(0.8).min(1.0) * f64::from(opacity) / f64::from(OPACITY);
            [channel(0), channel(1), channel(2), clamped(alpha)]
        })
    }
}

/// As a `Uint8ClampedArray` takes a number.
fn clamped(value: f64) -> u8 {
    value.clamp(0.0, 255.0).round_ties_even() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_palettes() {
        for (palette, name, _) in KNOTS {
            assert_eq!((Palette::from_name(name), palette.name()), (Some(palette), name));
        }
        assert_eq!(Palette::from_name("rainbow"), None);
    }

    #[test]
    fn colours_run_from_clear_to_dense_and_get_lighter() {
        for (palette, ..) in KNOTS {
            let ramp = palette.ramp(OPACITY);
            assert_eq!((ramp[0][3], ramp[85][3], ramp[255][3]), (0, 240, 240));
            let light = |colour: [u8; 4]| 2 * u32::from(colour[0]) + 5 * u32::from(colour[1]) + u32::from(colour[2]);
            assert!((0..255).step_by(15).all(|at| light(ramp[at]) < light(ramp[at + 15])), "{palette:?}");
            assert_eq!(palette.ramp(100)[255][3], 255, "more than all is all");
        }
    }
}
