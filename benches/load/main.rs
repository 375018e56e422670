//! The load generator: idle and active clients of the real protocol against a collector that runs already (`--url`) or one of its own.

#[path = "mod.rs"]
#[expect(dead_code, unused_imports, reason = "some of it only the chaos tests use")]
mod load;

fn main() {}
