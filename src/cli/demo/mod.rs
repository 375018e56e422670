//! Synthetic visitors of the demo shop: who they are, what they do, and the frames that their browsers would send. No clock, no I/O.

mod calendar;
mod chance;
mod geometry;
mod mouse;
mod motion;
mod person;
mod plan;
mod tape;
mod touch;
mod visit;
mod window;

pub use geometry::SHOP_PATH;
pub use visit::{PageVisit, Visit, visits};
