use super::{Element, Note, PointerEvent};

/// Events that a frame may hold.
pub const MAX_EVENTS: usize = 4_096;
/// Time that a frame may span, ms. It fits into Postgres' `int2`.
pub const MAX_FRAME_MS: u32 = 32_767;
/// How far a place may lie from the frame's origin on each axis, px.
pub const MAX_ORIGIN_DISTANCE: i32 = 32_767;
/// Largest number of an element.
pub const MAX_ELEMENT_NUMBER: u32 = 32_767;

/// The pointer events of one page view since the last frame. Immutable: its page view and `seq` name it for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The client's number of the page view.
    pub page: u16,
    /// 1 for the first frame of a page view, then each time one more; 0 for its outline.
    pub seq: u32,
    /// Time from the begin of the page view to the first event, ms.
    pub t0_ms: u32,
    /// Origin: places and scroll offsets lie within `MAX_ORIGIN_DISTANCE` of it.
    pub origin: (i32, i32),
    /// Samples that the device delivered since the last frame.
    pub samples: u32,
    /// Events that the client lost since the last frame because its buffer was full.
    pub dropped: u32,
    /// Thinning tolerance in force, tenths of a px.
    pub tolerance: u16,
    /// Elements described for the first time, or anew: at most 256, in an outline 1 to 512.
    pub elements: Vec<Element>,
    /// 1 to 4,096 events, by time; none in an outline.
    pub events: Vec<PointerEvent>,
    /// What events of the kinds `identify`, `tag` and `event` say: one each, in their order.
    pub notes: Vec<Note>,
}

impl Frame {
    /// Is it the structure of the page, told once, and no events?
    pub fn is_outline(&self) -> bool {
        self.seq == 0
    }

    /// Time from the begin of the page view to the last event, ms.
    pub fn end_ms(&self) -> u32 {
        self.t0_ms + self.events.last().map_or(0, |event| u32::from(event.at_ms))
    }
}
