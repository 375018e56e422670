//! The parsers of what strangers send, on the saved corpus of the fuzzer, on changed copies of it, and on what costs the most.
//! A process of its own, because it counts what is allocated.

use std::fs;
use std::time::{Duration, Instant};

use mousetrail::event::{Element, ElementBox, ElementFlags, Frame, Kind, Note, PointerEvent};
use mousetrail::wire::{MAX_FRAME_BYTES, decode_frame, encode_frame};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

#[path = "../fuzz/checks.rs"]
mod checks;

/// A fuzz target, with how it judges.
const TARGETS: [(&str, fn(&[u8])); 5] = [
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

fn judge(target: &str, check: fn(&[u8]), bytes: &[u8]) {
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

/// Two seconds a target; `FUZZ_SECONDS` says otherwise. Other seeds in every run: a failure prints its input.
#[test]
fn b1_changed_copies_of_the_corpus_pass_every_check() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(2);
    for (target, check) in TARGETS {
        let (inputs, until) = (corpus(target), Instant::now() + Duration::from_secs(seconds));
        let (mut cases, mut seed) = (0u64, rand::random::<u64>());
        println!("b1: {target}: seed {seed}");
        let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::collection::vec(change(), 1..6));
        while Instant::now() < until {
            // A runner stops for good after its cases.
            let rng_seed = RngSeed::Fixed(seed);
            let config = ProptestConfig { cases: 256, failure_persistence: None, rng_seed, ..ProptestConfig::default() };
            let run = TestRunner::new(config).run(&change, |(first, second, changes)| {
                let other: &Vec<u8> = second.get(&inputs);
                let mut bytes = Vec::clone(first.get(&inputs));
                for change in changes {
                    change.apply(&mut bytes, other);
                }
                judge(target, check, &bytes);
                Ok(())
            });
            run.unwrap();
            cases += 256;
            seed = seed.wrapping_add(1);
        }
        println!("b1: {target}: {cases} changed inputs");
    }
}

#[derive(Debug, Clone)]
enum Change {
    Set(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Cut(prop::sample::Index, prop::sample::Index),
    /// Goes on as another input does.
    Cross(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index, u8),
}

/// Numbers at the ends of what a varint holds.
const EDGES: [&[u8]; 6] = [b"\x00", b"\x7f", b"\x80\x00", b"\xff\xff\x03", b"\xff\xff\xff\xff\x0f", b"\xff\xff\xff\xff\x1f"];

fn change() -> impl Strategy<Value = Change> {
    use prop::sample::Index;
    let inserted = prop_oneof![prop::collection::vec(any::<u8>(), 1..5), prop::sample::select(&EDGES[..]).prop_map(<[u8]>::to_vec)];
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (any::<Index>(), inserted).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Cut(from, to)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(at, other)| Change::Cross(at, other)),
        1 => (any::<Index>(), 1u8..20).prop_map(|(at, times)| Change::Repeat(at, times)),
    ]
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>, other: &[u8]) {
        let place = |at: prop::sample::Index, bytes: &[u8]| at.index(bytes.len() + 1);
        match self {
            Self::Set(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            Self::Set(..) => {}
            Self::Insert(at, new) => {
                let at = place(at, bytes);
                bytes.splice(at..at, new);
            }
            Self::Cut(from, to) => {
                let (from, to) = (place(from, bytes), place(to, bytes));
                bytes.drain(from.min(to)..from.max(to));
            }
            Self::Cross(at, from) => {
                bytes.truncate(place(at, bytes));
                bytes.extend_from_slice(&other[place(from, other)..]);
            }
            Self::Repeat(at, times) => {
                let tail = bytes[place(at, bytes)..].to_vec();
                for _ in 0..times {
                    if bytes.len() + tail.len() <= 4 * MAX_FRAME_BYTES {
                        bytes.extend_from_slice(&tail);
                    }
                }
            }
        }
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
