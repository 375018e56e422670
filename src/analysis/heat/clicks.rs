use std::collections::HashSet;

use super::boxes::{Boxes, SPOT};
use super::movement::{Hovers, PARTS, meant};
use super::view::{Painter, Target};
use super::{Cell, ElementKey, HeatEvent, HeatKind, PointerClass};
use crate::event::Kind;

/// Longest time (ms) and way (CSS px) between two clicks of a run.
const RUN_MS: u32 = 1_000;
const RUN_PX: f64 = 30.0;
/// Clicks of a run that make it rage.
const RAGE_CLICKS: usize = 3;
/// Three clicks within this time on text select a paragraph, ms.
const SELECT_MS: u32 = 600;
/// A page that answers does so within this time, ms.
const ANSWER_MS: u32 = 1_000;

/// Indexes of the events that show that something happened on the page.
pub(super) fn answers(events: &[HeatEvent]) -> Vec<usize> {
    let is_answer = |kind| {
        matches!(
            kind,
            Kind::Document
                | Kind::Scroll
                | Kind::InnerScroll
                | Kind::Resize
                | Kind::Hidden
                | Kind::Unload
                | Kind::Blur
                | Kind::Focus
                | Kind::Copy
        )
    };
    (0..events.len()).filter(|index| is_answer(events[*index].event.kind)).collect()
}

/// Indexes of the clicks of rage bursts, as the view `rage_click` has them.
pub(super) fn bursts(events: &[HeatEvent], boxes: &Boxes, answers: &[usize]) -> HashSet<usize> {
    let mut bursts = HashSet::new();
    let mut run: Vec<usize> = Vec::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| event.event.kind == Kind::Click) {
        let follows = run.last().is_some_and(|last| {
            let last = &events[*last];
            let way = f64::from(event.event.x - last.event.x).hypot(f64::from(event.event.y - last.event.y));
            event.at_ms - last.at_ms <= RUN_MS && way <= RUN_PX
        });
        if !follows {
            end_run(&mut run, events, boxes, answers, &mut bursts);
        }
        run.push(index);
    }
    end_run(&mut run, events, boxes, answers, &mut bursts);
    bursts
}

fn end_run(run: &mut Vec<usize>, events: &[HeatEvent], boxes: &Boxes, answers: &[usize], bursts: &mut HashSet<usize>) {
    let run = std::mem::take(run);
    let [first, .., last] = run[..] else { return };
    let is_interactive = boxes.elements.get(&events[first].event.element).is_some_and(|known| known.is_interactive);
    let selects = run.len() == RAGE_CLICKS && events[last].at_ms - events[first].at_ms <= SELECT_MS && !is_interactive;
    // A stepper or a calendar's arrow answers each click before the next.
    let is_served = run.windows(2).all(|pair| {
        let next = answers.partition_point(|answer| *answer <= pair[0]);
        answers.get(next).is_some_and(|answer| *answer < pair[1])
    });
    if run.len() >= RAGE_CLICKS && !selects && !is_served {
        bursts.extend(run);
    }
}

/// Did nothing on the page follow the click, as far as that can be known? As the view `dead_click` says.
fn is_dead(events: &[HeatEvent], boxes: &Boxes, answers: &[usize], index: usize) -> bool {
    let click = &events[index];
    let is_field = boxes.elements.get(&click.event.element).is_some_and(|known| known.is_field);
    let was_watched = events.last().is_some_and(|last| last.at_ms >= click.at_ms + ANSWER_MS);
    let next = answers.partition_point(|answer| *answer <= index);
    let was_answered = answers.get(next).is_some_and(|answer| events[*answer].at_ms <= click.at_ms + ANSWER_MS);
    click.event.trusted && !is_field && was_watched && !was_answered
}

/// Paints clicks, and what of them were first ones, rage, dead, or hesitated over.
pub(super) fn paint(painter: &mut Painter, events: &[HeatEvent], answers: &[usize], bursts: &HashSet<usize>, hovers: &Hovers) {
    let mut is_first = true;
    let mut seen: HashSet<ElementKey> = HashSet::new();
    // The press that the next click completes.
    let mut press: Option<usize> = None;
    for (index, event) in events.iter().enumerate() {
        match event.event.kind {
            Kind::Down => press = Some(index),
            Kind::Click => {}
            _ => continue,
        }
        if event.event.kind != Kind::Click {
            continue;
        }
        let class = PointerClass::of(event.event.pointer.kind);
        let (target, cell) = place(painter, event);
        let is_dead = is_dead(events, &painter.boxes, answers, index);
        let is_rage = bursts.contains(&index);
        let hesitation = press.take().and_then(|press| hovers.get(&press)).copied();
        let kinds = [(HeatKind::Click, true), (HeatKind::FirstClick, is_first), (HeatKind::Rage, is_rage), (HeatKind::Dead, is_dead)];
        for (kind, _) in kinds.into_iter().filter(|(_, is_so)| *is_so) {
            painter.count(kind, class, &target);
            painter.add(kind, class, &target, cell, 1);
        }
        if let Some(ms) = hesitation {
            painter.count(HeatKind::Hesitation, class, &target);
            painter.add(HeatKind::Hesitation, class, &target, cell, u64::from(ms) * PARTS);
        }
        is_first = false;
        let Some((_, key)) = meant(painter, event.event.element) else { continue };
        let sum = painter.heat.elements.of(key);
        sum.clicks += 1;
        sum.rage += u64::from(is_rage);
        sum.dead += u64::from(is_dead);
        if let Some(ms) = hesitation {
            sum.clicked_hovers += 1;
            sum.hesitation_ms += u64::from(ms);
        }
        if seen.insert(key) {
            sum.clicked_views += 1;
            sum.first_click_ms += u64::from(event.at_ms);
        }
    }
}

/// Where a click goes: to its spot in the element where the snippet measured it, else to where it is in a box that holds it.
fn place(painter: &Painter, event: &HeatEvent) -> (Target, Cell) {
    let point = (f64::from(event.event.x), f64::from(event.event.y));
    let mut target = painter.target(event, point);
    let (x, y) = event.event.spot;
    let known = painter.boxes.elements.get(&event.event.element);
    if let (Some(known), Some(latest), true) = (known, painter.boxes.latest(event.event.element, event.seq), x > 0 && y > 0) {
        if target.key == ElementKey::DOCUMENT {
            target = Target { key: known.key, overlay: known.overlay, rect: latest, document: target.document };
        }
        let share = (f64::from(x - 1) / SPOT, f64::from(y - 1) / SPOT);
        return (target, Cell::at((target.rect.w, target.rect.h), share));
    }
    (target, Cell::at((target.rect.w, target.rect.h), target.rect.share(point)))
}
