use std::collections::BTreeSet;

/// Which seqs of a page view are settled, and how far without a gap.
#[derive(Debug, Clone, Default)]
pub(super) struct Acks {
    settled: u32,
    beyond: BTreeSet<u32>,
}

impl Acks {
    /// Every seq up to this one is settled already.
    pub(super) fn from(settled: u32) -> Self {
        Self { settled, beyond: BTreeSet::new() }
    }

    /// The seq up to which everything is settled.
    pub(super) fn settled(&self) -> u32 {
        self.settled
    }

    /// Settles one seq.
    pub(super) fn settle(&mut self, seq: u32) {
        if seq > self.settled {
            self.beyond.insert(seq);
        }
        while self.beyond.remove(&(self.settled + 1)) {
            self.settled += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_ack_never_passes_a_gap(seqs in proptest::collection::vec(1u32..40, 0..60)) {
            let mut acks = Acks::default();
            for (index, seq) in seqs.iter().enumerate() {
                acks.settle(*seq);
                let given = &seqs[..=index];
                let expected = (1..).take_while(|seq| given.contains(seq)).count() as u32;
                prop_assert_eq!(acks.settled(), expected);
            }
        }
    }
}
