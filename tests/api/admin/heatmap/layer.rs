use mousetrail::event::{Element, ElementBox, ElementFlags, Kind, Pointer, PointerEvent, PointerType};
use serde_json::json;

use super::{Map, click_on, on};
use crate::admin::browser::sign_in;
use crate::app::spawn_app;
use crate::visit::{at, button, visit_of};

fn boxed(x: i32, y: i32, w: u32, h: u32) -> ElementBox {
    ElementBox { x, y, w, h }
}

#[actix_web::test]
async fn widths_are_never_mixed() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let resized = |visitor, width: f64, y| {
        let mut visit = visit_of(visitor).with(click_on(500, 210, y + 10, 1)).with([at(900, Kind::Click, 100, 2_000)]);
        visit.page.viewport = [width, 900.0];
        visit.page.document = [width, 3_000.0];
        visit.elements = vec![button(1, "#buy", boxed(200, y, 160, 40))];
        visit
    };
    resized("mara", 1_440.0, 600).send(&app).await;
    resized("tom", 1_500.0, 600).send(&app).await;
    resized("uwe", 800.0, 1_200).send(&app).await;

    let wide = Map::load(&browser, &app, "kind=click").await;
    assert_eq!((&wide.json["views"], wide.whole()), (&2.into(), 4.0));
    assert_eq!(wide.json["width"], json!({"from": 1_280, "to": 1_535}));
    assert_eq!((wide.sum(150.0..400.0, 590.0..650.0), wide.sum(0.0..1e6, 1_100.0..1_300.0)), (2.0, 0.0));
    let widths = wide.json["widths"].as_array().unwrap();
    assert_eq!(widths[2], json!({"from": 768, "to": 1_023, "views": 1, "is_shown": false}));
    assert_eq!(widths[4], json!({"from": 1_280, "to": 1_535, "views": 2, "is_shown": true}));
    assert_eq!(widths[5], json!({"from": 1_536, "to": null, "views": 0, "is_shown": false}));

    let narrow = Map::load(&browser, &app, "kind=click&width=768-1023").await;
    assert_eq!((&narrow.json["views"], &narrow.json["viewport_w"], narrow.whole()), (&1.into(), &800.into(), 2.0));
    assert_eq!(narrow.sum(150.0..400.0, 1_190.0..1_250.0), 1.0);
    // All widths: what is on an element goes to it, the rest of the other classes nowhere.
    let all = Map::load(&browser, &app, "kind=click&width=all").await;
    assert_eq!((&all.json["views"], all.whole(), all.sum(150.0..400.0, 590.0..650.0)), (&3.into(), 5.0, 3.0));
    assert_eq!(all.json["placed"], json!({"element": 3, "ratio": 2, "none": 1, "overlay": 0}));
    app.finish().await;
}

#[actix_web::test]
async fn what_was_in_a_dialog_is_drawn_only_while_it_is_open() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let open = || button(1, "#open", boxed(100, 100, 160, 40));
    for n in 0..5 {
        let mut visit = visit_of(&format!("visitor {n}")).with(click_on(500, 110, 110, 1));
        visit.elements = vec![open()];
        visit.send(&app).await;
    }
    let mut visit = visit_of("mara").with(click_on(500, 110, 110, 1)).with(click_on(2_000, 610, 410, 3));
    let dialog = Element {
        number: 2,
        tag: "dialog".to_owned(),
        flags: ElementFlags::from_bits(ElementFlags::FIXED).unwrap(),
        ..button(2, "#sure", boxed(500, 300, 440, 300))
    };
    visit.elements = vec![open(), dialog, Element { parent: 2, ..button(3, "#yes", boxed(600, 400, 80, 40)) }];
    visit.send(&app).await;

    let closed = Map::load(&browser, &app, "kind=click").await;
    assert_eq!(closed.json["placed"], json!({"element": 6, "ratio": 0, "none": 0, "overlay": 1}));
    assert_eq!((closed.whole(), closed.sum(400.0..1_000.0, 200.0..700.0)), (6.0, 0.0));
    assert!(closed.has("#open") && !closed.has("#yes") && !closed.has("#sure"));
    // It is in the table all the same.
    assert_eq!((&closed.row("#yes")["clicks"], &closed.row("#yes")["placed"]), (&1.into(), &false.into()));
    let id = closed.json["overlays"][0]["id"].as_i64().unwrap();
    assert_eq!(closed.json["overlays"], json!([{"id": id, "label": "dialog", "selector": "#sure", "views": 1, "is_open": false}]));

    let opened = Map::load(&browser, &app, &format!("kind=click&overlay={id}")).await;
    assert_eq!(opened.json["placed"], json!({"element": 7, "ratio": 0, "none": 0, "overlay": 0}));
    assert_eq!((opened.whole(), opened.sum(600.0..680.0, 400.0..440.0)), (7.0, 1.0));
    assert!(opened.has("#open") && opened.has("#yes") && opened.has("#sure"));
    assert_eq!(opened.json["overlays"][0]["is_open"], true);
    app.finish().await;
}

#[actix_web::test]
async fn what_is_scrolled_out_of_a_box_is_not_drawn_over_the_page() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let list = || Element { tag: "ul".to_owned(), ..button(1, "#list", boxed(100, 200, 300, 200)) };
    let row = |number, y| Element { parent: 1, ..button(number, &format!("#row{number}"), boxed(100, y, 300, 50)) };
    // 400 px further down in the list; the box of the last row is told as it stood then.
    let mut visit = visit_of("mara")
        .with([on(100, Kind::Move, 110, 210, 1), on(1_000, Kind::InnerScroll, 0, 0, 1), on(1_200, Kind::InnerScroll, 0, 400, 1)])
        .with(click_on(6_500, 120, 320, 3));
    visit.elements = vec![list(), row(2, 200), row(3, 700)];
    visit.send(&app).await;
    let map = Map::load(&browser, &app, "kind=click").await;
    assert_eq!(map.json["placed"], json!({"element": 0, "ratio": 0, "none": 1, "overlay": 0}));
    assert_eq!(map.whole(), 0.0);
    assert!(map.has("#list") && map.has("#row2") && !map.has("#row3"));
    app.finish().await;
}

#[actix_web::test]
async fn pointers_are_apart_and_the_one_with_the_most_points_is_shown() {
    let app = spawn_app().await;
    let browser = sign_in(&app).await;
    let by = |kind, event: PointerEvent| PointerEvent { pointer: Pointer { kind, id: 1 }, ..event };
    visit_of("mara")
        .with([
            by(PointerType::Touch, at(100, Kind::Click, 100, 100)),
            by(PointerType::Touch, at(900, Kind::Click, 100, 300)),
            by(PointerType::Mouse, at(1_900, Kind::Click, 500, 500)),
        ])
        .send(&app)
        .await;
    let map = Map::load(&browser, &app, "kind=click").await;
    assert_eq!((&map.json["pointer"], map.whole()), (&"touch".into(), 2.0));
    assert_eq!(map.json["pointers"], json!({"mouse": 1, "touch": 2, "pen": 0}));
    let mouse = Map::load(&browser, &app, "kind=click&pointer=mouse").await;
    assert_eq!((&mouse.json["pointer"], mouse.whole(), mouse.sum(490.0..510.0, 490.0..510.0)), (&"mouse".into(), 1.0, 1.0));
    assert_eq!(Map::load(&browser, &app, "kind=click&pointer=pen").await.whole(), 0.0);
    app.finish().await;
}
