use mousetrail::event::{Element, ElementBox, ElementFlags, Frame, Kind, Pointer, PointerEvent, PointerType};
use mousetrail::wire::{encode_envelope, encode_frame};
use serde_json::Value;

use super::browser::sign_in;
use crate::app::{ORIGIN, TestApp, spawn_app};
use crate::client::new_page;
use crate::post::{hello, post};
use crate::visit::{at, button, visit_of};

/// Kind, x, y, offset, pointer and element of each event of a page view in the JSON of a replay, put together again from their columns.
fn unpacked(view: &Value) -> Vec<(char, i64, i64, i64, i64, i64)> {
    let column = |name: &str| -> Vec<i64> {
        let mut sum = 0;
        view[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| {
                sum += step.as_i64().unwrap();
                sum
            })
            .collect()
    };
    let (t, x, y) = (column("t"), column("x"), column("y"));
    let run = |name: &str, index: usize| {
        let runs = view[name].as_array().unwrap();
        runs.iter().take_while(|run| run[0].as_u64().unwrap() as usize <= index).last().map_or(0, |run| run[1].as_i64().unwrap())
    };
    let kinds = view["kind"].as_str().unwrap();
    assert!([t.len(), x.len(), y.len()].iter().all(|len| *len == kinds.chars().count()));
    kinds.chars().enumerate().map(|(i, kind)| (kind, x[i], y[i], t[i], run("pointer", i), run("element", i))).collect()
}

/// The same by SQL.
async fn stored(app: &TestApp, page_view_id: &str) -> Vec<(char, i64, i64, i64, i64, i64)> {
    let rows = app
        .rows(&format!(
            "select kind, x, y, offset_ms, array_position(array['mouse', 'pen', 'touch'], pointer_type) - 1 + 4 * pointer_id as pointer,
                    coalesce(element_id, 0) as element
             from pointer_event where page_view_id = {page_view_id} order by seq, offset_ms"
        ))
        .await;
    let char = |name: &Value| Kind::all().find(|kind| kind.name() == name).unwrap().char();
    rows.iter()
        .map(|row| {
            let row: Value = serde_json::from_str(row).unwrap();
            let number = |name: &str| row[name].as_i64().unwrap();
            (char::from(char(&row["kind"])), number("x"), number("y"), number("offset_ms"), number("pointer"), number("element"))
        })
        .collect()
}

#[actix_web::test]
async fn a_replay_holds_exactly_the_events_that_postgres_has() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let mut events = Vec::new();
    let kinds: Vec<Kind> = Kind::all().collect();
    for n in 0..400 {
        let kind = kinds[n as usize % kinds.len()];
        let mut event = at((n * 50) as u16, kind, 100 + n * 37 % 900, 50 + n * n % 2_000);
        event.element = if n % 9 < 4 { 1 + (n % 2) as u16 } else { 0 };
        event.pointer = Pointer { kind: PointerType::from_bits(n as u32 / 40 % 3), id: (n / 100) as u16 };
        events.push(event);
    }
    let mut visit = visit_of("mara").with(events);
    let rect = ElementBox { x: 100, y: 50, w: 200, h: 40 };
    visit.elements = vec![button(1, "#buy", rect), button(2, "#<b>", rect)];
    let first = visit.send(&app).await;
    let second = visit_of("mara").with([at(7, Kind::Move, 1, 2)]).send(&app).await;

    let id = app.count("select session_id from session").await;
    let replay = browser.json(&format!("/api/v1/sites/{}/sessions/{id}/replay", app.site.site_id)).await;
    assert_eq!(replay["session_id"], id.to_string());
    for (view, page_view_id) in replay["views"].as_array().unwrap().iter().zip([&first, &second]) {
        assert_eq!(view["page_view_id"], page_view_id.as_str());
        assert_eq!(unpacked(view), stored(&app, page_view_id).await);
    }
    assert_eq!(unpacked(&replay["views"][0]).len(), 400);
    let fidelity = &replay["fidelity"];
    assert_eq!(
        (fidelity["events"].as_i64(), fidelity["missing"].as_i64(), fidelity["tolerance_px"].as_f64()),
        (Some(401), Some(0), Some(2.0))
    );
    let element = &replay["views"][0]["elements"][0];
    assert_eq!((&element["selector"], &element["rect"]), (&"#buy".into(), &serde_json::json!([100, 50, 200, 40])));
    app.finish().await;
}

#[actix_web::test]
async fn stretches_without_events_are_gaps() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    visit_of("mara").with([at(0, Kind::Move, 1, 1), at(1_500, Kind::Move, 2, 2), at(21_500, Kind::Move, 3, 3)]).send(&app).await;
    let id = app.count("select session_id from session").await;
    let replay = browser.json(&format!("/api/v1/sites/{}/sessions/{id}/replay", app.site.site_id)).await;
    assert_eq!((&replay["gaps"], &replay["duration_ms"]), (&serde_json::json!([[1_500, 21_500]]), &21_500.into()));
    app.finish().await;
}

#[actix_web::test]
async fn a_missing_frame_is_said_to_be_missing() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let events = (0..4u16).map(|n| PointerEvent { at_ms: n * 6_000, ..at(0, Kind::Move, i32::from(n), 0) });
    visit_of("mara").with(events).send(&app).await;
    app.execute("delete from core.pointer_chunk where seq = 2").await;
    let id = app.count("select session_id from session").await;
    let replay = browser.json(&format!("/api/v1/sites/{}/sessions/{id}/replay", app.site.site_id)).await;
    assert_eq!((replay["fidelity"]["frames"].as_i64(), replay["fidelity"]["missing"].as_i64()), (Some(3), Some(1)));
    app.finish().await;
}

#[actix_web::test]
async fn what_the_page_said_stands_in_the_replay_and_on_its_page_as_text() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let mut visit = visit_of("mara").with([
        at(0, Kind::Identify, 1, 1),
        at(10, Kind::Tag, 1, 1),
        at(20, Kind::Tag, 1, 1),
        at(30, Kind::Event, 1, 1),
        at(40, Kind::Event, 1, 1),
        at(6_000, Kind::Tag, 1, 1),
    ]);
    visit.notes = vec![
        ("customer <b>42</b>", ""),
        ("plan", "free"),
        ("<i>group</i>", ""),
        ("buy <img src=x>", r#"{"sku":"</script><b>"}"#),
        ("login", ""),
        ("plan", "pro \"<script>alert(1)</script>"),
    ];
    visit.send(&app).await;
    let id = app.count("select session_id from session").await;
    let path = format!("/sites/{}/sessions/{id}", app.site.site_id);
    let replay = browser.json(&format!("/api/v1{path}/replay")).await;
    let expected = serde_json::json!([
        {"at_ms": 30, "name": "buy <img src=x>", "props": r#"{"sku": "</script><b>"}"#},
        {"at_ms": 40, "name": "login", "props": null},
    ]);
    assert_eq!(replay["views"][0]["custom_events"], expected);
    let page = browser.read(&path).await;
    for text in ["customer &#60;b&#62;42&#60;/b&#62;", "&#60;i&#62;group&#60;/i&#62;", "pro &#34;&#60;script&#62;alert(1)"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("alert(1)</script>") && !page.contains("<i>group") && !page.contains(">free<"), "{page}");
    app.finish().await;
}

#[actix_web::test]
async fn an_outline_is_the_wireframe_and_what_is_fixed_stands_where_the_window_had_it() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let element = |number, flag, y| Element {
        flags: ElementFlags::from_bits(flag).unwrap(),
        ..button(number, &format!("#e{number}"), ElementBox { x: 0, y, w: 200, h: 40 })
    };
    let blank = Frame { samples: 0, tolerance: 0, dropped: 0, origin: (0, 0), ..crate::client::frame(1) };
    // Told at 2 s, when the page was scrolled to 500; before and after it was not.
    let elements = vec![element(1, ElementFlags::FIXED, 500), element(2, 0, 1_200)];
    let outline = Frame { seq: 0, t0_ms: 2_000, events: Vec::new(), elements, ..blank.clone() };
    let scroll = |at_ms, y| PointerEvent { at_ms, y, ..at(0, Kind::Scroll, 0, 0) };
    let scrolls = Frame { t0_ms: 1_000, events: vec![scroll(0, 0), scroll(500, 500), scroll(1_500, 900)], ..blank };
    let envelope = encode_envelope(&hello(&app, vec![new_page(0, 1)]), &[encode_frame(&outline), encode_frame(&scrolls)]);
    assert_eq!(post(&app, ORIGIN, envelope).await.0, 200);
    let id = app.count("select session_id from session").await;
    let replay = browser.json(&format!("/api/v1/sites/{}/sessions/{id}/replay", app.site.site_id)).await;
    let mut boxes: Vec<_> = replay["views"][0]["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|element| (element["selector"].as_str().unwrap().to_owned(), element["rect"][1].as_i64().unwrap()))
        .collect();
    boxes.sort();
    assert_eq!(boxes, [("#e1".to_owned(), 0), ("#e2".to_owned(), 1_200)]);
    app.finish().await;
}
