mod activity;
mod glyph;
/// Heat by element: what heatmaps are made of.
pub mod heat;
mod path;
/// The error-bounded throttle, as the snippet does it.
pub mod thin;
mod template;
mod thumbnail;
/// Classes of viewport widths, and how they are learnt.
pub mod width;

pub use activity::{Gap, Piece, bars, gaps, histogram};
pub use glyph::Glyph;
pub use path::{IDLE_MS, Path, Point, Segment};
pub use template::{Proposal, propose};
pub use thumbnail::{Thumbnail, simplify};
pub use width::{Breakpoints, InvalidBreakpoints};
