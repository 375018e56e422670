//! Pure computation over pointer events: no clock, no I/O.

/// The error-bounded throttle, as the snippet does it.
pub mod thin;
