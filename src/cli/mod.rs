//! The commands.

/// Synthetic visitors for the demo shop.
pub mod demo;
