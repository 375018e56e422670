mod breakpoints;
mod learn;
#[cfg(test)]
mod learn_tests;

pub use breakpoints::{Breakpoints, InvalidBreakpoints};
pub use learn::{LEARN_DAYS, is_enough, learn, relearn};
