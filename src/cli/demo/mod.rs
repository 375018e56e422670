//! Synthetic visitors of the demo shop: who they are, what they do, and the frames that their browsers would send. No clock, no I/O.

mod act;
mod calendar;
mod chance;
mod geometry;
mod look;
mod motion;
mod mouse;
mod person;
mod plan;
mod tape;
#[cfg(test)]
mod tests;
mod touch;
mod visit;
mod window;

pub use geometry::SHOP_PATH;
pub use visit::{PageVisit, Visit, visits};
