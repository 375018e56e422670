use super::Kind;

/// What kind of device moved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum PointerType {
    /// A mouse, a touchpad, a trackball.
    #[default]
    Mouse,
    /// A stylus.
    Pen,
    /// A finger.
    Touch,
    /// Something that the browser has no name for.
    Unknown,
}

impl PointerType {
    /// From the two lowest bits of the wire's pointer value.
    pub fn from_bits(bits: u32) -> Self {
        [Self::Mouse, Self::Pen, Self::Touch, Self::Unknown][(bits & 3) as usize]
    }

    /// The name that the DOM uses.
    pub fn name(self) -> &'static str {
        ["mouse", "pen", "touch", "unknown"][self as usize]
    }
}

/// Which pointer an event is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Pointer {
    /// What kind of device.
    pub kind: PointerType,
    /// Tells several fingers apart; 0 for the mouse.
    pub id: u16,
}

impl Pointer {
    /// The pointer that the wire and Postgres write as this number.
    pub fn from_code(code: u32) -> Self {
        Self { kind: PointerType::from_bits(code), id: (code >> 2) as u16 }
    }

    /// `type + 4 * id`, as on the wire and in Postgres.
    pub fn code(self) -> u32 {
        self.kind as u32 + 4 * u32::from(self.id)
    }
}

/// One point in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PointerEvent {
    /// Time since the frame's first event, ms, at most 32,767.
    pub at_ms: u16,
    /// What happened.
    pub kind: Kind,
    /// Place in CSS px of the document, or what the kind's family says.
    pub x: i32,
    /// As `x`.
    pub y: i32,
    /// Which pointer.
    pub pointer: Pointer,
    /// The DOM's mask of pressed buttons, 0 to 31.
    pub buttons: u8,
    /// Ten-thousandths, 0 to 10,000; `None` where the device has none.
    pub pressure: Option<u16>,
    /// Did the browser make it, and not a script?
    pub trusted: bool,
    /// Number of the element that it belongs to, 1 to 32,767; 0 for none.
    pub element: u16,
    /// Place within the element's box as a share of its width and height: 1 + 32,766 * share; 0 for not known.
    pub spot: (u16, u16),
    /// Device px a CSS px, in hundredths, 1 to 6,553; 0 for not said.
    pub pixel_ratio: u16,
}

impl PointerEvent {
    /// A trusted mouse event without button or element.
    pub fn new(at_ms: u16, kind: Kind, x: i32, y: i32) -> Self {
        Self {
            at_ms,
            kind,
            x,
            y,
            pointer: Pointer::default(),
            buttons: 0,
            pressure: None,
            trusted: true,
            element: 0,
            spot: (0, 0),
            pixel_ratio: 0,
        }
    }
}
