//! The parsers of what strangers send, on the saved corpus of the fuzzer, on changed copies of it, and on what costs the most.
//! A process of its own, because it counts what is allocated.

use std::fs;
use std::time::{Duration, Instant};

use mousetrail::event::{Element, ElementBox, ElementFlags, Frame, Kind, Note, PointerEvent};
use mousetrail::wire::{MAX_FRAME_BYTES, decode_frame, encode_frame};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

#[path = "../fuzz/checks.rs"]
mod checks;

type Check = fn(&[u8]);

/// The fuzz targets, with how they judge.
const TARGETS: [(&str, Check); 5] = [
    ("frame", checks::frame),
    ("control", checks::control),
    ("envelope", checks::envelope),
    ("server_message", checks::server_message),
    ("url", checks::url),
];

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Nothing may take longer than this, also on a slow machine without optimisation.
const LONGEST: Duration = Duration::from_millis(500);

fn judge(target: &str, check: Check, bytes: &[u8]) {
    let begin = Instant::now();
    check(bytes);
    assert!(begin.elapsed() < LONGEST, "{target}: {:?} for {} bytes", begin.elapsed(), bytes.len());
}

#[test]
fn b1_the_saved_corpus_passes_every_check() {
    for (target, check) in TARGETS {
        let inputs = corpus(target);
        assert!(!inputs.is_empty(), "{target}");
        println!("b1: {target}: {} inputs", inputs.len());
        for bytes in &inputs {
            judge(target, check, bytes);
        }
    }
}

/// Two seconds a target; `FUZZ_SECONDS` says otherwise. Another seed in every run, which a failure tells with its input.
#[test]
fn b1_changed_copies_of_the_corpus_pass_every_check() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(2);
    for (target, check) in TARGETS {
        let (inputs, until) = (corpus(target), Instant::now() + Duration::from_secs(seconds));
        let (mut cases, seed) = (0u64, rand::random());
        let mut random = StdRng::seed_from_u64(seed);
        while Instant::now() < until {
            let other = &inputs[random.random_range(0..inputs.len())];
            let mut bytes = inputs[random.random_range(0..inputs.len())].clone();
            for _ in 0..random.random_range(1..6) {
                change(&mut bytes, other, &mut random);
            }
            if std::panic::catch_unwind(|| judge(target, check, &bytes)).is_err() {
                panic!("{target}, seed {seed}: {bytes:?}");
            }
            cases += 1;
        }
        println!("b1: {target}: {cases} changed inputs, seed {seed}");
    }
}

/// Numbers at the ends of what a varint holds, and a byte too far.
const EDGES: [&[u8]; 6] = [b"\x00", b"\x7f", b"\x80\x00", b"\xff\xff\x03", b"\xff\xff\xff\xff\x0f", b"\xff\xff\xff\xff\x1f"];

/// One change, at any place: a bit, a byte, an edge, a cut, a repetition, or the end of another input.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut StdRng) {
    let at = random.random_range(0..=bytes.len());
    let end = random.random_range(at..=bytes.len());
    match random.random_range(0..7) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
        1 if at < bytes.len() => bytes[at] = random.random(),
        2 => drop(bytes.splice(at..at, EDGES[random.random_range(0..EDGES.len())].iter().copied())),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let part = bytes[at..end].to_vec();
            for _ in 0..random.random_range(1..20) {
                if bytes.len() + part.len() <= 4 * MAX_FRAME_BYTES {
                    bytes.splice(at..at, part.iter().copied());
                }
            }
        }
        5 => {
            bytes.truncate(at);
            bytes.extend_from_slice(&other[random.random_range(0..=other.len())..]);
        }
        _ => bytes.insert(at, random.random()),
    }
}

fn frame(seq: u32, elements: Vec<Element>, events: Vec<PointerEvent>, notes: Vec<Note>) -> Frame {
    Frame { page: 0, seq, t0_ms: 0, origin: (0, 0), samples: 0, dropped: 0, tolerance: 0, elements, events, notes }
}

/// What costs the most memory for its bytes: events of three bytes, notes of one character, elements without texts, and properties
/// whose JSON is all structure.
#[test]
fn b1_the_dearest_frames_stay_within_the_bound_of_memory() {
    let element = |number| Element {
        number,
        parent: 0,
        flags: ElementFlags::default(),
        rect: ElementBox::default(),
        text_length: 0,
        tag: String::new(),
        role: String::new(),
        selectors: vec![String::new(); 3],
    };
    let events = |count: usize, kind| vec![PointerEvent::new(0, kind, 0, 0); count];
    let notes = |count: usize, value: &str| (0..count).map(|index| Note { index, name: "n".to_owned(), value: value.to_owned() }).collect();
    let nested = format!("{{\"a\":{}0{}}}", "[".repeat(90), "]".repeat(90));
    let flat = format!("{{\"a\":[{}0]}}", "0,".repeat(2_000));
    let names = format!("{{{}\"z\":0}}", (0..400).map(|n| format!("\"{n}\":{{}},")).collect::<String>());
    for (name, frame) in [
        ("moves", frame(1, Vec::new(), events(4_096, Kind::Move), Vec::new())),
        ("tags", frame(1, Vec::new(), events(4_096, Kind::Tag), notes(4_096, ""))),
        ("elements", frame(1, (1..=256).map(element).collect(), events(1, Kind::Move), Vec::new())),
        ("an outline", frame(0, (1..=512).map(element).collect(), Vec::new(), Vec::new())),
        ("nested properties", frame(1, Vec::new(), events(200, Kind::Event), notes(200, &nested))),
        ("flat properties", frame(1, Vec::new(), events(15, Kind::Event), notes(15, &flat))),
        ("named properties", frame(1, Vec::new(), events(15, Kind::Event), notes(15, &names))),
        ("one move", frame(1, Vec::new(), events(1, Kind::Move), Vec::new())),
        ("one element", frame(1, vec![element(1)], events(1, Kind::Move), Vec::new())),
        ("one event", frame(1, Vec::new(), events(1, Kind::Event), notes(1, "{\"a\":{\"b\":{}}}"))),
    ] {
        let bytes = encode_frame(&frame);
        let memory = allocation_counter::measure(|| assert_eq!(decode_frame(&bytes).as_ref().map(|_| ()), Ok(()), "{name}"));
        println!(
            "b1: {name}: {} bytes take {} at the peak, of {} allowed",
            bytes.len(),
            memory.bytes_max,
            checks::frame_memory(bytes.len())
        );
        judge(name, checks::frame, &bytes);
    }
}
