mod build;
mod column;
mod describe;
mod due;
mod read;
mod record;
mod sum;
mod version;
mod views;
mod widths;

pub use build::{BuiltView, build_heat};
pub use column::HeatColumn;
pub use due::{due_days, has_chunks, heat_days, unbuilt};
pub use read::{HeatOrigin, HeatPiece, HeatRequest, read_heat};
pub(super) use record::{ViewRecord, view_record};
pub use sum::{DaySum, HeatGroup, StandingSum, day_groups, standing_sums, sum_group};
pub use version::{FORM, HeatVersion, checksum};
pub use views::{HeatNumbers, HeatSelection, HeatView, HeatViews};
