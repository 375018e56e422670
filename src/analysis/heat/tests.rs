use super::*;
use crate::event::{ElementBox, ElementFlags, Kind, Pointer, PointerEvent, PointerType};

const FACTS: ViewFacts = ViewFacts { viewport: (1_000, 800), document: (1_000, 2_000), scroll: (0, 0) };

fn rect(x: i32, y: i32, w: u32, h: u32) -> ElementBox {
    ElementBox { x, y, w, h }
}

fn element(number: u16, rect: ElementBox) -> Description {
    let key = ElementKey(i64::from(number) * 10);
    Description { number, parent: 0, key, flags: 0, is_overlay: false, is_field: false, rect, seq: 0, outline_ms: Some(0) }
}

fn at(at_ms: u32, kind: Kind, x: i32, y: i32, element: u16) -> HeatEvent {
    HeatEvent { seq: 1, at_ms, event: PointerEvent { element, ..PointerEvent::new(0, kind, x, y) } }
}

fn amounts(heat: &ViewHeat, kind: HeatKind) -> Vec<(i64, u64)> {
    let Some(of) = heat.kinds.get(&kind) else { return Vec::new() };
    of.0.iter().map(|(spot, patch)| (spot.element.0, patch.cells.values().sum())).collect()
}

#[test]
fn time_along_a_path_goes_to_the_elements_that_it_crosses_and_nothing_is_lost() {
    // From one element over another, which nobody reported a point on, to a third; 1 px a ms.
    let elements = [element(1, rect(0, 0, 100, 100)), element(2, rect(100, 0, 100, 100)), element(3, rect(200, 0, 100, 100))];
    let heat = ViewHeat::of(FACTS, &elements, &[at(0, Kind::Move, 60, 50, 1), at(200, Kind::Move, 260, 50, 3)]);
    assert_eq!(amounts(&heat, HeatKind::Movement), [(10, 40 * 16), (20, 100 * 16), (30, 60 * 16)]);
    assert_eq!(heat.kinds[&HeatKind::Movement].sum(), 200 * 16);
}

#[test]
fn what_is_on_no_element_is_on_the_document() {
    let heat =
        ViewHeat::of(FACTS, &[element(1, rect(0, 0, 100, 100))], &[at(0, Kind::Move, 500, 500, 9), at(10, Kind::Click, 500, 500, 9)]);
    assert_eq!(amounts(&heat, HeatKind::Movement), [(0, 160)]);
    assert_eq!(amounts(&heat, HeatKind::Click), [(0, 1)]);
}

#[test]
fn a_fixed_element_is_found_wherever_the_page_is_scrolled() {
    // Described at 0, and in the second frame at 500.
    let mut bar = element(1, rect(0, 0, 1_000, 60));
    bar.flags = ElementFlags::FIXED;
    let events = [
        at(10, Kind::Scroll, 0, 0, 0),
        at(1_000, Kind::Scroll, 0, 500, 0),
        at(2_000, Kind::Move, 100, 530, 1),
        at(2_100, Kind::Move, 100, 530, 1),
    ];
    let heat = ViewHeat::of(FACTS, &[bar], &events);
    assert_eq!(amounts(&heat, HeatKind::Movement), [(10, 1_600)]);
    let [cell] = heat.kinds[&HeatKind::Movement].0.values().next().unwrap().cells.keys().copied().collect::<Vec<_>>()[..] else {
        panic!("one cell")
    };
    let [_, top, _, bottom] = cell.bounds();
    assert!(top <= 0.5 && 0.5 <= bottom);
}

#[test]
fn an_element_in_a_box_that_scrolls_moves_with_its_content() {
    let list = element(1, rect(0, 100, 300, 200));
    let row = Description { parent: 1, ..element(2, rect(0, 350, 300, 40)) };
    let events = [
        at(0, Kind::Move, 10, 150, 1),
        at(100, Kind::InnerScroll, 0, 0, 1),
        at(200, Kind::InnerScroll, 0, 200, 1),
        at(300, Kind::Move, 10, 170, 2),
        at(400, Kind::Move, 10, 170, 2),
    ];
    let heat = ViewHeat::of(FACTS, &[list, row], &events);
    let spots = amounts(&heat, HeatKind::Movement);
    assert!(spots.iter().any(|(key, amount)| *key == 20 && *amount >= 100 * 16), "{spots:?}");
    assert_eq!(heat.elements.0[&ElementKey(10)].scrolls, 1);
}

#[test]
fn what_is_in_a_dialog_says_so() {
    let dialog = Description { is_overlay: true, ..element(1, rect(300, 200, 400, 300)) };
    let button = Description { parent: 1, ..element(2, rect(350, 400, 100, 40)) };
    let heat = ViewHeat::of(FACTS, &[dialog, button], &[at(0, Kind::Click, 400, 420, 2)]);
    let spot = heat.kinds[&HeatKind::Click].0.keys().next().unwrap();
    assert_eq!((spot.element, spot.overlay), (ElementKey(20), ElementKey(10)));
}

#[test]
fn a_spot_of_a_click_counts_more_than_a_stale_box() {
    let mut click = at(0, Kind::Click, 400, 420, 2);
    click.event.spot = (1 + 32_766 / 4, 1 + 32_766 / 2);
    let heat = ViewHeat::of(FACTS, &[element(2, rect(0, 0, 100, 40))], &[click]);
    let (spot, patch) = heat.kinds[&HeatKind::Click].0.first_key_value().unwrap();
    let [left, top, right, bottom] = patch.cells.first_key_value().unwrap().0.bounds();
    assert_eq!(spot.element, ElementKey(20));
    assert!(left <= 0.25 && 0.25 <= right && top <= 0.5 && 0.5 <= bottom);
}

fn clicks(times: &[u32], between: Option<Kind>) -> Vec<HeatEvent> {
    let mut events = Vec::new();
    for time in times {
        events.push(at(*time, Kind::Down, 50, 50, 1));
        events.push(at(*time, Kind::Click, 50, 50, 1));
        events.extend(between.map(|kind| at(*time + 20, kind, 1_000, 2_000, 0)));
    }
    events.push(at(9_000, Kind::Move, 900, 900, 0));
    events
}

fn counts(flags: u8, is_field: bool, events: &[HeatEvent]) -> [usize; 4] {
    let button = Description { flags, is_field, ..element(1, rect(0, 0, 100, 100)) };
    let heat = ViewHeat::of(FACTS, &[button], events);
    [HeatKind::Click, HeatKind::FirstClick, HeatKind::Rage, HeatKind::Dead]
        .map(|kind| amounts(&heat, kind).iter().map(|(_, amount)| *amount as usize).sum())
}

#[test]
fn rage_is_a_burst_that_nothing_answers_and_no_selection_of_text() {
    let burst = clicks(&[0, 300, 600, 900], None);
    assert_eq!(counts(ElementFlags::INTERACTIVE, false, &burst), [4, 1, 4, 4]);
    assert_eq!(counts(ElementFlags::INTERACTIVE, false, &clicks(&[0, 300, 2_600], None)), [3, 1, 0, 3]);
    assert_eq!(counts(0, false, &clicks(&[0, 200, 400], None)), [3, 1, 0, 3], "three quick ones on text");
    assert_eq!(counts(ElementFlags::INTERACTIVE, false, &clicks(&[0, 200, 400], None)), [3, 1, 3, 3]);
    assert_eq!(counts(ElementFlags::INTERACTIVE, false, &clicks(&[0, 300, 600], Some(Kind::Document))), [3, 1, 0, 0], "a stepper");
}

#[test]
fn a_click_is_dead_where_the_page_is_known_to_have_done_nothing() {
    assert_eq!(counts(0, true, &clicks(&[0], None)), [1, 1, 0, 0], "a field");
    assert_eq!(counts(0, false, &clicks(&[8_500], None)), [1, 1, 0, 0], "it may have answered later");
    assert_eq!(counts(0, false, &clicks(&[0], Some(Kind::Scroll))), [1, 1, 0, 0]);
    assert_eq!(counts(0, false, &clicks(&[0], Some(Kind::Key))), [1, 1, 0, 1]);
}

#[test]
fn hesitation_is_the_time_over_the_button_before_the_press_and_a_finger_has_none() {
    let button = Description { flags: ElementFlags::INTERACTIVE, ..element(1, rect(0, 0, 100, 100)) };
    let label = Description { parent: 1, ..element(2, rect(20, 20, 20, 20)) };
    let mut events = vec![
        at(0, Kind::Move, 90, 10, 1),
        at(400, Kind::Move, 30, 30, 2),
        at(700, Kind::Down, 30, 30, 2),
        at(760, Kind::Up, 30, 30, 2),
        at(760, Kind::Click, 30, 30, 2),
        at(2_000, Kind::Down, 30, 30, 2),
        at(2_000, Kind::Click, 30, 30, 2),
    ];
    let heat = ViewHeat::of(FACTS, &[button, label], &events);
    assert_eq!(amounts(&heat, HeatKind::Hesitation), [(20, 700 * 16)], "once a hover");
    let sum = heat.elements.0[&ElementKey(10)];
    assert_eq!((sum.hovers, sum.hover_ms, sum.clicks, sum.clicked_hovers, sum.hesitation_ms), (1, 2_000, 2, 1, 700));
    assert_eq!((sum.clicked_views, sum.first_click_ms), (1, 760));
    for event in &mut events {
        event.event.pointer = Pointer { kind: PointerType::Touch, id: 1 };
    }
    let heat = ViewHeat::of(FACTS, &[button, label], &events);
    assert!(!heat.kinds.contains_key(&HeatKind::Hesitation));
    assert!(heat.kinds[&HeatKind::Click].0.keys().all(|spot| spot.pointer == PointerClass::Touch));
}

/// Attention of each row of 100 px on a page without elements, ms.
fn attention(heat: &ViewHeat) -> Vec<u64> {
    let background = Background { viewport_w: 1_000, document: (1_000, 2_000), ..Background::default() };
    let mut drawing = Drawing::with_cells(&background, HeatKind::Attention, PointerClass::Mouse, 100);
    drawing.add(&heat.kinds[&HeatKind::Attention].encode(), true).unwrap();
    drawing.finish().values.iter().map(|value| (value + 8) / 16).collect()
}

/// Within what one cell of 8 px at a border makes of 100 px, and exactly in sum.
fn is_about(rows: &[u64], expected: &[u64]) {
    let most = *expected.iter().max().unwrap() as f64;
    assert!(rows.iter().zip(expected).all(|(row, expected)| row.abs_diff(*expected) as f64 <= 0.02 * most), "{rows:?}");
}

#[test]
fn a_row_has_the_attention_of_the_time_in_view_of_somebody_active() {
    let events = [
        at(0, Kind::Move, 5, 5, 0),
        at(3_000, Kind::Scroll, 0, 0, 0),
        at(3_000, Kind::Scroll, 0, 800, 0),
        at(5_000, Kind::Move, 5, 805, 0),
        // Nobody stirs for a minute: ten seconds of it count.
        at(65_000, Kind::Move, 5, 805, 0),
        at(65_500, Kind::Hidden, 5, 805, 0),
        at(80_000, Kind::Visible, 5, 805, 0),
        at(80_100, Kind::Unload, 5, 805, 0),
    ];
    let rows = attention(&ViewHeat::of(FACTS, &[], &events));
    is_about(&rows, &[vec![3_000; 8], vec![2_000 + 10_000 + 500 + 100; 8], vec![0; 4]].concat());
}

#[test]
fn rows_belong_to_the_lowest_wide_element_and_the_deepest_one_is_reached() {
    let [main, section] = [element(1, rect(0, 0, 1_000, 2_000)), element(2, rect(0, 600, 1_000, 400))];
    let heat = ViewHeat::of(FACTS, &[main, section], &[at(0, Kind::Move, 5, 5, 1), at(1_000, Kind::Move, 5, 5, 1)]);
    assert_eq!(amounts(&heat, HeatKind::Reach), [(20, 1)], "800 px of the window end in the section");
    assert!(amounts(&heat, HeatKind::Attention).iter().any(|(key, _)| *key == 20));
    is_about(&attention(&heat), &[vec![1_000; 8], vec![0; 12]].concat());
    // Half of the section was in view.
    assert_eq!(heat.elements.0[&ElementKey(20)].attention_ms, 500);
}

#[test]
fn heat_is_drawn_on_the_elements_of_another_layout_and_not_at_all_in_a_closed_dialog() {
    let dialog = Description { is_overlay: true, ..element(3, rect(300, 200, 400, 300)) };
    let elements = [element(1, rect(0, 0, 100, 100)), element(2, rect(500, 0, 100, 100)), dialog];
    let events =
        [at(0, Kind::Click, 25, 75, 1), at(1, Kind::Click, 550, 50, 2), at(2, Kind::Click, 400, 300, 3), at(3, Kind::Click, 500, 1_000, 0)];
    let bytes = ViewHeat::of(FACTS, &elements, &events).kinds[&HeatKind::Click].encode();
    let shown = |rect| Shown { rect, clip: rect };
    let mut background = Background { viewport_w: 500, document: (500, 1_000), ..Background::default() };
    background.boxes.insert(ElementKey(10), shown(rect(200, 400, 200, 40)));
    let draw = |background: &Background, same_layout| {
        let mut drawing = Drawing::new(background, HeatKind::Click, PointerClass::Mouse);
        drawing.add(&bytes, same_layout).unwrap();
        drawing.finish()
    };
    let drawn = draw(&background, true);
    assert_eq!(drawn.placed, Placed { element: 1, ratio: 2, none: 0, overlay: 1 });
    let value = |drawn: &Drawn, x: usize, y: usize| drawn.values[y / 8 * drawn.columns + x / 8];
    assert_eq!([value(&drawn, 256, 431), value(&drawn, 275, 25), value(&drawn, 250, 500)], [1, 1, 1]);
    assert_eq!(draw(&background, false).placed, Placed { element: 1, ratio: 0, none: 2, overlay: 1 });
    background.overlays.push(ElementKey(30));
    background.boxes.insert(ElementKey(30), shown(rect(50, 50, 400, 300)));
    let drawn = draw(&background, true);
    assert_eq!((drawn.placed.element, drawn.values.iter().sum::<u64>()), (2, 4));
}

#[test]
fn what_a_box_scrolls_out_of_sight_is_not_placed() {
    let bytes = ViewHeat::of(FACTS, &[element(1, rect(0, 0, 100, 100))], &[at(0, Kind::Move, 50, 20, 1), at(100, Kind::Move, 50, 80, 1)]);
    let bytes = bytes.kinds[&HeatKind::Movement].encode();
    let mut background = Background { viewport_w: 500, document: (500, 1_000), ..Background::default() };
    background.boxes.insert(ElementKey(10), Shown { rect: rect(0, 400, 100, 100), clip: rect(0, 400, 100, 50) });
    let mut drawing = Drawing::new(&background, HeatKind::Movement, PointerClass::Mouse);
    drawing.add(&bytes, true).unwrap();
    let drawn = drawing.finish();
    assert_eq!((drawn.placed.element, drawn.placed.none), (1, 1));
    assert!(drawn.values.iter().enumerate().all(|(index, value)| *value == 0 || index / drawn.columns * 8 < 456));
}
