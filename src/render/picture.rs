use super::{How, Palette};

/// All that a picture of a heatmap shows.
#[derive(Clone, PartialEq, Debug)]
pub struct Picture {
    /// Width and height of the page, CSS px.
    pub document: (u32, u32),
    /// Width of the viewport that the page is laid out for, CSS px.
    pub viewport_w: u32,
    /// Height at which the first screen ends, CSS px; 0 draws no line.
    pub fold: u32,
    /// Elements of the page, in any order.
    pub elements: Vec<PictureElement>,
    /// Side of a cell, CSS px; where there is one column, its height only.
    pub cell_px: u32,
    /// Cells in a row: one where the kind says something of whole rows.
    pub columns: usize,
    /// Rows of cells.
    pub rows: usize,
    /// Row after row, in the unit that is shown (`Amounts::shown`), not smoothed. Missing ones are zero.
    pub values: Vec<f32>,
    /// Standard deviation of the Gaussian that spreads the cells, CSS px; 0 for none. Whole rows are never spread.
    pub smooth_px: f64,
    /// Colours.
    pub palette: Palette,
    /// From value to colour.
    pub scale: How,
    /// 0 to 100. At 85 the colours are as dense as the ramp has them.
    pub opacity: u8,
}

/// An element of the page that heat lies on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PictureElement {
    /// Left, top, width and height, CSS px.
    pub rect: [i64; 4],
    /// Its tag, lower case.
    pub tag: String,
    /// Its role; empty for none.
    pub role: String,
    /// Characters of its text.
    pub text: u32,
    /// Stays where it is when the page scrolls.
    pub fixed: bool,
    /// Sticks to the upper edge.
    pub sticky: bool,
    /// Shows a picture.
    pub image: bool,
}
