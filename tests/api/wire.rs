//! The vectors that the snippet's tests read as well.

use std::fs;

use mousetrail::event::{Frame, Kind};
use mousetrail::wire::{decode_frame, encode_frame, parse_client};
use proptest::prelude::*;
use serde_json::{Value, json};

fn vectors(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub fn bytes(vector: &Value) -> Vec<u8> {
    let hex = vector["hex"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

pub fn as_json(frame: &Frame) -> Value {
    let mut json = json!({
        "page": frame.page, "seq": frame.seq, "t0": frame.t0_ms, "x0": frame.origin.0, "y0": frame.origin.1,
        "samples": frame.samples, "dropped": frame.dropped, "tolerance": frame.tolerance,
        "elements": frame.elements.iter().map(|element| json!({
            "number": element.number, "parent": element.parent, "flags": element.flags.bits(),
            "x": element.rect.x, "y": element.rect.y, "w": element.rect.w, "h": element.rect.h,
            "text_length": element.text_length, "tag": element.tag, "role": element.role, "selectors": element.selectors,
        })).collect::<Vec<_>>(),
        "events": frame.events.iter().map(|event| json!({
            "at": event.at_ms, "kind": event.kind.name(), "x": event.x, "y": event.y,
            "pointer_type": event.pointer.kind.name(), "pointer_id": event.pointer.id, "buttons": event.buttons,
            "pressure": event.pressure, "trusted": event.trusted, "element": event.element,
            "spot_x": event.spot.0, "spot_y": event.spot.1, "dpr": event.pixel_ratio,
        })).collect::<Vec<_>>(),
    });
    for note in &frame.notes {
        json["events"][note.index]["texts"] = json!([note.name, note.value]);
    }
    json
}

/// A vector may leave out what is 0.
pub fn whole(mut frame: Value) -> Value {
    for event in frame["events"].as_array_mut().unwrap() {
        for name in ["spot_x", "spot_y", "dpr"] {
            event.as_object_mut().unwrap().entry(name).or_insert(json!(0));
        }
    }
    frame
}

#[test]
fn every_frame_vector_decodes_to_what_it_says_and_encodes_again_to_the_same_frame() {
    let vectors = vectors("frames");
    assert!(vectors.len() >= 120);
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let frame = decode_frame(&bytes(vector)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(as_json(&frame), whole(vector["frame"].clone()), "{name}");
        assert_eq!(decode_frame(&encode_frame(&frame)).as_ref(), Ok(&frame), "{name}");
    }
}

#[test]
fn every_invalid_vector_is_refused_with_its_word() {
    let vectors = vectors("invalid");
    assert!(vectors.len() >= 60);
    for vector in &vectors {
        let word = decode_frame(&bytes(vector)).err().map(|error| error.word());
        assert_eq!(word, vector["error"].as_str(), "{}", vector["name"]);
    }
}

#[test]
fn every_control_vector_of_a_client_is_read_or_refused_as_it_says() {
    let vectors = vectors("control");
    assert!(vectors.len() >= 30);
    for vector in vectors.iter().filter(|vector| vector["direction"] == "client") {
        let result = parse_client(vector["text"].as_str().unwrap());
        assert_eq!(result.as_ref().err().map(|error| error.word()), vector["error"].as_str(), "{}: {result:?}", vector["name"]);
    }
}

#[test]
fn all_kinds_occur_in_the_vectors() {
    let text = fs::read_to_string(format!("{}/tests/fixtures/wire/frames.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for kind in Kind::all() {
        assert!(text.contains(&format!("\"{}\"", kind.name())), "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(2_000), ..ProptestConfig::default() })]

    #[test]
    fn the_decoder_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode_frame(&bytes);
    }

    /// Bytes that begin like a frame get further into the decoder.
    #[test]
    fn a_mangled_frame_never_panics_and_what_decodes_encodes_again(
        which in 0usize..120, at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()
    ) {
        let vectors = small_frames();
        let mut bytes = vectors[which % vectors.len()].clone();
        let index = at.index(bytes.len());
        bytes[index] = byte;
        bytes.truncate(cut.index(bytes.len() + 1).max(1));
        if let Ok(frame) = decode_frame(&bytes) {
            prop_assert_eq!(decode_frame(&encode_frame(&frame)), Ok(frame));
        }
    }

    #[test]
    fn the_control_parser_is_total(text in ".{0,200}") {
        let _ = parse_client(&text);
    }
}

fn small_frames() -> &'static [Vec<u8>] {
    static FRAMES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    FRAMES.get_or_init(|| vectors("frames").iter().map(bytes).filter(|bytes| bytes.len() < 500).collect())
}
