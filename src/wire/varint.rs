use super::FrameError;

/// Reads a message from its front. Each method takes what it returns.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes that were not taken yet.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, FrameError> {
        let (first, rest) = self.rest.split_first().ok_or(FrameError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], FrameError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FrameError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 integer of at most 32 bits in its shortest form.
    pub(super) fn varint(&mut self) -> Result<u32, FrameError> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            // The fifth byte has room for four bits.
            if shift == 28 && byte > 0x0f {
                return Err(FrameError::Varint);
            }
            value |= bits << shift;
            if byte < 0x80 {
                // A last byte of zero could have been left out.
                return if byte == 0 && shift > 0 { Err(FrameError::Varint) } else { Ok(value) };
            }
        }
        Err(FrameError::Varint)
    }

    /// A varint of at most `max`.
    pub(super) fn varint_to(&mut self, max: u32) -> Result<u32, FrameError> {
        let value = self.varint()?;
        if value <= max { Ok(value) } else { Err(FrameError::Range) }
    }

    pub(super) fn zigzag(&mut self) -> Result<i32, FrameError> {
        let value = self.varint()?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    /// Text of at most `max` bytes, where a longer one is simply out of range.
    pub(super) fn text(&mut self, max: u32) -> Result<&'a str, FrameError> {
        let length = self.varint_to(max)?;
        self.text_of(length)
    }

    /// Text that a page may give as long as it likes: over `max` bytes it breaks a limit.
    pub(super) fn long_text(&mut self, max: u32) -> Result<&'a str, FrameError> {
        let length = self.varint()?;
        if length > max { Err(FrameError::Limit) } else { self.text_of(length) }
    }

    fn text_of(&mut self, length: u32) -> Result<&'a str, FrameError> {
        let text = std::str::from_utf8(self.take(length as usize)?).map_err(|_| FrameError::Text)?;
        if text.contains('\0') { Err(FrameError::Text) } else { Ok(text) }
    }
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_zigzag(out: &mut Vec<u8>, value: i32) {
    put_varint(out, ((value << 1) ^ (value >> 31)) as u32);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_varint_comes_back(value: u32) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            prop_assert_eq!(Reader::new(&bytes).varint(), Ok(value));
        }

        #[test]
        fn a_zigzag_comes_back(value: i32) {
            let mut bytes = Vec::new();
            put_zigzag(&mut bytes, value);
            prop_assert_eq!(Reader::new(&bytes).zigzag(), Ok(value));
        }
    }

    #[test]
    fn only_the_shortest_form_of_32_bits_is_read() {
        for (bytes, expected) in [
            (&[0x80, 0x00][..], Err(FrameError::Varint)),
            (&[0xff, 0xff, 0xff, 0xff, 0x0f], Ok(u32::MAX)),
            (&[0xff, 0xff, 0xff, 0xff, 0x1f], Err(FrameError::Varint)),
            (&[0xff, 0xff, 0xff, 0xff, 0x8f, 0x00], Err(FrameError::Varint)),
            (&[0x80], Err(FrameError::Truncated)),
            (&[], Err(FrameError::Truncated)),
        ] {
            assert_eq!(Reader::new(bytes).varint(), expected, "{bytes:x?}");
        }
    }
}
