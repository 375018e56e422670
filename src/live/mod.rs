mod hub;
mod mailbox;
mod presence;
#[cfg(test)]
mod tests;

pub use hub::{Hub, Topic, Watcher};
pub use mailbox::{LONGEST_SILENCE, LiveFrame, MAX_WAITING_BYTES, Update};
pub use presence::{Presence, Present, Visitors};
