use std::time::Duration;

/// What a proxy does to the bytes of one direction. All of it can be changed while it runs.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Bytes arrive this much later.
    pub delay: Duration,
    /// Plus or minus up to this much.
    pub jitter: Duration,
    /// Bytes a second and connection; 0 is no limit.
    pub bytes_a_second: u64,
    /// Share of the reads whose bytes go out one at a time, each as a segment of its own.
    pub dribble: f64,
    /// Pause between two of these bytes.
    pub dribble_pause: Duration,
    /// Bytes vanish, the connection stays open.
    pub blackhole: bool,
    /// Bytes wait, and are not read.
    pub freeze: bool,
}

/// What is to become of bytes that a hook has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They go on.
    Pass,
    /// Others go on in their place.
    Replace(Vec<u8>),
    /// They vanish.
    Swallow,
    /// They vanish, and so does everything after them in this direction, the end of the connection too.
    Forget,
    /// They vanish, and both sides get a reset.
    Reset,
}

/// Sees the bytes of one direction of one connection. A new one is made for each connection.
pub type Hook = Box<dyn FnMut(&[u8]) -> Verdict + Send>;
