/// Form of the bytes. Another one is not read, so that what an older version stored is built again.
const VERSION: u8 = 1;

/// Begins a row of numbers.
pub(super) fn begin() -> Vec<u8> {
    vec![VERSION]
}

/// Appends a number: seven bits a byte, the lowest first.
pub(super) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Reads numbers again.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// `None` where the bytes have another form.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        bytes.strip_prefix(&[VERSION]).map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub fn take(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for (index, byte) in self.0.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.0 = &self.0[index + 1..];
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_what_is_cut_does_not() {
        let mut bytes = begin();
        let numbers = [0, 127, 128, 300, u64::MAX];
        for number in numbers {
            put(&mut bytes, number);
        }
        let mut reader = Reader::new(&bytes).unwrap();
        assert_eq!(numbers.map(|_| reader.take().unwrap()), numbers);
        assert!(reader.is_empty());
        assert!(Reader::new(&bytes[..bytes.len() - 1]).map(|mut reader| numbers.map(|_| reader.take())).unwrap().contains(&None));
        assert!(Reader::new(&[9]).is_none());
    }
}
