//! The generator waits as the snippet does: both read tests/fixtures/backoff.json.

use serde::Deserialize;

use crate::kit::Backoff;

#[derive(Deserialize)]
struct Row {
    tries: u32,
    random: f64,
    pause_ms: f64,
}

#[test]
fn o9_the_pause_is_full_jitter_from_one_to_sixty_seconds() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("../fixtures/backoff.json")).unwrap();
    assert!(rows.len() > 50);
    for Row { tries, random, pause_ms } in rows {
        let pause = Backoff::PROTOCOL.pause(tries, random).as_secs_f64() * 1e3;
        assert!((pause - pause_ms).abs() < 1e-3, "{tries} {random}: {pause} ms, the snippet waits {pause_ms} ms");
    }
}
