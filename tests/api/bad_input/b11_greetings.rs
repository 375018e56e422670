use std::time::{Duration, Instant};

use super::raw::{BINARY, FIN, Heard, Raw, frame as ws};
use crate::app::{add_site, spawn_app};
use crate::client::frame_bytes;

/// What a client says before anything else, and how the collector closes. `K`: a good key, `D`: a disabled one, `U`: an unknown one.
const SAID: [(&str, u16); 34] = [
    (r#"{"type":"hello","v":0,"site":"K","pages":[]}"#, 4000),
    (r#"{"type":"hello","v":2,"site":"K","pages":[]}"#, 4000),
    (r#"{"type":"hello","v":4294967295,"site":"K","pages":[]}"#, 4000),
    (r#"{"type":"hello","v":2}"#, 4000),
    (r#"{"type":"hello","v":2,"site":"U","pages":"later"}"#, 4000),
    (r#"{"type":"hello","v":-1,"site":"K","pages":[]}"#, 1002),
    (r#"{"type":"hello","v":4294967296,"site":"K","pages":[]}"#, 1002),
    (r#"{"type":"hello","v":"1","site":"K","pages":[]}"#, 1002),
    (r#"{"type":"hello","v":1.0,"site":"K","pages":[]}"#, 1002),
    (r#"{"type":"hello","v":null,"site":"K","pages":[]}"#, 1002),
    (r#"{"type":"hello","site":"K","pages":[]}"#, 1002),
    (r#"{"type":"hello","v":1,"pages":[]}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"K"}"#, 1002),
    (r#"{"type":"hello","v":1,"site":7,"pages":[]}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"K","pages":[{}]}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"K","pages":[],"sample":1.5}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"K","pages":[],"sample":-1}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"K","pages":[],"forget":"yes"}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"K","pages":[],"import":{}}"#, 1002),
    (r#"{"type":"hello","v":1,"site":"U","pages":[]}"#, 4001),
    (r#"{"type":"hello","v":1,"site":"D","pages":[]}"#, 4001),
    (r#"{"type":"hello","v":1,"site":"","pages":[]}"#, 4001),
    (r#"{"type":"hello","v":1,"site":"k","pages":[]}"#, 4001),
    (r#"{"type":"hello","v":1,"site":"K ","pages":[]}"#, 4001),
    (r#"{"type":"Hello","v":1,"site":"K","pages":[]}"#, 1003),
    (r#"{"type":"welcome","n":0,"id":"1","token":"t","acked":0}"#, 1003),
    (r#"{"type":"ack","n":0,"seq":9}"#, 1003),
    (r#"{"type":"drain","after_ms":1}"#, 1003),
    (r#"{"type":"","v":2}"#, 1003),
    (r#"{"type":7}"#, 1002),
    (r#"{"type":null}"#, 1002),
    (r#"{"type":"page","n":0,"id":"1","token":"t"}"#, 1002),
    (r#""hello""#, 1002),
    ("", 1007),
];

#[actix_web::test]
async fn b11_every_wrong_greeting_has_its_code() {
    let app = spawn_app().await;
    add_site(&app.server, "k_disabled", &["*"]).await;
    app.execute("update core.site set disabled_at = now() where public_key = 'k_disabled'").await;
    for (said, code) in SAID {
        let said = said.replace("\"K", &format!("\"{}", app.site.key)).replace("\"D\"", "\"k_disabled\"").replace("\"U\"", "\"k_unknown\"");
        let mut raw = Raw::open(&app).await;
        raw.say(&said).await;
        assert_eq!(raw.hear().await, Heard::Close(Some(code)), "{said}");
    }
    let hello = format!(r#"{{"type":"hello","v":1,"site":"{}","pages":[]}}"#, app.site.key);
    let page = r#"{"n":0,"nonce":"AAECAwQFBgcICQoLDA0ODw","age_ms":0,"url":"/","viewport":[1,1],"document":[1,1]}"#;
    let page = |n: u32| format!(r#"{{"type":"page",{}"#, page.replace("\"n\":0", &format!("\"n\":{n}")).trim_start_matches('{'));
    // What may not come after a good hello, and not twice.
    for (said, code) in [
        (vec![hello.clone(), hello.clone()], 1002),
        (vec![hello.clone(), page(0), page(0)], 1002),
        (vec![hello.clone(), r#"{"type":"hello","v":2}"#.to_owned()], 4000),
        (vec![hello.clone(), "x".to_owned()], 1007),
        (vec![hello.clone(), r#"{"type":"goodbye"}"#.to_owned()], 1003),
        (std::iter::once(hello.clone()).chain((0..300).map(page)).collect(), 1008),
    ] {
        let mut raw = Raw::open(&app).await;
        for text in &said {
            raw.say(text).await;
        }
        let close = loop {
            match raw.hear().await {
                Heard::Text(_) => {}
                other => break other,
            }
        };
        assert_eq!(close, Heard::Close(Some(code)), "{said:.300?}");
    }
    let mut raw = Raw::open(&app).await;
    raw.send(&ws(FIN | BINARY, &frame_bytes(1))).await;
    assert_eq!(raw.hear().await, Heard::Close(Some(1002)), "data before the hello");
    println!("b11: {} greetings", SAID.len() + 7);
    app.finish().await;
}

/// Ends apart, and both ends of the same length: a timing attack would need far more than what may differ here.
const TRIES: usize = 200;

#[actix_web::test]
async fn b11_an_unknown_and_a_disabled_key_can_not_be_told_apart() {
    let app = spawn_app().await;
    add_site(&app.server, "k_disabled", &["*"]).await;
    app.execute("update core.site set disabled_at = now() where public_key = 'k_disabled'").await;
    let mut times = [Vec::new(), Vec::new()];
    let mut raws = [String::new(), String::new()];
    for _ in 0..TRIES {
        for (index, key) in ["k_disabled", "k_unknownn"].into_iter().enumerate() {
            let mut raw = Raw::open(&app).await;
            let begin = Instant::now();
            raw.say(&format!(r#"{{"type":"hello","v":1,"site":"{key}","pages":[]}}"#)).await;
            let heard = raw.hear().await;
            times[index].push(begin.elapsed());
            assert_eq!(heard, Heard::Close(Some(4001)));
            raws[index] = format!("{heard:?}");
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let [disabled, unknown] = [median(&mut times[0]), median(&mut times[1])];
    println!("b11: medians of {TRIES}: disabled {disabled:?}, unknown {unknown:?}");
    assert_eq!(raws[0], raws[1]);
    assert!(disabled.abs_diff(unknown) < Duration::from_millis(2), "{disabled:?} {unknown:?}");
    app.finish().await;
}
