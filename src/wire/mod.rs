mod control;
mod decode;
mod encode;
mod envelope;
mod error;
mod part;
mod random;
#[cfg(test)]
mod frame_tests;
mod varint;

pub use control::{
    ClientMessage, ControlError, Hello, Import, NewPage, Page, PageState, PrimaryPointer, ResumedPage, ServerMessage, Via, parse_client,
};
pub use decode::{FrameKey, decode_frame, peek_key};
pub use encode::encode_frame;
pub use envelope::{Envelope, EnvelopeError, encode_envelope, parse_envelope, unpack};
pub use error::FrameError;
pub use part::{MAX_PART_BYTES, MAX_PART_HEAD_BYTES, PartHead, encode_part, parse_part_head};

/// Subprotocol that a client asks for and the collector confirms.
pub const SUBPROTOCOL: &str = "mousetrail.v1";
/// Version in `hello.v` and in each frame's first byte.
pub const VERSION: u8 = 1;
/// Largest frame, bytes.
pub const MAX_FRAME_BYTES: usize = 65_536;
/// Largest control message, bytes.
pub const MAX_CONTROL_BYTES: usize = 65_536;
/// Largest POST body, bytes.
pub const MAX_ENVELOPE_BYTES: usize = 1 << 20;
/// Largest number of page views in a hello.
pub const MAX_HELLO_PAGES: usize = 16;
/// Largest number of page views on a connection.
pub const MAX_PAGES: usize = 256;
