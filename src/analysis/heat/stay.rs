/// Bits of the share.
const SHARE_BITS: u32 = 28;
/// Parts in which a share is counted.
const SHARE_PARTS: f64 = 64.0;

/// How long a row was in view, and of how much of a page view that is told: the amounts of attention.
///
/// A row of the map can be told of twice or not at all where what lies around it wraps in another way at another width. With the shares beside the
/// times, the map shows the mean of those that told of it. As one number it adds up like every other amount: 19 hours times a thousand a day
/// (36 bits of ms), and 4 million page views.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Stay {
    pub ms: f64,
    /// 1 for a whole page view.
    pub share: f64,
}

impl Stay {
    pub fn pack(self) -> u64 {
        (self.ms.round() as u64) << SHARE_BITS | (self.share * SHARE_PARTS).round() as u64
    }

    pub fn unpack(amount: u64) -> Self {
        Self { ms: (amount >> SHARE_BITS) as f64, share: (amount & ((1 << SHARE_BITS) - 1)) as f64 / SHARE_PARTS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_add_up_as_numbers() {
        let sum = Stay { ms: 1_500.0, share: 1.0 }.pack() + Stay { ms: 0.0, share: 0.25 }.pack();
        assert_eq!(Stay::unpack(sum), Stay { ms: 1_500.0, share: 1.25 });
    }
}
