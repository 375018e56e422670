use mousetrail::event::{Element, ElementBox, ElementFlags, Frame, Kind, Note, PointerEvent};
use mousetrail::wire::encode_frame;
use serde_json::{Value, json};

use super::raw::{BINARY, FIN, Heard, Raw, TEXT, frame as ws};
use crate::app::{TestApp, spawn_app};
use crate::client::frame;

/// Texts that are valid, however strange.
fn strange() -> Vec<String> {
    [
        "plain",
        "käse 🐭",
        "\0",
        "a\0b\0",
        "\u{202e}gnp.exe\u{202c}",
        "\u{200b}\u{200d}\u{feff}",
        "e\u{301}\u{301}\u{301}",
        "\u{fffd}\u{ffff}\u{10ffff}",
        "\r\nSet-Cookie: a=b",
        "\u{1b}[31m\u{7}\u{8}",
        "<script>alert(1)</script>",
        "'; drop table core.site; --",
        "${jndi:ldap://x}{{7*7}}%s%n",
        "=HYPERLINK(\"x\")\t|\\",
        "../../etc/passwd",
        "__proto__",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["x".repeat(511), format!("{}é", "x".repeat(511)), "😀".repeat(600), "é".repeat(6_000), "\0".repeat(1_000)])
    .collect()
}

/// As the contract says: without U+0000, cut at a character.
fn kept(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(|char| *char != '\0').collect();
    let end = text.char_indices().map(|(at, char)| at + char.len_utf8()).take_while(|end| *end <= most).last().unwrap_or(0);
    text[..end].to_owned()
}

fn page(nonce: usize) -> Value {
    json!({
        "n": 0, "nonce": format!("{nonce:022}"), "age_ms": 0, "url": "https://shop.example/page", "viewport": [1, 1], "document": [1, 1],
    })
}

fn hello(app: &TestApp, page: &Value) -> String {
    json!({"type": "hello", "v": 1, "site": app.site.key, "pages": [page]}).to_string()
}

/// Says hello and returns the id of the page view.
async fn welcomed(raw: &mut Raw, app: &TestApp, page: &Value) -> String {
    raw.say(&hello(app, page)).await;
    let Heard::Text(text) = raw.hear().await else { panic!("no welcome for {:.200}", page.to_string()) };
    let welcome: Value = serde_json::from_str(&text).unwrap();
    welcome["id"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[actix_web::test]
async fn b8_strange_texts_of_a_page_are_kept_as_they_are_up_to_their_bound() {
    let app = spawn_app().await;
    let mut rows = 0;
    for text in strange() {
        let mut page = page(rows);
        for (field, value) in [
            ("title", text.clone()),
            // A session of its own, because that keeps the language.
            ("session", format!("{rows:022}")),
            ("referrer", format!("https://r.example/{text}?q=secret#f")),
            ("language", text.clone()),
            ("url", format!("https://shop.example/{text}")),
        ] {
            page[field] = json!(value);
        }
        rows += 4;
        let mut raw = Raw::open(&app).await;
        let id = welcomed(&mut raw, &app, &page).await;
        let sql = format!(
            "select json_build_array(coalesce(v.title, ''), coalesce(v.referrer, ''), coalesce(s.language, ''), p.path)::text
             from core.page_view v join core.page p using (page_id) join core.session s using (session_id) where v.page_view_id = {id}"
        );
        let stored: Vec<String> = serde_json::from_str(&app.texts(&sql).await[0]).unwrap();
        assert_eq!(stored[0], kept(&text, 512), "title");
        let referrer = format!("https://r.example/{text}");
        assert_eq!(stored[1], kept(referrer.split(['?', '#']).next().unwrap(), 2_048), "referrer");
        assert_eq!(stored[2], kept(&text, 35), "language");
        let (path, query) = text.split_once('?').unwrap_or((&text, ""));
        assert!(query.is_empty());
        assert_eq!(stored[3], kept(&format!("/{path}"), 2_048), "path");
    }
    println!("b8: {rows} texts of pages");
    app.finish().await;
}

#[actix_web::test]
async fn b8_what_is_no_text_or_too_long_is_refused_with_the_code_of_the_table() {
    let app = spawn_app().await;
    let whole = hello(&app, &page(1));
    let at_url = |bytes: &[u8]| {
        let at = whole.find("/page").unwrap();
        [&whole.as_bytes()[..at + 1], bytes, &whole.as_bytes()[at + 1..]].concat()
    };
    let mut rows = 0;
    for (bytes, code) in [
        (&b"\xff"[..], 1007),
        (b"\xc0\x80", 1007),
        (b"\xed\xa0\x80", 1007),
        (b"\xf4\x90\x80\x80", 1007),
        (b"\xe2\x28\xa1", 1007),
        (b"\\ud800", 1007),
        (b"\\udc00", 1007),
        (b"\\ud800\\u0041", 1007),
        (b"\\u12", 1007),
        (b"\\x41", 1007),
        (b"\n", 1007),
        (b"\0", 1007),
        (b"\x1b", 1007),
    ] {
        let mut raw = Raw::open(&app).await;
        raw.send(&ws(FIN | TEXT, &at_url(bytes))).await;
        assert_eq!(raw.hear().await, Heard::Close(Some(code)), "{bytes:x?}");
        rows += 1;
    }
    for (name, field, value, code) in [
        ("a title of 1 MB", "title", json!("t".repeat(1 << 20)).to_string(), 1009),
        ("a path of 1 MB", "url", json!(format!("https://shop.example/{}", "p".repeat(1 << 20))).to_string(), 1009),
        ("a nonce of 21 characters", "nonce", json!("a".repeat(21)).to_string(), 1002),
        ("a nonce of 65 characters", "nonce", json!("a".repeat(65)).to_string(), 1002),
        ("a nonce of other characters", "nonce", json!("é".repeat(22)).to_string(), 1002),
        ("a nonce with a zero", "nonce", json!(format!("{}\0", "a".repeat(22))).to_string(), 1002),
        ("a session of 21 characters", "session", json!("a".repeat(21)).to_string(), 1002),
        ("a title that is a number", "title", json!(7).to_string(), 1002),
        ("a title that is a list", "title", json!(["a"]).to_string(), 1002),
        ("a url that is null", "url", Value::Null.to_string(), 1002),
        ("an unknown way to begin", "via", json!("magic").to_string(), 1002),
        ("an unknown pointer", "pointer", json!("nose").to_string(), 1002),
        ("nothing but lists", "title", nested(100_000), 1009),
        ("lists 100 deep", "title", nested(100), 1002),
        ("lists 1,000 deep", "title", nested(1_000), 1007),
    ] {
        let mut page = page(2);
        page[field] = json!("PLACE");
        let said = hello(&app, &page).replace("\"PLACE\"", &value);
        let mut raw = Raw::open(&app).await;
        raw.send(&ws(FIN | TEXT, said.as_bytes())).await;
        let heard = raw.hear().await;
        assert!(heard == Heard::Close(Some(code)) || (code == 1009 && heard == Heard::End), "{name}: {heard:?}");
        rows += 1;
    }
    for (name, text, code) in [
        ("a key of a site with zeros", r#"{"type":"hello","v":1,"site":"\u0000","pages":[]}"#.to_owned(), 4001),
        ("a key of a site that is long", json!({"type": "hello", "v": 1, "site": "k".repeat(60_000), "pages": []}).to_string(), 4001),
        ("two types", r#"{"type":"hello","type":"page","v":1,"site":"k","pages":[]}"#.to_owned(), 1002),
        ("a type with a zero", r#"{"type":"hello\u0000"}"#.to_owned(), 1003),
        ("no type", r#"{"v":1}"#.to_owned(), 1002),
        ("a list", "[]".to_owned(), 1002),
        ("a text behind the message", format!("{whole}x"), 1007),
    ] {
        let mut raw = Raw::open(&app).await;
        raw.say(&text).await;
        assert_eq!(raw.hear().await, Heard::Close(Some(code)), "{name}");
        rows += 1;
    }
    println!("b8: {rows} texts that are refused");
    assert_eq!(app.count("select count(*) from core.page_view").await, 0);
    app.finish().await;
}

/// Lists in lists, as text: a tree of so many levels could not even be dropped.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[actix_web::test]
async fn b8_strange_texts_of_a_frame_are_stored_or_nacked_and_never_quarantined() {
    let app = spawn_app().await;
    let mut raw = Raw::open(&app).await;
    welcomed(&mut raw, &app, &page(1)).await;
    let note = |kind, name: &str, value: &str| Frame {
        events: vec![PointerEvent::new(0, kind, 100, 200)],
        notes: vec![Note { index: 0, name: name.to_owned(), value: value.to_owned() }],
        ..frame(1)
    };
    let element = |tag: &str, role: &str, selector: &str| Frame {
        elements: vec![Element {
            number: 1,
            parent: 0,
            flags: ElementFlags::default(),
            rect: ElementBox::default(),
            text_length: 0,
            tag: tag.to_owned(),
            role: role.to_owned(),
            selectors: vec![selector.to_owned()],
        }],
        ..frame(1)
    };
    let mut rows = 0;
    for text in strange().into_iter().chain([String::new(), "s".repeat(1_024), "s".repeat(1_025), "v".repeat(4_097)]) {
        let properties = json!({text.clone(): text}).to_string();
        for frame in [
            note(Kind::Identify, &text, ""),
            note(Kind::Tag, "name", &text),
            note(Kind::Tag, &text, "value"),
            note(Kind::Event, "name", &properties),
            note(Kind::Event, "name", &text),
            element(&text, "", "#a"),
            element("a", &text, "#a"),
            element("a", "", &text),
        ] {
            rows += 1;
            let bytes = encode_frame(&Frame { seq: rows, ..frame });
            if bytes.len() > 65_536 {
                rows -= 1;
                continue;
            }
            let refusal = mousetrail::wire::decode_frame(&bytes).err();
            raw.send(&ws(FIN | BINARY, &bytes)).await;
            loop {
                let Heard::Text(answer) = raw.hear().await else { panic!("the connection is to live on") };
                let answer: Value = serde_json::from_str(&answer).unwrap();
                match answer["type"].as_str() {
                    Some("nack") => assert_eq!(answer["reason"].as_str(), refusal.map(|error| error.word()), "{text:?}"),
                    Some("ack") if answer["seq"] == rows => break,
                    _ => {}
                }
            }
        }
    }
    println!("b8: {rows} texts of frames");
    assert_eq!(app.count("select count(*) from core.quarantine").await, 0);
    app.finish().await;
}
