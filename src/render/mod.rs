mod cells;
#[cfg(test)]
mod fixture_tests;
mod paint;
mod picture;
mod png;
mod ramp;
mod scale;
mod smooth;
mod wireframe;

pub use self::cells::{Amounts, Shown};
pub use self::picture::{Picture, PictureElement};
pub use self::png::heatmap_png;
pub use self::ramp::Palette;
pub use self::scale::How;
