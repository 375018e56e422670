use std::collections::BTreeMap;

use super::ElementKey;
use super::code::{Reader, put};

/// What happened on one element, summed over page views.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ElementSum {
    /// Page views that described it.
    pub views: u64,
    /// Time that it was in view of somebody who did something, ms: where half of it was, half of the time.
    pub attention_ms: u64,
    /// Times that a pointer came over it.
    pub hovers: u64,
    /// Time that pointers were over it, ms.
    pub hover_ms: u64,
    /// Hovers that ended in a click on it.
    pub clicked_hovers: u64,
    /// Of those: time from the coming to the first press, ms.
    pub hesitation_ms: u64,
    /// Clicks on it.
    pub clicks: u64,
    /// Of those: in bursts.
    pub rage: u64,
    /// Of those: without an answer.
    pub dead: u64,
    /// Page views that clicked it.
    pub clicked_views: u64,
    /// Sum over them of the time from the begin of the page view to the first click on it, ms.
    pub first_click_ms: u64,
    /// Times that its content was scrolled: it is a box that scrolls.
    pub scrolls: u64,
}

impl ElementSum {
    fn fields(&mut self) -> [&mut u64; 12] {
        let Self {
            views,
            attention_ms,
            hovers,
            hover_ms,
            clicked_hovers,
            hesitation_ms,
            clicks,
            rage,
            dead,
            clicked_views,
            first_click_ms,
            scrolls,
        } = self;
        [views, attention_ms, hovers, hover_ms, clicked_hovers, hesitation_ms, clicks, rage, dead, clicked_views, first_click_ms, scrolls]
    }
}

/// Sums by element.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ElementSums(pub BTreeMap<ElementKey, ElementSum>);

impl ElementSums {
    /// Of this element.
    pub fn of(&mut self, key: ElementKey) -> &mut ElementSum {
        self.0.entry(key).or_default()
    }

    /// Adds what `encode` gave. `None` where the bytes are not that; then something of them may have been added.
    pub fn add(&mut self, bytes: &[u8]) -> Option<()> {
        let mut reader = Reader::new(bytes)?;
        while !reader.is_empty() {
            let sum = self.of(ElementKey(reader.take()? as i64));
            for field in sum.fields() {
                *field = field.saturating_add(reader.take()?);
            }
        }
        Some(())
    }

    /// As stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = super::code::begin();
        for (key, sum) in &self.0 {
            put(&mut bytes, key.0 as u64);
            for field in sum.clone().fields() {
                put(&mut bytes, *field);
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_through_their_bytes() {
        let mut one = ElementSums::default();
        *one.of(ElementKey(7)) = ElementSum { views: 1, clicks: 3, scrolls: 300, ..ElementSum::default() };
        let mut all = one.clone();
        assert_eq!(all.add(&one.encode()), Some(()));
        assert_eq!(*all.of(ElementKey(7)), ElementSum { views: 2, clicks: 6, scrolls: 600, ..ElementSum::default() });
        assert_eq!(all.add(&one.encode()[..4]), None);
    }
}
