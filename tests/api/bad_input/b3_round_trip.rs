use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use mousetrail::wire::{decode_frame, encode_frame};
use serde_json::Value;

use crate::app::test_folder;
use crate::wire::{as_json, bytes, whole};

#[test]
fn b3_what_the_snippet_encodes_decodes_to_the_same() {
    compare("b3", 20_000);
}

#[test]
#[ignore = "T1: a million frames take minutes"]
fn b3_a_million_frames_of_the_snippet_decode_to_the_same() {
    compare("b3-million", 1_000_000);
}

/// Has the snippet's own encoder write random frames, and reads each.
fn compare(folder: &str, count: usize) {
    let root = env!("CARGO_MANIFEST_DIR");
    let folder = test_folder(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("write_random.mjs");
    let built = Command::new(format!("{root}/node_modules/.bin/esbuild"))
        .args(["snippet/test/write_random.mjs", "--bundle", "--platform=node", "--format=esm", "--log-level=warning"])
        .arg(format!("--outfile={}", program.display()))
        .current_dir(root)
        .status()
        .expect("esbuild is there: `npm ci` installs it");
    assert!(built.success());
    let seed: u32 = rand::random();
    println!("b3: seed {seed}");
    let mut node = Command::new("node")
        .arg(&program)
        .args([seed.to_string(), count.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is there: .ci/deps node installs it");
    let (mut frames, mut events) = (0, 0);
    for line in BufReader::new(node.stdout.take().unwrap()).lines() {
        let vector: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let bytes = bytes(&vector);
        let frame = decode_frame(&bytes).unwrap_or_else(|error| panic!("{error}: {vector}"));
        assert_eq!(as_json(&frame), whole(vector["frame"].clone()), "{vector}");
        assert_eq!(encode_frame(&frame), bytes, "both write the same bytes: {vector}");
        frames += 1;
        events += frame.events.len();
    }
    assert!(node.wait().unwrap().success());
    assert_eq!(frames, count);
    println!("b3: {frames} frames of {events} events");
}
