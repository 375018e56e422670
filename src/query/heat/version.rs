/// Form and meaning of stored heat. Whoever changes what `ViewHeat::of` gives, or its bytes, raises it, and makes all days due by a migration:
/// what an older version stored is not used then, and built again.
pub const FORM: i16 = 1;

/// What the heat of a page view was built from. Chunks are never changed or taken away one by one, so the number of events tells which there were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeatVersion {
    /// `FORM` at that time.
    pub form: i16,
    /// Events of the page view.
    pub events: i32,
    /// Was its outline there?
    pub outlined: bool,
}

impl HeatVersion {
    /// What a build of today makes of a page view like this.
    pub fn of(events: i32, outlined: bool) -> Self {
        Self { form: FORM, events, outlined }
    }

    fn bits(self) -> u64 {
        (self.form as u16 as u64) << 48 | u64::from(self.outlined) << 32 | u64::from(self.events as u32)
    }
}

/// Stands for a set of page views and what each was built from: the exclusive or of a mixture of each, so that their order doesn't matter.
pub fn checksum(views: impl IntoIterator<Item = (i64, HeatVersion)>) -> i64 {
    views.into_iter().fold(0, |sum, (id, version)| sum ^ mix((id as u64).wrapping_add(mix(version.bits())))) as i64
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_tells_sets_apart_and_not_orders() {
        let [one, two] = [(1, HeatVersion::of(4, false)), (2, HeatVersion::of(4, false))];
        assert_eq!(checksum([one, two]), checksum([two, one]));
        for other in [vec![one], vec![two], vec![one, (2, HeatVersion::of(5, false))], vec![one, (2, HeatVersion::of(4, true))], vec![]] {
            assert_ne!(checksum([one, two]), checksum(other));
        }
    }
}
