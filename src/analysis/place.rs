use std::collections::HashMap;

use super::WidthClass;
use crate::event::{ElementBox, Family, Kind, PointerEvent};

/// The page that a heatmap is drawn on: one layout, at one width.
#[derive(Clone, Debug, Default)]
pub struct Background {
    /// Width of its viewport, CSS px.
    pub viewport_w: i32,
    /// Width and height of its document, CSS px.
    pub document: (i32, i32),
    /// Where each element stands in it, by `name_id`.
    pub boxes: HashMap<i32, ElementBox>,
}

/// An element of the page view whose events are to be placed.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    /// The same for the same element over all page views of the page.
    pub name_id: i32,
    /// Where it stood when it was described.
    pub rect: ElementBox,
    /// Does it stay in the window while the page scrolls?
    pub fixed: bool,
    /// Frame that described it.
    pub seq: i32,
    /// Time of the outline that described it, ms since the page view began; `None` where a frame did.
    pub outline_ms: Option<u32>,
}

/// How a point found its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placing {
    /// By its offset within the element that it was on.
    Element,
    /// By the ratio of the documents, because the background doesn't know the element.
    Ratio,
}

/// Where a point stands in the background, document px.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spot {
    /// Left to right.
    pub x: f64,
    /// Top to bottom.
    pub y: f64,
    /// How it was found.
    pub how: Placing,
}

/// Places the events of one page view in a background; feed it all events, in the order of time.
#[derive(Debug)]
pub struct Placer<'a> {
    background: &'a Background,
    document: (i32, i32),
    same_class: bool,
    scroll_y: i32,
    /// Time of the outline, until it is reached.
    outline_ms: Option<u32>,
    /// By the element's number in the page view; with the scroll offset at which a fixed one was described, once it is known.
    anchors: HashMap<u16, (Anchor, Option<i32>)>,
}

impl<'a> Placer<'a> {
    /// A page view with a viewport of `viewport_w` and a document of `document` CSS px that began scrolled to `scroll_y`.
    pub fn new(background: &'a Background, viewport_w: i32, document: (i32, i32), scroll_y: i32, anchors: HashMap<u16, Anchor>) -> Self {
        Self {
            background,
            document,
            same_class: WidthClass::of(viewport_w) == WidthClass::of(background.viewport_w),
            scroll_y,
            outline_ms: anchors.values().find_map(|anchor| anchor.outline_ms),
            anchors: anchors.into_iter().map(|(number, anchor)| (number, (anchor, None))).collect(),
        }
    }

    /// Element of the event by its `name_id`.
    pub fn name_id(&self, event: &PointerEvent) -> Option<i32> {
        self.anchors.get(&event.element).map(|(anchor, _)| anchor.name_id)
    }

    /// Where the event stands in the background; `None` where that can't be known. `seq` is the frame of the event, `at_ms` its time since
    /// the page view began.
    pub fn place(&mut self, seq: i32, at_ms: u32, event: &PointerEvent) -> Option<Spot> {
        self.pass_outline(at_ms);
        match event.kind {
            Kind::Scroll => self.scroll_y = event.y,
            Kind::Document => self.document = (event.x, event.y),
            _ => {}
        }
        if event.kind.family() != Family::Place {
            return None;
        }
        self.by_element(seq, event).or_else(|| self.by_ratio(event))
    }

    /// What the outline described stood where it stood at the scroll offset of that moment.
    fn pass_outline(&mut self, at_ms: u32) {
        if self.outline_ms.take_if(|outline_ms| at_ms > *outline_ms).is_some() {
            for (anchor, described_at) in self.anchors.values_mut() {
                if anchor.outline_ms.is_some() {
                    *described_at = Some(self.scroll_y);
                }
            }
        }
    }

    fn by_element(&mut self, seq: i32, event: &PointerEvent) -> Option<Spot> {
        let (anchor, described_at) = self.anchors.get_mut(&event.element)?;
        let there = self.background.boxes.get(&anchor.name_id)?;
        let here = anchor.rect;
        if here.w == 0 || here.h == 0 {
            return None;
        }
        // A fixed element was described in document px of that moment; since then it has moved along with the scroll offset.
        let moved = if anchor.fixed {
            if described_at.is_none() && (seq < anchor.seq || anchor.outline_ms.is_some()) {
                return None;
            }
            self.scroll_y - *described_at.get_or_insert(self.scroll_y)
        } else {
            0
        };
        let across = (f64::from(event.x) - f64::from(here.x)) / f64::from(here.w);
        let down = (f64::from(event.y) - f64::from(moved) - f64::from(here.y)) / f64::from(here.h);
        // Slightly outside is a captured pointer or a box that has grown; far outside the box is stale.
        if !(-0.5..=1.5).contains(&across) || !(-0.5..=1.5).contains(&down) {
            return None;
        }
        Some(Spot {
            x: f64::from(there.x) + across * f64::from(there.w),
            y: f64::from(there.y) + down * f64::from(there.h),
            how: Placing::Element,
        })
    }

    fn by_ratio(&self, event: &PointerEvent) -> Option<Spot> {
        let (w, h) = self.document;
        if !self.same_class || w <= 0 || h <= 0 {
            return None;
        }
        Some(Spot {
            x: f64::from(event.x) * f64::from(self.background.document.0) / f64::from(w),
            y: f64::from(event.y) * f64::from(self.background.document.1) / f64::from(h),
            how: Placing::Ratio,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: i32, y: i32, w: u32, h: u32) -> ElementBox {
        ElementBox { x, y, w, h }
    }

    fn background() -> Background {
        Background {
            viewport_w: 1_440,
            document: (1_440, 3_000),
            boxes: HashMap::from([(7, rect(100, 200, 400, 50)), (8, rect(0, 0, 1_440, 60))]),
        }
    }

    fn on(element: u16, x: i32, y: i32) -> PointerEvent {
        PointerEvent { element, ..PointerEvent::new(0, Kind::Move, x, y) }
    }

    fn anchor(name_id: i32, rect: ElementBox, fixed: bool) -> Anchor {
        Anchor { name_id, rect, fixed, seq: 1, outline_ms: None }
    }

    #[test]
    fn a_point_keeps_its_share_of_the_element() {
        let background = background();
        let anchors = HashMap::from([(3, anchor(7, rect(20, 900, 200, 100), false))]);
        let mut placer = Placer::new(&background, 390, (390, 5_000), 0, anchors);
        assert_eq!(placer.place(1, 9, &on(3, 70, 950)), Some(Spot { x: 200.0, y: 225.0, how: Placing::Element }));
        assert_eq!(placer.name_id(&on(3, 0, 0)), Some(7));
    }

    #[test]
    fn an_unknown_element_is_placed_by_ratio_within_the_class_of_widths_only() {
        let background = background();
        let mut near = Placer::new(&background, 1_300, (1_300, 1_500), 0, HashMap::new());
        assert_eq!(near.place(1, 9, &on(9, 650, 500)), Some(Spot { x: 720.0, y: 1_000.0, how: Placing::Ratio }));
        let mut phone = Placer::new(&background, 390, (390, 1_500), 0, HashMap::new());
        assert_eq!(phone.place(1, 9, &on(9, 65, 500)), None);
    }

    #[test]
    fn a_fixed_element_moves_with_the_window() {
        let background = background();
        // Described while the page was scrolled to 500.
        let anchors = HashMap::from([(1, anchor(8, rect(0, 500, 1_440, 60), true))]);
        let mut placer = Placer::new(&background, 1_440, (1_440, 3_000), 500, anchors);
        assert_eq!(placer.place(1, 9, &on(1, 720, 530)).map(|spot| spot.y), Some(30.0));
        assert_eq!(placer.place(2, 9, &PointerEvent::new(0, Kind::Scroll, 0, 1_000)), None);
        assert_eq!(placer.place(2, 9, &on(1, 720, 1_030)).map(|spot| spot.y), Some(30.0));
    }

    #[test]
    fn what_an_outline_says_of_a_fixed_element_holds_for_the_scroll_offset_of_its_time() {
        let background = background();
        let outlined = |rect| Anchor { seq: 0, outline_ms: Some(2_000), ..anchor(8, rect, true) };
        let anchors = HashMap::from([(1, outlined(rect(0, 500, 1_440, 60)))]);
        let mut placer = Placer::new(&background, 1_440, (1_440, 3_000), 0, anchors);
        assert_eq!(placer.place(1, 1_000, &on(1, 720, 30)).map(|spot| spot.how), Some(Placing::Ratio), "not known yet");
        placer.place(1, 1_500, &PointerEvent::new(0, Kind::Scroll, 0, 500));
        placer.place(1, 2_500, &PointerEvent::new(0, Kind::Scroll, 0, 900));
        assert_eq!(placer.place(1, 3_000, &on(1, 720, 930)), Some(Spot { x: 720.0, y: 30.0, how: Placing::Element }));
    }

    #[test]
    fn a_stale_box_is_not_believed() {
        let background = background();
        let anchors = HashMap::from([(3, anchor(7, rect(20, 900, 200, 100), false))]);
        let mut placer = Placer::new(&background, 1_440, (1_440, 3_000), 0, anchors);
        assert_eq!(placer.place(1, 9, &on(3, 70, 2_000)).map(|spot| spot.how), Some(Placing::Ratio));
    }
}
