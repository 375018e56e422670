mod boxes;
mod cell;
mod clicks;
mod code;
mod difference;
mod draw;
mod kind;
mod movement;
mod near;
mod patch;
mod rows;
mod standing;
mod stay;
mod sum;
#[cfg(test)]
mod tests;
mod timeline;
mod view;

pub use cell::Cell;
pub use difference::{Compared, Difference, Differing};
pub use draw::{Background, Drawing, Drawn, Placed, Shown};
pub use kind::{HeatKind, PointerClass, Unit};
pub use near::{Near, Part};
pub use patch::{ElementKey, Heat, Patch, PatchSums, Spot, Step, each};
pub use rows::ATTENTION_MS;
pub use standing::{Layout, Standing};
pub use sum::{ElementSum, ElementSums};
pub use view::{Description, HeatEvent, ViewFacts, ViewHeat};
