//! The modules of `src` that read what strangers send, and the checks that every input has to pass.

#[path = "../src/event/mod.rs"]
pub mod event;
#[path = "../src/wire/mod.rs"]
pub mod wire;

/// Lets `checks.rs` name this crate as the tests of the whole do.
extern crate self as mousetrail;

pub mod checks;
