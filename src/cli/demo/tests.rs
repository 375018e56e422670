use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};

use super::geometry::{Layout, number_of};
use super::{PageVisit, Visit, visits};
use crate::event::{Frame, Kind, MAX_ORIGIN_DISTANCE};

static VISITS: LazyLock<Vec<Visit>> = LazyLock::new(|| visits(1, 200, now()).collect());

fn now() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn frames() -> impl Iterator<Item = &'static Frame> {
    VISITS.iter().flat_map(|visit| &visit.pages).flat_map(|page| &page.frames)
}

fn length_ms(page: &PageVisit) -> i64 {
    page.frames.last().map_or(0, |frame| i64::from(frame.end_ms()))
}

fn duration_ms(visit: &Visit) -> i64 {
    let last = visit.pages.last().unwrap();
    (last.began_at - visit.began_at).num_milliseconds() + length_ms(last)
}

#[test]
fn the_same_seed_gives_the_same_visits_and_another_seed_gives_others() {
    let again: Vec<_> = visits(1, 5, now()).collect();
    assert_eq!(again, visits(1, 5, now()).collect::<Vec<_>>());
    assert_ne!(again[0].pages, visits(2, 5, now()).next().unwrap().pages);
}

#[test]
fn a_visit_takes_about_two_minutes_with_a_long_tail_and_has_1_to_6_pages() {
    let mut durations: Vec<_> = VISITS.iter().map(duration_ms).collect();
    durations.sort_unstable();
    let mean = durations.iter().sum::<i64>() / durations.len() as i64;
    assert!((100_000..145_000).contains(&mean), "{mean} ms");
    assert!(durations[durations.len() / 2] < mean && *durations.last().unwrap() > 3 * mean);
    assert!(VISITS.iter().all(|visit| (1..=6).contains(&visit.pages.len())));
    assert!(VISITS.iter().any(|visit| visit.pages.len() > 3));
}

#[test]
fn page_views_follow_each_other_and_end_before_now() {
    for visit in VISITS.iter() {
        assert!(visit.pages.windows(2).all(|pair| pair[1].began_at > pair[0].began_at + TimeDelta::milliseconds(length_ms(&pair[0]))));
        assert!(visit.began_at + TimeDelta::milliseconds(duration_ms(visit)) < now());
    }
}

#[test]
fn frames_keep_to_what_the_snippet_sends() {
    for page in VISITS.iter().flat_map(|visit| &visit.pages) {
        let mut end_ms = 0;
        for (index, frame) in page.frames.iter().enumerate() {
            assert_eq!(frame.seq, index as u32 + 1);
            assert!((1..=512).contains(&frame.events.len()), "{} events", frame.events.len());
            assert!(frame.elements.len() <= 256);
            // More than any of them can take on the wire: 64 KiB is the most for a frame.
            let text: usize =
                frame.elements.iter().map(|element| 50 + element.tag.len() + element.role.len() + element.selectors.concat().len()).sum();
            assert!(text + 40 * frame.events.len() < 65_536, "{text} bytes of descriptions");
            assert!(frame.t0_ms >= end_ms && frame.end_ms() - frame.t0_ms <= 5_000);
            end_ms = frame.end_ms();
            assert_eq!(frame.events[0].at_ms, 0);
            assert!(frame.events.is_sorted_by_key(|event| event.at_ms));
            for event in frame.events.iter().filter(|event| event.kind.family().is_near_origin()) {
                let far = (event.x - frame.origin.0).abs().max((event.y - frame.origin.1).abs());
                assert!(far <= MAX_ORIGIN_DISTANCE);
            }
        }
        assert!(page.frames[0].end_ms() - page.frames[0].t0_ms <= 266);
        assert_eq!(page.frames.last().and_then(|frame| frame.events.last()).map(|event| event.kind), Some(Kind::Unload));
    }
}

#[test]
fn every_element_is_described_when_it_is_first_mentioned_and_so_are_its_ancestors() {
    for page in VISITS.iter().flat_map(|visit| &visit.pages) {
        let mut known = std::collections::HashSet::from([0]);
        for frame in &page.frames {
            known.extend(frame.elements.iter().map(|element| element.number));
            for number in frame.events.iter().map(|event| event.element).chain(frame.elements.iter().map(|element| element.parent)) {
                assert!(known.contains(&number), "element {number} of {} in frame {}", page.path, frame.seq);
            }
        }
    }
}

#[test]
fn every_click_lies_in_its_element_and_few_miss_what_can_be_pressed() {
    let (mut clicks, mut misses) = (0, 0);
    for visit in VISITS.iter() {
        for page in &visit.pages {
            let mut layout = Layout::new(&page.path, (f64::from(page.viewport.w()), f64::from(page.viewport.h())));
            let mut scroll_px = 0.0;
            for event in page.frames.iter().flat_map(|frame| &frame.events) {
                match event.kind {
                    Kind::Scroll => scroll_px = f64::from(event.y),
                    Kind::InnerScroll => layout.scroll_inner(f64::from(event.y)),
                    Kind::Click => {
                        clicks += 1;
                        let index = usize::from(event.element - 1);
                        assert_eq!(number_of(index), event.element);
                        let place = (f64::from(event.x), f64::from(event.y));
                        // The scroll track is thinned to 2 px too.
                        let rect = layout.rect(index, scroll_px).unwrap();
                        let near = (-3..=3).any(|by| rect.down(f64::from(by)).contains(place));
                        assert!(near, "{place:?} not in {rect:?} of {} on {}", layout.page.elements[index].id, page.path);
                        let mut at = Some(index);
                        while at.is_some_and(|index| layout.page.elements[index].flags & 4 == 0) {
                            at = at.and_then(|index| layout.parent(index));
                        }
                        misses += u32::from(at.is_none());
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(clicks > 600, "{clicks} clicks");
    assert!(misses > 0 && misses * 6 < clicks, "{misses} of {clicks} clicks hit nothing");
}

#[test]
fn touch_visits_have_no_hover_and_mouse_visits_no_touch() {
    for visit in VISITS.iter() {
        let mut is_down = false;
        for event in visit.pages.iter().flat_map(|page| &page.frames).flat_map(|frame| &frame.events) {
            match event.kind {
                Kind::Down => is_down = true,
                Kind::Up | Kind::Cancel => is_down = false,
                Kind::Move => assert!(!visit.is_touch || is_down, "a finger hovers in {}", visit.visitor),
                Kind::Enter | Kind::Leave => assert!(!visit.is_touch),
                _ => {}
            }
            assert!(visit.is_touch || event.pointer.code() == 0);
        }
    }
}

#[test]
fn people_do_all_that_people_do() {
    for kind in [
        Kind::Move,
        Kind::Down,
        Kind::Click,
        Kind::Cancel,
        Kind::Enter,
        Kind::Leave,
        Kind::Scroll,
        Kind::InnerScroll,
        Kind::Resize,
        Kind::Document,
        Kind::Hidden,
        Kind::Visible,
    ] {
        assert!(frames().any(|frame| frame.events.iter().any(|event| event.kind == kind)), "no {}", kind.name());
    }
    // What people type is nobody's business, not even here.
    assert!(frames().flat_map(|frame| &frame.events).all(|event| event.kind != Kind::Key));
    let (samples, events) =
        frames().fold((0, 0), |(samples, events), frame| (samples + frame.samples as usize, events + frame.events.len()));
    assert!(events * 2 < samples, "{events} events of {samples} samples: nothing was thinned");
}

#[test]
fn impatient_people_click_the_same_place_again_and_again() {
    let in_rage = VISITS.iter().flat_map(|visit| &visit.pages).filter(|page| {
        let clicks: Vec<_> = page
            .frames
            .iter()
            .flat_map(|frame| frame.events.iter().map(|event| (frame.t0_ms + u32::from(event.at_ms), event)))
            .filter(|(_, event)| event.kind == Kind::Click)
            .collect();
        clicks.windows(4).any(|four| four[3].0 - four[0].0 < 1_200 && (four[3].1.x - four[0].1.x).abs() < 20)
    });
    assert!(in_rage.count() > 3);
}

#[test]
fn buttons_answer_and_one_of_them_never_does() {
    let (mut answered, mut silent) = (0, 0);
    for page in VISITS.iter().flat_map(|visit| &visit.pages) {
        let layout = Layout::new(&page.path, (f64::from(page.viewport.w()), f64::from(page.viewport.h())));
        let events: Vec<_> =
            page.frames.iter().flat_map(|frame| frame.events.iter().map(|event| (frame.t0_ms + u32::from(event.at_ms), event))).collect();
        for (index, (at_ms, event)) in events.iter().enumerate().filter(|(_, (_, event))| event.kind == Kind::Click) {
            let mut at = Some(usize::from(event.element - 1));
            while at.is_some_and(|index| layout.page.elements[index].tag != "button") {
                at = at.and_then(|index| layout.parent(index));
            }
            let Some(button) = at else { continue };
            let follows = events[index..].iter().any(|(ms, event)| event.kind == Kind::Document && *ms <= at_ms + 100);
            if layout.page.elements[button].id == "voucher-use" {
                assert!(!follows);
                silent += 1;
            } else {
                answered += u32::from(follows);
            }
        }
    }
    assert!(answered > 100 && silent > 0, "{answered} answered, {silent} not");
}
