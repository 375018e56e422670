use super::varint::Reader;
use super::{FrameError, MAX_FRAME_BYTES, VERSION};
use crate::event::{
    Element, ElementBox, ElementFlags, Family, Frame, Kind, MAX_ELEMENT_NUMBER, MAX_EVENTS, MAX_FRAME_MS, MAX_ORIGIN_DISTANCE, Note,
    Pointer, PointerEvent,
};

const MAX_ELEMENTS: u32 = 256;
/// An outline describes the whole page at once.
const MAX_OUTLINE_ELEMENTS: u32 = 512;
const MAX_SELECTORS: u8 = 3;
/// Sizes, offsets and text lengths.
const MAX_SIZE: u32 = 1_000_000;
/// A page view can be open for a week.
const MAX_T0_MS: u32 = 604_800_000;
const MAX_TOLERANCE: u32 = 10_000;
/// Bytes of a note's name and of its value.
const MAX_NAME: u32 = 256;
const MAX_VALUE: u32 = 4_096;
/// 1 + 32,766 times a share of 1.
const MAX_SPOT: u32 = 32_767;
/// Hundredths.
const MAX_PIXEL_RATIO: u32 = 6_553;

/// What names a frame: the client's number of the page view, and its seq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameKey {
    /// The client's number of the page view.
    pub page: u16,
    /// Number of the frame within its page view; 0 for the outline.
    pub seq: u32,
}

/// Reads a frame. Total: any bytes give a frame or a `FrameError`, and memory stays within a small multiple of the input
/// (an event takes at least three bytes and becomes 32, a note takes at least six and becomes 56 besides).
///
/// Format: docs/protocol.md section 4.
pub fn decode_frame(bytes: &[u8]) -> Result<Frame, FrameError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(FrameError::Limit);
    }
    let mut reader = Reader::new(bytes);
    let FrameKey { page, seq } = read_key(&mut reader)?;
    let t0_ms = reader.varint_to(MAX_T0_MS)?;
    let origin = (reader.zigzag()?, reader.zigzag()?);
    if ![origin.0, origin.1].iter().all(|at| at.unsigned_abs() <= MAX_SIZE) {
        return Err(FrameError::Range);
    }
    let samples = reader.varint_to(i32::MAX as u32)?;
    let dropped = reader.varint_to(i32::MAX as u32)?;
    let tolerance = reader.varint_to(MAX_TOLERANCE)? as u16;
    let is_outline = seq == 0;
    if is_outline && (origin != (0, 0) || samples > 0 || dropped > 0 || tolerance > 0) {
        return Err(FrameError::Range);
    }
    let count = reader.varint()?;
    if count > if is_outline { MAX_OUTLINE_ELEMENTS } else { MAX_ELEMENTS } {
        return Err(FrameError::Limit);
    }
    let elements = (0..count).map(|_| read_element(&mut reader)).collect::<Result<Vec<_>, _>>()?;
    if is_outline && !reader.is_empty() {
        return Err(FrameError::Range);
    }
    let (events, notes) = Items::new(origin).read_all(&mut reader)?;
    if if is_outline { elements.is_empty() } else { events.is_empty() } {
        return Err(FrameError::Empty);
    }
    Ok(Frame { page, seq, t0_ms, origin, samples, dropped, tolerance, elements, events, notes })
}

/// Reads just what names the frame, so that a broken one can be answered.
pub fn peek_key(bytes: &[u8]) -> Option<FrameKey> {
    read_key(&mut Reader::new(bytes)).ok()
}

fn read_key(reader: &mut Reader<'_>) -> Result<FrameKey, FrameError> {
    if reader.byte()? != VERSION {
        return Err(FrameError::Version);
    }
    let page = reader.varint_to(u32::from(u16::MAX))? as u16;
    let seq = reader.varint_to(i32::MAX as u32)?;
    Ok(FrameKey { page, seq })
}

fn read_element(reader: &mut Reader<'_>) -> Result<Element, FrameError> {
    let number = reader.varint_to(MAX_ELEMENT_NUMBER)? as u16;
    if number == 0 {
        return Err(FrameError::Range);
    }
    let parent = reader.varint_to(MAX_ELEMENT_NUMBER)? as u16;
    let flags = ElementFlags::from_bits(reader.byte()?).ok_or(FrameError::Range)?;
    let mut edge = || {
        let at = reader.zigzag()?;
        if at.unsigned_abs() <= MAX_SIZE { Ok(at) } else { Err(FrameError::Range) }
    };
    let (x, y) = (edge()?, edge()?);
    let (w, h) = (reader.varint_to(MAX_SIZE)?, reader.varint_to(MAX_SIZE)?);
    let text_length = reader.varint_to(MAX_SIZE)?;
    let tag = reader.text(32)?.to_owned();
    let role = reader.text(32)?.to_owned();
    let count = reader.byte()?;
    if count > MAX_SELECTORS {
        return Err(FrameError::Range);
    }
    let selectors = (0..count).map(|_| reader.text(1_024).map(str::to_owned)).collect::<Result<_, _>>()?;
    Ok(Element { number, parent, flags, rect: ElementBox { x, y, w, h }, text_length, tag, role, selectors })
}

fn read_note(kind: Kind, index: usize, reader: &mut Reader<'_>) -> Result<Note, FrameError> {
    let name = reader.long_text(MAX_NAME)?.to_owned();
    let value = reader.long_text(MAX_VALUE)?.to_owned();
    let note = Note { index, name, value };
    let is_object = || serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&note.json()).is_ok();
    if note.name.is_empty() || (kind == Kind::Event && !note.value.is_empty() && !is_object()) {
        return Err(FrameError::Text);
    }
    Ok(note)
}

/// The state that items build on: time, the last values of each family, and what the state items set.
struct Items {
    origin: (i32, i32),
    last: [(i32, i32); 5],
    current: PointerEvent,
    events: Vec<PointerEvent>,
    notes: Vec<Note>,
}

impl Items {
    fn new(origin: (i32, i32)) -> Self {
        let mut last = [(0, 0); 5];
        last[Family::Place as usize] = origin;
        last[Family::Scroll as usize] = origin;
        Self { origin, last, current: PointerEvent::new(0, Kind::Move, 0, 0), events: Vec::new(), notes: Vec::new() }
    }

    fn read_all(mut self, reader: &mut Reader<'_>) -> Result<(Vec<PointerEvent>, Vec<Note>), FrameError> {
        while !reader.is_empty() {
            let head = reader.varint()?;
            if head & 1 == 0 {
                self.event(Kind::Move, head >> 1, reader)?;
                continue;
            }
            let (code, value) = (((head >> 1) & 31) as u8, head >> 6);
            match code {
                0 => return Err(FrameError::Kind),
                24.. => self.state(code, value)?,
                _ => self.event(Kind::from_code(code).ok_or(FrameError::Kind)?, value, reader)?,
            }
        }
        Ok((self.events, self.notes))
    }

    fn event(&mut self, kind: Kind, dt: u32, reader: &mut Reader<'_>) -> Result<(), FrameError> {
        if self.events.len() == MAX_EVENTS {
            return Err(FrameError::Limit);
        }
        let at_ms = u32::from(self.current.at_ms).checked_add(dt).filter(|at| *at <= MAX_FRAME_MS).ok_or(FrameError::Range)?;
        if self.events.is_empty() && dt != 0 {
            return Err(FrameError::Range);
        }
        let family = kind.family();
        let last = self.last[family as usize];
        let x = self.value(last.0, self.origin.0, reader.zigzag()?, family)?;
        let y = self.value(last.1, self.origin.1, reader.zigzag()?, family)?;
        self.last[family as usize] = (x, y);
        self.current = PointerEvent { at_ms: at_ms as u16, kind, x, y, ..self.current };
        if kind.is_note() {
            self.notes.push(read_note(kind, self.events.len(), reader)?);
        }
        self.events.push(self.current);
        Ok(())
    }

    fn value(&self, last: i32, origin: i32, delta: i32, family: Family) -> Result<i32, FrameError> {
        let value = last.checked_add(delta).ok_or(FrameError::Range)?;
        let is_within = if family.is_near_origin() {
            value.abs_diff(origin) <= MAX_ORIGIN_DISTANCE as u32
        } else {
            (0..=MAX_SIZE as i32).contains(&value)
        };
        if is_within { Ok(value) } else { Err(FrameError::Range) }
    }

    fn state(&mut self, code: u8, value: u32) -> Result<(), FrameError> {
        let bounded = |max: u32| if value <= max { Ok(value) } else { Err(FrameError::Range) };
        match code {
            24 => self.current.element = bounded(MAX_ELEMENT_NUMBER)? as u16,
            25 => self.current.pointer = Pointer::from_code(bounded(4 * 32_767 + 3)?),
            26 => self.current.buttons = bounded(31)? as u8,
            27 => self.current.pressure = bounded(10_001)?.checked_sub(1).map(|pressure| pressure as u16),
            28 => self.current.trusted = bounded(1)? == 0,
            29 => self.current.spot.0 = bounded(MAX_SPOT)? as u16,
            30 => self.current.spot.1 = bounded(MAX_SPOT)? as u16,
            _ => self.current.pixel_ratio = bounded(MAX_PIXEL_RATIO)? as u16,
        }
        Ok(())
    }
}
