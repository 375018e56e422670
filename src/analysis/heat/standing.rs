use super::boxes::{Boxes, Known, Rect};
use super::timeline::Timeline;
use super::{Description, HeatEvent, ViewFacts};
use crate::event::ElementBox;

/// Boxes that scroll within one another.
const MAX_DEPTH: usize = 8;

/// What a page view tells of the layout of its page: where its elements stand when nothing is scrolled.
#[derive(Debug)]
pub struct Layout {
    boxes: Boxes,
    height: i32,
}

/// An element where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its number within the page view.
    pub number: u16,
    /// Its box with everything scrolled back, CSS px of the document; of a fixed one in the window.
    pub rect: ElementBox,
    /// How much it may be wrong: first by how many px the document was higher or lower when the element was described, then how far a sticky
    /// one's page was scrolled. The least is believed.
    pub doubt: (u32, u32),
}

impl Layout {
    /// Of all events of a page view.
    pub fn of(facts: ViewFacts, descriptions: &[Description], events: &[HeatEvent]) -> Self {
        let mut events = events.to_vec();
        events.sort_by_key(|event| event.at_ms);
        let boxes = Boxes::new(facts, descriptions, &events);
        let height = boxes.document(u32::MAX).h as i32;
        Self { boxes, height }
    }

    /// Height of the document at the end, CSS px: lists may have grown.
    pub fn height(&self) -> i32 {
        self.height
    }

    /// All elements as they stand in a document of this height, CSS px. Of the descriptions of each, that counts which was made when the document
    /// was most like this: where a list above has grown since, the others are wrong.
    pub fn standing(&self, height: i32) -> Vec<Standing> {
        self.boxes.elements.iter().filter_map(|(number, known)| self.place(*number, known, height, MAX_DEPTH)).collect()
    }

    fn place(&self, number: u16, known: &Known, height: i32, depth: usize) -> Option<Standing> {
        let outer = known.scroller.filter(|_| depth > 0);
        if let Some((outer, around)) = outer.and_then(|number| Some((number, self.boxes.elements.get(&number)?))) {
            return self.place_inside(number, known, around, self.place(outer, around, height, depth - 1)?, self.boxes.inner.get(&outer)?);
        }
        let scroll = &self.boxes.scroll;
        let placed = known.descriptions.iter().rev().map(|described| {
            let (from, to) = described.span;
            let there = self.boxes.document(described.at_ms).h as i32;
            let doubt = match (known.stays, known.is_sticky) {
                (false, _) => (there.abs_diff(height), 0),
                (true, false) => (0, scroll.spread(from, to) as u32),
                // It may stand lower than it sticks, which only a page that isn't scrolled tells.
                (true, true) => (0, scroll.spread(from, to) as u32 + scroll.at(to).1.abs() as u32),
            };
            let moved = if known.stays { scroll.at(described.at_ms) } else { (0.0, 0.0) };
            Standing { number, rect: whole(described.rect, (-moved.0, -moved.1)), doubt }
        });
        // Of equal ones the newest, which comes first.
        placed.min_by_key(|standing| standing.doubt)
    }

    /// In a box that scrolls: where it is in that box doesn't depend on the rest of the page.
    fn place_inside(&self, number: u16, known: &Known, around: &Known, outer: Standing, inner: &Timeline) -> Option<Standing> {
        let placed = known.descriptions.iter().rev().filter_map(|described| {
            let (from, to) = described.span;
            // The box as it was described last before.
            let split = around.descriptions.partition_point(|other| other.seq <= described.seq);
            let there = around.descriptions.get(split.saturating_sub(1))?;
            let moved = inner.at(described.at_ms);
            let by = (moved.0 + f64::from(outer.rect.x) - there.rect.x, moved.1 + f64::from(outer.rect.y) - there.rect.y);
            let spread = inner.spread(from, to);
            let other_page = self.boxes.document(described.at_ms).h - self.boxes.document(there.at_ms).h;
            let doubt = (outer.doubt.0, outer.doubt.1 + spread as u32 + other_page.abs() as u32);
            Some(Standing { number, rect: whole(described.rect, by), doubt })
        });
        placed.min_by_key(|standing| standing.doubt)
    }
}

fn whole(rect: Rect, by: (f64, f64)) -> ElementBox {
    ElementBox { x: (rect.x + by.0).round() as i32, y: (rect.y + by.1).round() as i32, w: rect.w as u32, h: rect.h as u32 }
}
