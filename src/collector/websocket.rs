use actix_web::web::Bytes;

use super::Close;
use crate::wire::{MAX_CONTROL_BYTES, MAX_FRAME_BYTES};

/// Largest message, bytes. Frames and control messages have the same bound, so nothing longer can be of use.
const MAX_MESSAGE: usize = if MAX_FRAME_BYTES > MAX_CONTROL_BYTES { MAX_FRAME_BYTES } else { MAX_CONTROL_BYTES };
/// Longest payload of a ping, pong or close.
const MAX_CONTROL: u64 = 125;
/// Two bytes, a length of eight and a mask of four.
const MAX_HEAD: usize = 14;

/// What a client said on its WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// With the code that it gave.
    Close(Option<u16>),
}

/// Reads WebSocket messages out of a client's bytes (RFC 6455), whole, however they are cut into frames and packets.
///
/// Our own and not the one of `actix-ws`, because that one looks at a frame's length only once all of the frame is there, keeps a list entry for
/// each fragment, and gives the same error for what has different close codes. This one refuses by the head of a frame, so it never
/// holds more than one message of at most `MAX_MESSAGE` bytes and one ping.
#[derive(Debug, Default)]
pub(super) struct Reader {
    head: [u8; MAX_HEAD],
    head_length: usize,
    /// The frame whose payload is being read.
    frame: Option<Frame>,
    /// The data message that has begun.
    is_text: Option<bool>,
    message: Vec<u8>,
    /// Payload of a ping, pong or close, which may stand between the fragments of a message.
    control: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    is_last: bool,
    opcode: u8,
    length: usize,
    /// Bytes of the payload that are read already.
    done: usize,
    mask: [u8; 4],
}

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

impl Reader {
    /// Takes from the front of `bytes` up to the end of the next message. `None`: that needs more bytes than there are.
    pub(super) fn read(&mut self, bytes: &mut Bytes) -> Result<Option<Message>, Close> {
        loop {
            let Some(frame) = &mut self.frame else {
                match self.read_head(bytes)? {
                    Some(frame) => self.frame = Some(frame),
                    None => return Ok(None),
                }
                continue;
            };
            let part = bytes.split_to(bytes.len().min(frame.length - frame.done));
            let into = if frame.opcode >= CLOSE { &mut self.control } else { &mut self.message };
            reserve(into, part.len());
            into.extend(part.iter().zip(frame.done..).map(|(byte, at)| byte ^ frame.mask[at % 4]));
            frame.done += part.len();
            if frame.done < frame.length {
                return Ok(None);
            }
            let frame = *frame;
            self.frame = None;
            if let Some(message) = self.finish(frame)? {
                return Ok(Some(message));
            }
        }
    }

    /// Has a message begun that has not ended?
    pub(super) fn is_unfinished(&self) -> bool {
        self.head_length > 0 || self.frame.is_some() || self.is_text.is_some()
    }

    /// The head of the next frame, once all of it is there.
    fn read_head(&mut self, bytes: &mut Bytes) -> Result<Option<Frame>, Close> {
        loop {
            let wanted = match self.head_length {
                0 | 1 => 2,
                _ => self.check_start()?,
            };
            if self.head_length == wanted {
                break;
            }
            let part = bytes.split_to(bytes.len().min(wanted - self.head_length));
            if part.is_empty() {
                return Ok(None);
            }
            self.head[self.head_length..self.head_length + part.len()].copy_from_slice(&part);
            self.head_length += part.len();
        }
        let length = match (self.head[1] & 0x7f, self.head_length) {
            (126, _) => u64::from(u16::from_be_bytes([self.head[2], self.head[3]])),
            (127, _) => self.head[2..10].iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
            (length, _) => u64::from(length),
        };
        // A length has 63 bits.
        if length >> 63 != 0 {
            return Err(Close::Protocol);
        }
        let opcode = self.head[0] & 0x0f;
        if opcode < CLOSE && length > (MAX_MESSAGE - self.message.len()) as u64 {
            return Err(Close::TooBig);
        }
        let mut mask = [0; 4];
        mask.copy_from_slice(&self.head[self.head_length - 4..self.head_length]);
        self.head_length = 0;
        match opcode {
            TEXT | BINARY => self.is_text = Some(opcode == TEXT),
            _ => {}
        }
        Ok(Some(Frame { is_last: self.head[0] & 0x80 != 0, opcode, length: length as usize, done: 0, mask }))
    }

    /// Judges a frame by its first two bytes, and says how long its head is.
    fn check_start(&self) -> Result<usize, Close> {
        let [first, second] = [self.head[0], self.head[1]];
        let (opcode, is_last, length) = (first & 0x0f, first & 0x80 != 0, second & 0x7f);
        let is_fine = match opcode {
            CONTINUATION => self.is_text.is_some(),
            TEXT | BINARY => self.is_text.is_none(),
            CLOSE | PING | PONG => is_last && u64::from(length) <= MAX_CONTROL,
            _ => false,
        };
        // No extension was agreed on that could mean something by the reserved bits, and a client masks every frame.
        if !is_fine || first & 0x70 != 0 || second & 0x80 == 0 {
            return Err(Close::Protocol);
        }
        Ok(match length {
            126 => 8,
            127 => 14,
            _ => 6,
        })
    }

    /// The message that ends with this frame, if one does.
    fn finish(&mut self, frame: Frame) -> Result<Option<Message>, Close> {
        if frame.opcode >= CLOSE {
            let payload = std::mem::take(&mut self.control);
            return Ok(Some(match frame.opcode {
                PING => Message::Ping(payload),
                PONG => Message::Pong,
                _ => Message::Close(close_code(&payload)?),
            }));
        }
        if !frame.is_last {
            return Ok(None);
        }
        let payload = std::mem::take(&mut self.message);
        Ok(Some(match self.is_text.take() {
            Some(true) => Message::Text(String::from_utf8(payload).map_err(|_| Close::Text)?),
            _ => Message::Binary(payload),
        }))
    }
}

/// Room for `more` bytes. It doubles like `Vec` does by itself, but not past the largest message.
fn reserve(buffer: &mut Vec<u8>, more: usize) {
    let needed = buffer.len() + more;
    if needed > buffer.capacity() {
        let room = (2 * buffer.capacity()).min(MAX_MESSAGE).max(needed);
        buffer.reserve_exact(room - buffer.len());
    }
}

/// The code of a closing frame: those that RFC 6455 section 7.4 and its registry let an endpoint send.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Close> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(Close::Protocol) };
    };
    match u16::from_be_bytes(*code) {
        1000..=1003 | 1007..=1014 | 3000..=4999 if std::str::from_utf8(reason).is_err() => Err(Close::Text),
        code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Ok(Some(code)),
        _ => Err(Close::Protocol),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            length @ 0..=125 => bytes.push(0x80 | length as u8),
            length @ 126..=65_535 => bytes.extend([0xfe, (length >> 8) as u8, length as u8]),
            length => bytes.extend([&[0xff][..], &(length as u64).to_be_bytes()].concat()),
        }
        let mask = [1, 2, 3, 4];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(0..).map(|(byte, at)| byte ^ mask[at % 4]));
        bytes
    }

    fn read_all(pieces: impl IntoIterator<Item = Vec<u8>>) -> Result<Vec<Message>, Close> {
        let (mut reader, mut messages) = (Reader::default(), Vec::new());
        for piece in pieces {
            let mut bytes = Bytes::from(piece);
            while let Some(message) = reader.read(&mut bytes)? {
                messages.push(message);
            }
            assert!(bytes.is_empty());
            assert!(reader.message.capacity() <= MAX_MESSAGE);
        }
        Ok(messages)
    }

    proptest! {
        #[test]
        fn messages_are_the_same_however_they_are_cut(
            texts in proptest::collection::vec("[a-zé😀]{0,200}", 1..5), fragment in 1usize..70, piece in 1usize..50
        ) {
            let mut bytes = Vec::new();
            for text in &texts {
                let fragments: Vec<&[u8]> = if text.is_empty() { vec![b""] } else { text.as_bytes().chunks(fragment).collect() };
                for (index, part) in fragments.iter().enumerate() {
                    let last = if index + 1 == fragments.len() { 0x80 } else { 0 };
                    bytes.extend(frame(last | if index == 0 { TEXT } else { CONTINUATION }, part));
                    bytes.extend(frame(0x80 | PING, b"?"));
                }
            }
            let messages = read_all(bytes.chunks(piece).map(<[u8]>::to_vec)).unwrap();
            let read: Vec<_> = messages.into_iter().filter(|message| *message != Message::Ping(b"?".to_vec())).collect();
            prop_assert_eq!(read, texts.into_iter().map(Message::Text).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_read_or_refused(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let mut reader = Reader::default();
            for piece in pieces {
                let mut bytes = Bytes::from(piece);
                while let Ok(Some(_)) = reader.read(&mut bytes) {}
            }
        }
    }

    #[test]
    fn the_largest_message_is_read_and_one_byte_more_is_refused_by_its_head() {
        let largest = vec![7; MAX_MESSAGE];
        assert_eq!(read_all([frame(0x80 | BINARY, &largest)]), Ok(vec![Message::Binary(largest.clone())]));
        let head_alone = frame(0x80 | BINARY, &vec![0; MAX_MESSAGE + 1])[..14].to_vec();
        assert_eq!(read_all([head_alone]), Err(Close::TooBig));
        let last_byte = frame(0x80, b"x")[..6].to_vec();
        assert_eq!(read_all([frame(BINARY, &largest), last_byte]), Err(Close::TooBig));
    }

    #[test]
    fn a_reader_knows_whether_a_message_is_unfinished() {
        let bytes = [frame(TEXT, b"ab"), frame(0x80, b"c")].concat();
        let mut reader = Reader::default();
        for byte in &bytes[..bytes.len() - 1] {
            assert_eq!(reader.read(&mut Bytes::copy_from_slice(&[*byte])), Ok(None));
            assert!(reader.is_unfinished());
        }
        let last = reader.read(&mut Bytes::copy_from_slice(&bytes[bytes.len() - 1..]));
        assert_eq!(last, Ok(Some(Message::Text("abc".to_owned()))));
        assert!(!reader.is_unfinished());
    }
}
