use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;

use super::varint::{Reader, put_varint};
use super::{ClientMessage, ControlError, FrameError, Hello, MAX_ENVELOPE_BYTES, MAX_FRAME_BYTES, parse_client};

/// The body of a POST: a hello, and frames of its pages (docs/protocol.md section 5).
#[derive(Debug)]
pub struct Envelope<'a> {
    /// Names the site and the pages.
    pub hello: Hello,
    /// Frames, not decoded yet.
    pub frames: Vec<&'a [u8]>,
}

/// Why a body is not an envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The lengths don't fit the body.
    #[error("{0}")]
    Layout(#[from] FrameError),
    /// The hello is wrong.
    #[error("{0}")]
    Hello(#[from] ControlError),
}

/// The envelope, unpacked where it is gzip. No header says so: one would need a preflight. An envelope can't begin like gzip, because its
/// second byte is the first one of a JSON text.
///
/// Stops at the first byte past the bound, so that a bomb costs no more than an honest body of full size.
pub fn unpack(body: &[u8]) -> Result<Cow<'_, [u8]>, EnvelopeError> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(body));
    }
    let mut packed = GzDecoder::new(body);
    let (mut plain, mut part) = (Vec::new(), [0; 8 << 10]);
    loop {
        let length = packed.read(&mut part).map_err(|_| FrameError::Truncated)?;
        let needed = plain.len() + length;
        match length {
            0 => return Ok(Cow::Owned(plain)),
            _ if needed > MAX_ENVELOPE_BYTES => return Err(FrameError::Limit.into()),
            _ if needed > plain.capacity() => {
                let room = (2 * plain.capacity()).min(MAX_ENVELOPE_BYTES).max(needed);
                plain.reserve_exact(room - plain.len());
            }
            _ => {}
        }
        plain.extend_from_slice(&part[..length]);
    }
}

/// Reads a POST body. Total, and bounded by its input.
pub fn parse_envelope(body: &[u8]) -> Result<Envelope<'_>, EnvelopeError> {
    if body.len() > MAX_ENVELOPE_BYTES {
        return Err(FrameError::Limit.into());
    }
    let mut reader = Reader::new(body);
    let length = reader.varint()?;
    let text = std::str::from_utf8(reader.take(length as usize)?).map_err(|_| FrameError::Text)?;
    let ClientMessage::Hello(hello) = parse_client(text)? else { return Err(ControlError::UnknownType.into()) };
    let mut frames = Vec::new();
    while !reader.is_empty() {
        let length = reader.varint()? as usize;
        if length > MAX_FRAME_BYTES {
            return Err(FrameError::Limit.into());
        }
        frames.push(reader.take(length)?);
    }
    Ok(Envelope { hello, frames })
}

/// Writes a POST body.
pub fn encode_envelope(hello: &Hello, frames: &[Vec<u8>]) -> Vec<u8> {
    let text = serde_json::to_string(&ClientMessage::Hello(hello.clone())).expect("plain structs always serialise");
    let mut body = Vec::new();
    put_varint(&mut body, text.len() as u32);
    body.extend_from_slice(text.as_bytes());
    for frame in frames {
        put_varint(&mut body, frame.len() as u32);
        body.extend_from_slice(frame);
    }
    body
}
