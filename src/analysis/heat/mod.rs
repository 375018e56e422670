mod cell;
mod code;
mod draw;
mod kind;
mod patch;
mod sum;
mod view;

pub use cell::Cell;
pub use draw::{Background, Drawing, Placed, Shown};
pub use kind::{HeatKind, PointerClass, Unit};
pub use patch::{ElementKey, Heat, Patch, Spot, Step, each};
pub use sum::{ElementSum, ElementSums};
pub use view::{Description, HeatEvent, ViewFacts, ViewHeat};
