use super::*;
use crate::collector::{agent, page};
use crate::event::{Kind, Nonce, PointerEvent, Visitor};
use crate::wire::{NewPage, Via};

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

fn id(n: u64) -> PageViewId {
    PageViewId::new(at(0), n)
}

fn view(width: u32) -> NewPageView {
    let page = NewPage {
        nonce: Nonce([0; 16]),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: "https://shop.example/".to_owned(),
        title: None,
        referrer: None,
        viewport: [f64::from(width), 900.0],
        document: [f64::from(width), 3_000.0],
        scroll: [0.0, 0.0],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    page::parse(&page, 1, at(0), [Visitor([0; 8]); 2], agent::classify(CHROME))
}

fn frame(seq: u32, events: u16, step: i32) -> Frame {
    let event = |n: u16| PointerEvent::new(n * 16, Kind::Move, i32::from(n) * step, 40);
    Frame {
        page: 0,
        seq,
        t0_ms: 0,
        origin: (0, 0),
        samples: 9,
        dropped: 0,
        tolerance: 20,
        elements: Vec::new(),
        events: (0..events).map(event).collect(),
        notes: Vec::new(),
    }
}

fn address(n: u64) -> IpAddr {
    IpAddr::from([192, (n >> 16) as u8, (n >> 8) as u8, n as u8])
}

/// What was marked by now: page view and reason.
fn marked(marks: &mut mpsc::Receiver<Mark>) -> Vec<(PageViewId, Suspect)> {
    let mut all = Vec::new();
    while let Ok(Mark { ids, suspect }) = marks.try_recv() {
        all.extend(ids.into_iter().map(|id| (id, suspect)));
    }
    all
}

#[test]
fn a_network_that_begins_too_many_page_views_is_marked_and_its_first_ones_too() {
    let (suspects, mut marks) = Suspects::new();
    // Two hundred addresses of one /24, and one visitor of another.
    let known = (0..700u64).filter(|n| {
        let opening = suspects.begin(id(*n), &view(1_000 + *n as u32), address(n % 200), CHROME, Suspect::NONE, at(0));
        opening.reasons == Suspect::RATE
    });
    assert_eq!(known.count(), 100, "those after the limit are known at once");
    let late = marked(&mut marks);
    assert_eq!((late.len(), late[0]), (600, (id(0), Suspect::RATE)));
    assert!(suspects.begin(id(9_999), &view(1_440), address(1 << 16), CHROME, Suspect::NONE, at(1)).reasons.is_empty());
}

#[test]
fn one_address_reaches_its_own_limit_first() {
    let (suspects, _marks) = Suspects::new();
    let reasons = (0..ADDRESS_LIMIT as u64 + 1)
        .map(|n| suspects.begin(id(n), &view(1_000 + n as u32), address(7), CHROME, Suspect::NONE, at(0)).reasons);
    assert_eq!(reasons.filter(|reasons| *reasons == Suspect::RATE).count(), 1);
}

#[test]
fn what_is_found_out_while_a_page_view_is_on_its_way_is_marked_when_it_has_arrived() {
    let (suspects, mut marks) = Suspects::new();
    let first = suspects.begin(id(0), &view(1_440), address(0), CHROME, Suspect::NONE, at(0));
    // The signature floods the site from all over the world.
    for n in 1..=60 {
        drop(suspects.begin(id(n), &view(1_440), address(n << 8), CHROME, Suspect::NONE, at(0)));
    }
    assert_eq!(marked(&mut marks).len(), 59, "all but the one that has no row yet and the last one, which is born suspect");
    assert!(first.reasons.is_empty());
    drop(first);
    assert_eq!(marked(&mut marks), [(id(0), Suspect::SURGE)]);
    assert!(suspects.lock().opening.is_empty());
}

#[test]
fn the_same_movement_in_many_page_views_is_a_copy_whatever_its_frames_are_numbered() {
    let (suspects, mut marks) = Suspects::new();
    for n in 0..5 {
        suspects.watch(1, id(n), &Frame { page: n as u16, seq: 1 + n as u32 % 3, ..frame(1, 20, 7) }, at(n as i64 * 600));
    }
    let copies = marked(&mut marks);
    assert_eq!(copies, [0, 1, 2, 3, 4].map(|n| (id(n), Suspect::COPIES)));
    // The same frame sent again and again, short movements, late frames, other sites, people.
    for n in 0..9 {
        suspects.watch(1, id(50), &frame(1, 20, 3), at(n));
        suspects.watch(1, id(60 + n as u64), &frame(1, 7, 3), at(n));
        suspects.watch(1, id(70 + n as u64), &frame(4, 20, 3), at(n));
        suspects.watch(10 + n as i32, id(80 + n as u64), &frame(1, 20, 3), at(n));
        suspects.watch(1, id(90 + n as u64), &frame(1, 20, 100 + n as i32), at(n));
    }
    assert_eq!(marked(&mut marks), []);
}
