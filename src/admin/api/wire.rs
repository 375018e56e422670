use serde::Serialize;

use crate::query::WireElement;

/// An element of a wireframe.
#[derive(Serialize)]
pub struct Element {
    /// The same for the same element over all page views of a page, and over all pages of a template: 48 bits.
    pub id: i64,
    /// Its number in the page view, 0 where another page view lent it.
    pub number: u16,
    /// Left, top, width, height; CSS px of the document, of the window where it is fixed.
    pub rect: [i64; 4],
    pub tag: String,
    pub role: String,
    pub selector: String,
    pub label: String,
    /// Characters of its text.
    pub text: u32,
    pub fixed: bool,
    pub sticky: bool,
    pub interactive: bool,
    pub image: bool,
}

impl From<WireElement> for Element {
    fn from(element: WireElement) -> Self {
        let has = |flag: u8| element.flags & flag != 0;
        use crate::event::ElementFlags as Flags;
        Self {
            id: element.key.0,
            number: element.number,
            rect: [element.rect.x.into(), element.rect.y.into(), element.rect.w.into(), element.rect.h.into()],
            label: element.label(),
            text: element.text_length,
            fixed: has(Flags::FIXED),
            sticky: has(Flags::STICKY),
            interactive: has(Flags::INTERACTIVE),
            image: has(Flags::IMAGE),
            tag: element.tag,
            role: element.role,
            selector: element.selector,
        }
    }
}
