/// Something on the page that was pointed at, as the snippet described it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    /// Its number within the page view, 1 to 32,767.
    pub number: u16,
    /// Number of the nearest described ancestor, 0 for none.
    pub parent: u16,
    /// What is special about it.
    pub flags: ElementFlags,
    /// Where it is.
    pub rect: ElementBox,
    /// Length of its text in characters. The text itself never leaves the browser.
    pub text_length: u32,
    /// Lower case tag name, at most 32 bytes.
    pub tag: String,
    /// ARIA role or input type, at most 32 bytes; may be empty.
    pub role: String,
    /// CSS selector candidates, best first: at most 3 of at most 1,024 bytes.
    pub selectors: Vec<String>,
}

impl Element {
    /// What is special about it: what the client says, and what its tag and role tell.
    pub fn nature(&self) -> u8 {
        let is_interactive = matches!(self.tag.as_str(), "a" | "button" | "input" | "select" | "textarea" | "label" | "summary" | "option")
            || matches!(
                self.role.as_str(),
                "button"
                    | "link"
                    | "checkbox"
                    | "radio"
                    | "switch"
                    | "tab"
                    | "menuitem"
                    | "option"
                    | "slider"
                    | "textbox"
                    | "combobox"
                    | "searchbox"
            );
        let is_image = matches!(self.tag.as_str(), "img" | "svg" | "video" | "canvas" | "picture") || self.role == "img";
        self.flags.bits() | if is_interactive { ElementFlags::INTERACTIVE } else { 0 } | if is_image { ElementFlags::IMAGE } else { 0 }
    }
}

/// A box in CSS px of the document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ElementBox {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

/// Bits of `Element::flags`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ElementFlags(u8);

impl ElementFlags {
    /// Stays where it is when the page scrolls.
    pub const FIXED: u8 = 1;
    /// Sticks to an edge while the page scrolls.
    pub const STICKY: u8 = 2;
    /// A link, button, field or the like.
    pub const INTERACTIVE: u8 = 4;
    /// Holds an image.
    pub const IMAGE: u8 = 8;

    /// `None` where a bit is set that means nothing.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits < 16).then_some(Self(bits))
    }

    /// The bits, as on the wire and in Postgres.
    pub fn bits(self) -> u8 {
        self.0
    }
}
