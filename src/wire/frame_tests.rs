use proptest::prelude::*;

use super::varint::{put_text, put_varint, put_zigzag};
use super::{FrameError, decode_frame, encode_frame, peek_key};
use crate::event::{Element, ElementBox, ElementFlags, Frame, Kind, Note, PointerEvent};

fn frame(events: Vec<PointerEvent>, notes: Vec<Note>) -> Frame {
    Frame { page: 1, seq: 2, t0_ms: 3, origin: (10, 20), samples: 4, dropped: 5, tolerance: 20, elements: Vec::new(), events, notes }
}

fn said(kind: Kind, name: &str, value: &str) -> Result<Frame, FrameError> {
    let note = Note { index: 0, name: name.to_owned(), value: value.to_owned() };
    decode_frame(&encode_frame(&frame(vec![PointerEvent::new(0, kind, 10, 20)], vec![note])))
}

fn outline(elements: u16) -> Frame {
    let element = |number| Element {
        number,
        parent: 0,
        flags: ElementFlags::default(),
        rect: ElementBox { x: 0, y: 7, w: 80, h: 40 },
        text_length: 3,
        tag: "p".to_owned(),
        role: String::new(),
        selectors: Vec::new(),
    };
    let elements = (1..=elements).map(element).collect();
    Frame { seq: 0, origin: (0, 0), samples: 0, dropped: 0, tolerance: 0, elements, ..frame(Vec::new(), Vec::new()) }
}

prop_compose! {
    fn event()(at_ms in 0u16..8, code in 0u8..24, x in -500i32..500, y in 0i32..500, spot: (u16, u16), pixel_ratio in 0u16..=6_553) -> PointerEvent {
        let kind = Kind::from_code(code).unwrap();
        let spot = (spot.0 & 32_767, spot.1 & 32_767);
        PointerEvent { spot, pixel_ratio, ..PointerEvent::new(at_ms, kind, if kind.family().is_near_origin() { x } else { x.abs() }, y) }
    }
}

proptest! {
    #[test]
    fn what_is_new_in_an_event_comes_back(
        mut events in proptest::collection::vec(event(), 1..30),
        texts in proptest::collection::vec(("[a-zé😀\"]{1,20}", "[^\0]{0,40}"), 30)
    ) {
        events.sort_by_key(|event| event.at_ms);
        events[0].at_ms = 0;
        let notes = events.iter().enumerate().filter(|(_, event)| event.kind.is_note()).zip(texts).map(|((index, event), (name, value))| {
            let value = if event.kind == Kind::Event { serde_json::json!({ name.clone(): value }).to_string() } else { value };
            Note { index, name, value }
        }).collect();
        let frame = frame(events, notes);
        prop_assert_eq!(decode_frame(&encode_frame(&frame)), Ok(frame));
    }

    #[test]
    fn an_outline_comes_back(elements in 1u16..=512) {
        let outline = outline(elements);
        prop_assert_eq!(decode_frame(&encode_frame(&outline)), Ok(outline));
    }

    #[test]
    fn a_frame_that_is_cut_is_never_read(cut in any::<prop::sample::Index>()) {
        let note = Note { index: 0, name: "name".to_owned(), value: "value".to_owned() };
        let bytes = encode_frame(&frame(vec![PointerEvent::new(0, Kind::Tag, 10, 20)], vec![note]));
        prop_assert!(decode_frame(&bytes[..cut.index(bytes.len())]).is_err());
    }
}

#[test]
fn names_and_values_have_their_bounds() {
    let (name, value) = ("n".repeat(256), "v".repeat(4_096));
    let props = format!("{{\"a\":\"{}\"}}", "v".repeat(4_088));
    assert_eq!(props.len(), 4_096);
    for (kind, name, value, expected) in [
        (Kind::Tag, name.as_str(), value.as_str(), None),
        (Kind::Identify, "42", "", None),
        (Kind::Event, "buy", "", None),
        (Kind::Event, "buy", props.as_str(), None),
        (Kind::Event, "buy", "{\"a\\u0000\":\"\\ud83d\"}", None),
        (Kind::Tag, &"n".repeat(257), "", Some(FrameError::Limit)),
        (Kind::Tag, "n", &"v".repeat(4_097), Some(FrameError::Limit)),
        (Kind::Tag, "", "v", Some(FrameError::Text)),
        (Kind::Identify, "", "", Some(FrameError::Text)),
        (Kind::Tag, "n\0", "", Some(FrameError::Text)),
        (Kind::Tag, "n", "\0", Some(FrameError::Text)),
        (Kind::Event, "buy", "[]", Some(FrameError::Text)),
        (Kind::Event, "buy", "{\"a\":", Some(FrameError::Text)),
        (Kind::Event, "buy", "null", Some(FrameError::Text)),
    ] {
        assert_eq!(said(kind, name, value).err(), expected, "{kind:?} {name:.9} {value:.9}");
    }
    let mut bytes = encode_frame(&frame(vec![PointerEvent::new(0, Kind::Move, 10, 20)], Vec::new()));
    let tag = [22 << 1 | 1, 0, 0, 1, b'n', 1];
    bytes.extend(tag);
    bytes.push(0xff);
    assert_eq!(decode_frame(&bytes), Err(FrameError::Text), "not UTF-8");
    // A length alone, longer than the bytes that follow: the bound goes before the end.
    bytes.truncate(bytes.len() - 2);
    put_varint(&mut bytes, 5_000);
    assert_eq!(decode_frame(&bytes), Err(FrameError::Limit));
}

#[test]
fn a_spot_and_a_pixel_ratio_have_their_bounds() {
    for (code, max) in [(29, 32_767), (30, 32_767), (31, 6_553)] {
        for (value, expected) in [(max, None), (max + 1, Some(FrameError::Range))] {
            let mut bytes = encode_frame(&frame(vec![PointerEvent::new(0, Kind::Move, 10, 20)], Vec::new()));
            put_varint(&mut bytes, value << 6 | code << 1 | 1);
            assert_eq!(decode_frame(&bytes).err(), expected, "{code} {value}");
        }
    }
}

#[test]
fn an_outline_has_elements_and_nothing_else() {
    assert_eq!(decode_frame(&encode_frame(&outline(0))), Err(FrameError::Empty));
    assert_eq!(decode_frame(&encode_frame(&outline(513))), Err(FrameError::Limit));
    assert_eq!(decode_frame(&encode_frame(&Frame { seq: 1, ..outline(257) })), Err(FrameError::Limit), "a frame has at most 256");
    assert_eq!(decode_frame(&encode_frame(&Frame { seq: 1, ..outline(1) })), Err(FrameError::Empty));
    let with = |change: fn(&mut Frame)| {
        let mut outline = outline(1);
        change(&mut outline);
        decode_frame(&encode_frame(&outline)).err()
    };
    assert_eq!(with(|frame| frame.events.push(PointerEvent::new(0, Kind::Move, 0, 0))), Some(FrameError::Range));
    assert_eq!(with(|frame| frame.origin = (0, 1)), Some(FrameError::Range));
    assert_eq!(with(|frame| frame.samples = 1), Some(FrameError::Range));
    assert_eq!(with(|frame| frame.dropped = 1), Some(FrameError::Range));
    assert_eq!(with(|frame| frame.tolerance = 1), Some(FrameError::Range));
    assert_eq!(peek_key(&encode_frame(&outline(1))).map(|key| key.seq), Some(0));
}

#[test]
fn a_spot_costs_two_states_before_and_two_after_its_event() {
    let plain = |kind, at_ms| PointerEvent::new(at_ms, kind, 10, 20);
    let click = PointerEvent { spot: (16_384, 1), ..plain(Kind::Click, 0) };
    let mut expected = vec![1];
    for value in [1, 2, 3] {
        put_varint(&mut expected, value);
    }
    put_zigzag(&mut expected, 10);
    put_zigzag(&mut expected, 20);
    for value in
        [4, 5, 20, 0, 16_384 << 6 | 29 << 1 | 1, 1 << 6 | 30 << 1 | 1, 3 << 1 | 1, 0, 0, 29 << 1 | 1, 30 << 1 | 1, 22 << 1 | 1, 0, 0]
    {
        put_varint(&mut expected, value);
    }
    put_text(&mut expected, "plan");
    put_text(&mut expected, "pro");
    let note = Note { index: 1, name: "plan".to_owned(), value: "pro".to_owned() };
    assert_eq!(encode_frame(&frame(vec![click, plain(Kind::Tag, 0)], vec![note])), expected);
}
