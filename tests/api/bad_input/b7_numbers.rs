use std::time::Duration;

use mousetrail::event::{Frame, Kind, PointerEvent};
use mousetrail::wire::{decode_frame, encode_frame};

use super::raw::{BINARY, FIN, Heard, Raw, frame as ws};
use crate::admin::browser::sign_in;
use crate::app::{TestApp, spawn_app};
use crate::client::frame;

/// What becomes of a number in a new page: the column holds it, or the connection is closed with a code.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Stored(&'static str),
    Close(u16),
}
use Fate::{Close, Stored};

/// Field, its JSON, and what is then in the column.
const ROWS: [(&str, &str, &str, Fate); 50] = [
    ("viewport", "[1440,900]", "viewport_w", Stored("1440")),
    ("viewport", "[0,0]", "viewport_w", Stored("0")),
    ("viewport", "[-1,-1]", "viewport_w", Stored("0")),
    ("viewport", "[-0.0,1]", "viewport_w", Stored("0")),
    ("viewport", "[1e300,1]", "viewport_w", Stored("1000000")),
    ("viewport", "[-1e300,1]", "viewport_w", Stored("0")),
    ("viewport", "[2147483648,1]", "viewport_w", Stored("1000000")),
    ("viewport", "[9007199254740993,1]", "viewport_w", Stored("1000000")),
    ("viewport", "[18446744073709551616,1]", "viewport_w", Stored("1000000")),
    ("viewport", "[0.4999,1]", "viewport_w", Stored("0")),
    ("viewport", "[0.5,1]", "viewport_w", Stored("1")),
    ("viewport", "[1e-400,1]", "viewport_w", Stored("0")),
    ("viewport", "[1e999,1]", "viewport_w", Close(1007)),
    ("viewport", "[NaN,1]", "viewport_w", Close(1007)),
    ("viewport", "[Infinity,1]", "viewport_w", Close(1007)),
    ("viewport", "[-Infinity,1]", "viewport_w", Close(1007)),
    ("viewport", "[0x10,1]", "viewport_w", Close(1007)),
    ("viewport", "[01,1]", "viewport_w", Close(1007)),
    ("viewport", "[null,1]", "viewport_w", Close(1002)),
    ("viewport", "[\"1\",1]", "viewport_w", Close(1002)),
    ("viewport", "[true,1]", "viewport_w", Close(1002)),
    ("viewport", "[1]", "viewport_w", Close(1002)),
    ("viewport", "[1,2,3]", "viewport_w", Close(1002)),
    ("viewport", "[]", "viewport_w", Close(1002)),
    ("viewport", "{}", "viewport_w", Close(1002)),
    ("document", "[1,1e9]", "document_h", Stored("1000000")),
    ("document", "[1,0]", "document_h", Stored("0")),
    ("document", "[1,-7]", "document_h", Stored("0")),
    ("scroll", "[0,1e12]", "scroll_y", Stored("1000000")),
    ("scroll", "[0,-3.7]", "scroll_y", Stored("0")),
    ("scroll", "[0,1e999]", "scroll_y", Close(1007)),
    ("screen", "[1e18,-1e18]", "screen_w", Stored("1000000")),
    ("screen", "[0,0]", "screen_w", Stored("0")),
    ("dpr", "0", "pixel_ratio", Stored("0")),
    ("dpr", "-1", "pixel_ratio", Stored("")),
    ("dpr", "2.625", "pixel_ratio", Stored("2.625")),
    ("dpr", "100.5", "pixel_ratio", Stored("")),
    ("dpr", "1e300", "pixel_ratio", Stored("")),
    ("dpr", "1e-60", "pixel_ratio", Stored("0")),
    ("dpr", "NaN", "pixel_ratio", Close(1007)),
    ("dpr", "\"2\"", "pixel_ratio", Close(1002)),
    ("age_ms", "0", "viewport_w", Stored("1")),
    ("age_ms", "86400000", "viewport_w", Stored("1")),
    ("age_ms", "86400001", "viewport_w", Close(1002)),
    ("age_ms", "-1", "viewport_w", Close(1002)),
    ("age_ms", "1.5", "viewport_w", Close(1002)),
    ("age_ms", "18446744073709551616", "viewport_w", Close(1002)),
    ("n", "-1", "viewport_w", Close(1002)),
    ("n", "65536", "viewport_w", Close(1002)),
    ("n", "0.5", "viewport_w", Close(1002)),
];

fn hello(app: &TestApp, nonce: usize, field: &str, json: &str) -> String {
    let mut fields = vec![
        ("n", "0".to_owned()),
        ("nonce", format!("\"{nonce:022}\"")),
        ("age_ms", "0".to_owned()),
        ("url", "\"https://shop.example/page\"".to_owned()),
        ("viewport", "[1,1]".to_owned()),
        ("document", "[1,1]".to_owned()),
    ];
    fields.retain(|(name, _)| *name != field);
    fields.push((field, json.to_owned()));
    let page: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!(r#"{{"type":"hello","v":1,"site":"{}","pages":[{{{}}}]}}"#, app.site.key, page.join(","))
}

#[actix_web::test]
async fn b7_numbers_that_make_no_sense_are_clamped_or_refused() {
    let app = spawn_app().await;
    for (nonce, (field, json, column, fate)) in ROWS.into_iter().enumerate() {
        let mut raw = Raw::open(&app).await;
        raw.say(&hello(&app, nonce, field, json)).await;
        match (raw.hear().await, fate) {
            (Heard::Text(welcome), Stored(value)) => {
                let welcome: serde_json::Value = serde_json::from_str(&welcome).unwrap();
                let id = welcome["id"].as_str().unwrap_or_else(|| panic!("{field} {json}: {welcome}"));
                let stored = app.texts(&format!("select coalesce({column}::text, '') from core.page_view where page_view_id = {id}")).await;
                assert_eq!(stored, [value], "{field} {json}");
            }
            (Heard::Close(code), Close(expected)) => assert_eq!(code, Some(expected), "{field} {json}"),
            (heard, fate) => panic!("{field} {json}: {fate:?} was expected, and not {heard:?}"),
        }
    }
    println!("b7: {} numbers in pages", ROWS.len());
    assert_eq!(app.count("select count(*) from core.page_view where pixel_ratio = 'NaN'").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn b7_frames_at_and_behind_every_bound_are_stored_or_refused_and_can_be_drawn() {
    let app = spawn_app().await;
    let at = |kind, x, y| PointerEvent::new(0, kind, x, y);
    let with = |events: Vec<PointerEvent>| Frame { events, ..frame(1) };
    let clicks = |count: usize| Frame { events: vec![at(Kind::Click, 100, 200); count], ..frame(1) };
    let far = 1_000_000;
    let rows: Vec<(&str, Frame, Option<&str>)> = vec![
        ("a click at the far corner", Frame { origin: (far, far), ..with(vec![at(Kind::Click, far, far)]) }, None),
        ("a click before the page", Frame { origin: (-far, -far), ..with(vec![at(Kind::Click, -far, -far)]) }, None),
        ("a click at the end of the origin's reach", with(vec![at(Kind::Click, 100 + 32_767, 200 - 32_767)]), None),
        ("a click behind the origin's reach", with(vec![at(Kind::Click, 100 + 32_768, 200)]), Some("range")),
        ("an origin too far out", Frame { origin: (far + 1, 0), ..with(vec![at(Kind::Move, far, 0)]) }, Some("range")),
        ("a viewport of nothing", with(vec![at(Kind::Resize, 0, 0)]), None),
        ("the largest viewport", with(vec![at(Kind::Resize, far, far)]), None),
        ("a viewport too large", with(vec![at(Kind::Resize, far + 1, 1)]), Some("range")),
        ("a viewport below nothing", with(vec![at(Kind::Resize, -1, 1)]), Some("range")),
        ("a document of nothing", with(vec![at(Kind::Document, 0, 0)]), None),
        ("scrolled above the top", with(vec![at(Kind::Scroll, 0, -500)]), None),
        ("scrolled out of reach", with(vec![at(Kind::Scroll, 0, 40_000)]), Some("range")),
        ("4,096 clicks at one place", clicks(4_096), None),
        ("4,097 clicks at one place", clicks(4_097), Some("limit")),
        ("the latest begin", Frame { t0_ms: 604_800_000, ..frame(1) }, None),
        ("a begin after a week", Frame { t0_ms: 604_800_001, ..frame(1) }, Some("range")),
        ("the most samples", Frame { samples: i32::MAX as u32, dropped: i32::MAX as u32, ..frame(1) }, None),
        ("too many samples", Frame { samples: 1 << 31, ..frame(1) }, Some("range")),
        ("too many dropped", Frame { dropped: u32::MAX, ..frame(1) }, Some("range")),
        ("the coarsest tolerance", Frame { tolerance: 10_000, ..frame(1) }, None),
        ("a tolerance too coarse", Frame { tolerance: 10_001, ..frame(1) }, Some("range")),
    ];
    for (index, (name, frame, refusal)) in rows.iter().enumerate() {
        let bytes = encode_frame(frame);
        assert_eq!(decode_frame(&bytes).err().map(|error| error.word()), *refusal, "{name}");
        let mut raw = Raw::open(&app).await;
        raw.say(&hello(&app, 1_000 + index, "dpr", "1")).await;
        assert!(matches!(raw.hear().await, Heard::Text(welcome) if welcome.contains("welcome")), "{name}");
        raw.send(&ws(FIN | BINARY, &bytes)).await;
        let Heard::Text(answer) = raw.hear().await else { panic!("{name}") };
        let expected = refusal.map_or("\"ack\"".to_owned(), |word| format!("\"{word}\""));
        assert!(answer.contains(&expected), "{name}: {answer}");
    }
    // A million clicks don't fit into a frame.
    let mut raw = Raw::open(&app).await;
    raw.say(&hello(&app, 2_000, "dpr", "1")).await;
    raw.hear().await;
    raw.send(&ws(FIN | BINARY, &encode_frame(&clicks(1_000_000)))).await;
    assert!(matches!(raw.hear_within(Duration::from_secs(5)).await, Some(Heard::Close(Some(1009)) | Heard::End)));
    // What is stored can be looked at.
    let browser = sign_in(&app).await;
    let site = app.site.site_id;
    for kind in ["movement", "click"] {
        let heatmap = browser.get(&format!("/api/v1/sites/{site}/heatmap?page=/page&kind={kind}")).await;
        assert!(matches!(heatmap.status, 200 | 400), "{kind}: {}", heatmap.text);
        assert!(!heatmap.text.contains("NaN"));
    }
    for session in app.texts("select session_id::text from session").await {
        let replay = browser.get(&format!("/api/v1/sites/{site}/sessions/{session}/replay")).await;
        assert_eq!(replay.status, 200, "{}", replay.text);
    }
    assert_eq!(browser.get(&format!("/sites/{site}/heatmap?page=/page")).await.status, 200);
    println!("b7: {} frames", rows.len() + 1);
    app.finish().await;
}
