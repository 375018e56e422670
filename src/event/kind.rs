/// What kind of event a point in time is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "docs/protocol.md section 4.3 defines each kind")]
pub enum Kind {
    Move,
    Down,
    Up,
    Click,
    DoubleClick,
    ContextMenu,
    Cancel,
    Enter,
    Leave,
    Scroll,
    Wheel,
    Resize,
    Document,
    Hidden,
    Visible,
    Blur,
    Focus,
    Copy,
    Key,
    InnerScroll,
    Unload,
    Identify,
    Tag,
    Event,
}

/// What the x and y of an event are, and so what they are relative to on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// A place in the document, CSS px.
    Place,
    /// The document's scroll offset, CSS px.
    Scroll,
    /// The scroll offset inside an element, CSS px.
    Inner,
    /// Width and height of the viewport, CSS px.
    Viewport,
    /// Width and height of the document, CSS px.
    Document,
}

/// Kind, code on the wire, character in Postgres, name in SQL and in the JSON API.
const TABLE: [(Kind, u8, u8, &str); 24] = [
    (Kind::Move, 0, b'm', "move"),
    (Kind::Down, 1, b'd', "down"),
    (Kind::Up, 2, b'u', "up"),
    (Kind::Click, 3, b'c', "click"),
    (Kind::DoubleClick, 4, b'b', "dblclick"),
    (Kind::ContextMenu, 5, b'x', "contextmenu"),
    (Kind::Cancel, 6, b'a', "cancel"),
    (Kind::Enter, 7, b'e', "enter"),
    (Kind::Leave, 8, b'l', "leave"),
    (Kind::Scroll, 9, b's', "scroll"),
    (Kind::Wheel, 10, b'w', "wheel"),
    (Kind::Resize, 11, b'r', "resize"),
    (Kind::Document, 12, b'z', "document"),
    (Kind::Hidden, 13, b'h', "hidden"),
    (Kind::Visible, 14, b'v', "visible"),
    (Kind::Blur, 15, b'o', "blur"),
    (Kind::Focus, 16, b'f', "focus"),
    (Kind::Copy, 17, b'y', "copy"),
    (Kind::Key, 18, b'k', "key"),
    (Kind::InnerScroll, 19, b'i', "inner_scroll"),
    (Kind::Unload, 20, b'q', "unload"),
    (Kind::Identify, 21, b'n', "identify"),
    (Kind::Tag, 22, b't', "tag"),
    (Kind::Event, 23, b'p', "event"),
];

impl Kind {
    /// All kinds, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The kind with this code; code 0 is `Move`.
    pub fn from_code(code: u8) -> Option<Self> {
        TABLE.get(usize::from(code)).map(|row| row.0)
    }

    /// The kind that Postgres keeps as this character.
    pub fn from_char(char: u8) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == char).map(|row| row.0)
    }

    /// Code on the wire (docs/protocol.md section 4.3).
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Character in `pointer_chunk.kind`.
    pub fn char(self) -> u8 {
        TABLE[self as usize].2
    }

    /// Name in SQL and in the JSON API.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].3
    }

    /// Does it carry a name and a value that the page gave?
    pub fn is_note(self) -> bool {
        matches!(self, Self::Identify | Self::Tag | Self::Event)
    }

    /// What the event's x and y are.
    pub fn family(self) -> Family {
        match self {
            Self::Scroll => Family::Scroll,
            Self::InnerScroll => Family::Inner,
            Self::Resize => Family::Viewport,
            Self::Document => Family::Document,
            _ => Family::Place,
        }
    }
}

impl Family {
    /// Are its values bound to the frame's origin?
    pub fn is_near_origin(self) -> bool {
        matches!(self, Self::Place | Self::Scroll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_codes_and_its_characters_differ() {
        for (index, (kind, code, char, _)) in TABLE.iter().enumerate() {
            assert_eq!(usize::from(*code), index);
            assert_eq!(kind.code(), *code);
            assert_eq!(Kind::from_code(*code), Some(*kind));
            assert_eq!(Kind::from_char(*char), Some(*kind));
        }
        assert_eq!(Kind::from_code(24), None);
    }
}
