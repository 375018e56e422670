use super::VERSION;
use super::varint::{put_text, put_varint, put_zigzag};
use crate::event::{Element, Family, Frame, Kind, PointerEvent};

/// Writes a frame as docs/protocol.md section 4 says: what the snippet does, for the demo, the load generator and the tests.
///
/// The frame has to keep the bounds of section 4; `decode_frame` tells where it doesn't.
pub fn encode_frame(frame: &Frame) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_varint(&mut out, u32::from(frame.page));
    put_varint(&mut out, frame.seq);
    put_varint(&mut out, frame.t0_ms);
    put_zigzag(&mut out, frame.origin.0);
    put_zigzag(&mut out, frame.origin.1);
    put_varint(&mut out, frame.samples);
    put_varint(&mut out, frame.dropped);
    put_varint(&mut out, u32::from(frame.tolerance));
    put_varint(&mut out, frame.elements.len() as u32);
    for element in &frame.elements {
        put_element(&mut out, element);
    }
    put_events(&mut out, frame);
    out
}

fn put_element(out: &mut Vec<u8>, element: &Element) {
    put_varint(out, u32::from(element.number));
    put_varint(out, u32::from(element.parent));
    out.push(element.flags.bits());
    put_zigzag(out, element.rect.x);
    put_zigzag(out, element.rect.y);
    put_varint(out, element.rect.w);
    put_varint(out, element.rect.h);
    put_varint(out, element.text_length);
    put_text(out, &element.tag);
    put_text(out, &element.role);
    out.push(element.selectors.len() as u8);
    for selector in &element.selectors {
        put_text(out, selector);
    }
}

fn put_events(out: &mut Vec<u8>, frame: &Frame) {
    let mut last = [(0, 0); 5];
    last[Family::Place as usize] = frame.origin;
    last[Family::Scroll as usize] = frame.origin;
    let mut before = PointerEvent::new(0, Kind::Move, 0, 0);
    let mut notes = frame.notes.iter();
    for event in &frame.events {
        put_states(out, &before, event);
        let dt = u32::from(event.at_ms - before.at_ms);
        match event.kind {
            Kind::Move => put_varint(out, dt << 1),
            kind => put_varint(out, dt << 6 | u32::from(kind.code()) << 1 | 1),
        }
        let from = &mut last[event.kind.family() as usize];
        put_zigzag(out, event.x - from.0);
        put_zigzag(out, event.y - from.1);
        *from = (event.x, event.y);
        if event.kind.is_note() {
            let (name, value) = notes.next().map_or(("", ""), |note| (note.name.as_str(), note.value.as_str()));
            put_text(out, name);
            put_text(out, value);
        }
        before = *event;
    }
}

fn put_states(out: &mut Vec<u8>, before: &PointerEvent, event: &PointerEvent) {
    let pressure = |event: &PointerEvent| event.pressure.map_or(0, |pressure| u32::from(pressure) + 1);
    for (code, old, new) in [
        (24, u32::from(before.element), u32::from(event.element)),
        (25, before.pointer.code(), event.pointer.code()),
        (26, u32::from(before.buttons), u32::from(event.buttons)),
        (27, pressure(before), pressure(event)),
        (28, u32::from(!before.trusted), u32::from(!event.trusted)),
        (29, u32::from(before.spot.0), u32::from(event.spot.0)),
        (30, u32::from(before.spot.1), u32::from(event.spot.1)),
        (31, u32::from(before.pixel_ratio), u32::from(event.pixel_ratio)),
    ] {
        if old != new {
            put_varint(out, new << 6 | code << 1 | 1);
        }
    }
}
