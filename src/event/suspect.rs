use std::ops::BitOr;

/// Why a page view is probably no person's: a set of reasons, mostly empty.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Suspect(i16);

impl Suspect {
    /// No reason.
    pub const NONE: Self = Self(0);
    /// The request was not one that a browser sends.
    pub const PROGRAM: Self = Self(1);
    /// A browser that says that a program steers it, or a crawler.
    pub const AUTOMATED: Self = Self(2);
    /// Its network began more page views a minute than people do.
    pub const RATE: Self = Self(4);
    /// The site was flooded, and this looked like most of the flood.
    pub const SURGE: Self = Self(8);
    /// Its movement is a copy of other page views' movement.
    pub const COPIES: Self = Self(16);

    /// As Postgres keeps it.
    pub fn bits(self) -> i16 {
        self.0
    }

    /// The set with these bits.
    pub fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// Is there no reason?
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons for people to read.
    pub fn words(self) -> Vec<&'static str> {
        [
            (Self::PROGRAM, "not sent by a browser"),
            (Self::AUTOMATED, "automated browser"),
            (Self::RATE, "too many from one network"),
            (Self::SURGE, "part of a flood"),
            (Self::COPIES, "copied movement"),
        ]
        .into_iter()
        .filter(|(reason, _)| self.0 & reason.0 != 0)
        .map(|(_, words)| words)
        .collect()
    }
}

impl BitOr for Suspect {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
