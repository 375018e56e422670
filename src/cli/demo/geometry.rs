use std::sync::LazyLock;

use serde::Deserialize;

use crate::event::{Element, ElementBox, ElementFlags};

/// Where the shop lives on the collector; its other pages lie below.
pub const SHOP_PATH: &str = "/demo";

/// The shop as `tests/browser/geometry.mjs` measured it in Chromium.
static SHOP: LazyLock<Shop> =
    LazyLock::new(|| serde_json::from_str(include_str!("geometry.json")).expect("tests/browser/geometry.mjs writes what this reads"));

#[derive(Deserialize)]
struct Shop {
    pages: Vec<Page>,
}

/// One page of the shop.
#[derive(Deserialize)]
pub struct Page {
    pub path: String,
    pub title: String,
    /// In document order: an element stands behind its ancestors.
    pub elements: Vec<Description>,
    sizes: Vec<Size>,
}

/// What an element is, at every size of the window.
#[derive(Deserialize)]
pub struct Description {
    pub id: String,
    /// As the snippet gives them: one, or none.
    pub selectors: Vec<String>,
    pub tag: String,
    pub role: String,
    pub flags: u8,
    parent: i32,
    /// Characters.
    pub text: u32,
    /// Height of a line of its text, px; 0 for what isn't text.
    pub line: u32,
    pub href: String,
}

#[derive(Deserialize)]
struct Size {
    viewport: (f64, f64),
    document: (f64, f64),
    /// x, y, w, h with the page and all in it at the top; a fifth number is how far the element could be scrolled by itself.
    boxes: Vec<Option<Vec<f64>>>,
}

/// A box, px.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Rect {
    pub fn contains(self, (x, y): (f64, f64)) -> bool {
        x >= self.x && y >= self.y && x < self.x + self.w && y < self.y + self.h
    }

    pub fn middle(self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    pub fn down(self, by: f64) -> Self {
        Self { y: self.y + by, ..self }
    }
}

/// A page in a window of a certain width.
#[derive(Clone)]
pub struct Layout {
    pub page: &'static Page,
    /// CSS px.
    pub document: (f64, f64),
    rects: Vec<Option<Rect>>,
    /// The box that scrolls by itself, how far it can, and how far it is, px.
    scroller: Option<usize>,
    inner_range_px: f64,
    inner_px: f64,
    in_scroller: Vec<bool>,
}

impl Layout {
    /// The page at `path` in a window of this size. Its width is one that was measured.
    pub fn new(path: &str, viewport: (f64, f64)) -> Self {
        let page = SHOP.pages.iter().find(|page| page.path == path).expect("a page of the shop");
        let size = page.sizes.iter().find(|size| size.viewport.0 == viewport.0).expect("a measured width");
        let rects: Vec<_> =
            size.boxes.iter().map(|numbers| numbers.as_ref().map(|n| Rect { x: n[0], y: n[1], w: n[2], h: n[3] })).collect();
        let scroller = size.boxes.iter().enumerate().find_map(|(index, numbers)| (numbers.as_ref()?.len() > 4).then_some(index));
        let inner_range_px = scroller.and_then(|index| size.boxes[index].as_ref()).map_or(0.0, |numbers| numbers[4]);
        let mut in_scroller = vec![false; rects.len()];
        for (index, element) in page.elements.iter().enumerate() {
            let parent = usize::try_from(element.parent).ok();
            in_scroller[index] = parent.is_some_and(|parent| in_scroller[parent] || scroller == Some(parent));
        }
        // A document is at least as high as its window; what was measured may be higher only because that window was.
        let height = rects[0].map_or(size.document.1, |root| root.h);
        Self { page, document: (size.document.0, height.max(viewport.1)), rects, scroller, inner_range_px, inner_px: 0.0, in_scroller }
    }

    /// Where the element is now in the document; `None` where it isn't shown.
    pub fn rect(&self, index: usize, scroll_px: f64) -> Option<Rect> {
        let rect = self.shifted(index)?;
        Some(if self.stays(index) { rect.down(scroll_px) } else { rect })
    }

    /// Where the element is with the page at the top, however far the box is scrolled that it is in.
    fn shifted(&self, index: usize) -> Option<Rect> {
        self.rects[index].map(|rect| if self.in_scroller[index] { rect.down(-self.inner_px) } else { rect })
    }

    /// The box that scrolls by itself.
    pub fn scroller(&self) -> Option<usize> {
        self.scroller
    }

    /// How far it is scrolled, px.
    pub fn inner_px(&self) -> f64 {
        self.inner_px
    }

    /// Scrolls it, as far as it goes.
    pub fn scroll_inner(&mut self, to_px: f64) {
        self.inner_px = to_px.clamp(0.0, self.inner_range_px).round();
    }

    /// Does it stay in the window when the page scrolls?
    pub fn stays(&self, index: usize) -> bool {
        self.page.elements[index].flags & (ElementFlags::FIXED | ElementFlags::STICKY) != 0
    }

    /// Is it cut off by the scrolling box that it is in?
    pub fn is_clipped(&self, index: usize) -> bool {
        self.in_scroller[index]
            && match (self.shifted(index), self.scroller.and_then(|at| self.rects[at])) {
                (Some(rect), Some(window)) => rect.y < window.y || rect.y + rect.h > window.y + window.h,
                _ => true,
            }
    }

    /// The element at a place of the document: the last in document order, but what stays in the window lies above the rest.
    pub fn hit(&self, place: (f64, f64), scroll_px: f64) -> usize {
        let holds = |index: &usize| {
            self.rect(*index, scroll_px).is_some_and(|rect| rect.contains(place))
                && (!self.in_scroller[*index] || self.scroller.and_then(|at| self.rects[at]).is_some_and(|window| window.contains(place)))
        };
        let from_top = || (0..self.rects.len()).rev();
        from_top().filter(|index| self.stays(*index)).find(holds).or_else(|| from_top().find(holds)).unwrap_or(0)
    }

    /// Height of what sticks to the top of the window, px.
    pub fn header_h(&self) -> f64 {
        self.page
            .elements
            .iter()
            .zip(&self.rects)
            .find(|(element, _)| element.tag == "header")
            .and_then(|(_, rect)| *rect)
            .map_or(0.0, |rect| rect.h)
    }

    /// Indices of the elements that `wanted` wants and that are shown.
    pub fn find(&self, wanted: impl Fn(&Description) -> bool) -> Vec<usize> {
        (0..self.rects.len()).filter(|index| self.rects[*index].is_some() && wanted(&self.page.elements[*index])).collect()
    }

    /// The nearest described ancestor.
    pub fn parent(&self, index: usize) -> Option<usize> {
        usize::try_from(self.page.elements[index].parent).ok()
    }

    /// The element as the snippet describes it. Its number is its index + 1.
    pub fn describe(&self, index: usize, scroll_px: f64) -> Element {
        let description = &self.page.elements[index];
        let rect = self.rect(index, scroll_px).unwrap_or(Rect { x: 0.0, y: 0.0, w: 0.0, h: 0.0 });
        Element {
            number: number_of(index),
            parent: self.parent(index).map_or(0, number_of),
            flags: ElementFlags::from_bits(description.flags).unwrap_or_default(),
            rect: ElementBox { x: rect.x.round() as i32, y: rect.y.round() as i32, w: rect.w as u32, h: rect.h as u32 },
            text_length: description.text,
            tag: description.tag.clone(),
            role: description.role.clone(),
            selectors: description.selectors.clone(),
        }
    }
}

/// The number under which frames mention the element at `index`.
pub fn number_of(index: usize) -> u16 {
    index as u16 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_lies_above_the_page_wherever_it_is_scrolled() {
        let layout = Layout::new("/demo", (1440.0, 900.0));
        let scroll_px = 1_000.0;
        let brand = layout.find(|element| element.id == "brand")[0];
        let rect = layout.rect(brand, scroll_px).unwrap();
        assert!(rect.y > 1_000.0);
        assert!([brand, brand + 1].contains(&layout.hit(rect.middle(), scroll_px)));
    }

    #[test]
    fn what_a_scrolling_box_hides_is_not_hit() {
        let layout = Layout::new("/demo", (1440.0, 900.0));
        let window = layout.rect(layout.scroller.unwrap(), 0.0).unwrap();
        let below = (window.x + 20.0, window.y + window.h + 10.0);
        assert!(!layout.in_scroller[layout.hit(below, 0.0)]);
        assert!(layout.in_scroller[layout.hit(window.middle(), 0.0)]);
    }

    #[test]
    fn every_page_has_every_width_and_links_to_another_page() {
        for page in &SHOP.pages {
            for width in [1440.0, 1280.0, 1920.0, 820.0, 390.0] {
                let layout = Layout::new(&page.path, (width, 700.0));
                assert!(layout.document.1 >= 700.0);
                assert!(!layout.find(|element| element.href.starts_with(SHOP_PATH) && element.href != page.path).is_empty());
            }
        }
    }
}
