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
