/// A country as ISO 3166-1 alpha-2: two capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Country([u8; 2]);

impl Country {
    /// Parses `DE`; `None` for what is no such code.
    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!(Country::parse("DE").as_ref().map(Country::code), Some("DE"));
        for wrong in ["", "D", "de", "DEU", "D1", "é"] {
            assert_eq!(Country::parse(wrong), None, "{wrong}");
        }
    }
}
