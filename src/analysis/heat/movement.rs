use std::collections::HashMap;

use super::boxes::Rect;
use super::view::{Painter, Target};
use super::{Cell, ElementKey, HeatEvent, HeatKind, PointerClass};
use crate::analysis::Path;
use crate::event::{Family, Kind, Pointer};

/// Parts of a millisecond in which time is counted.
pub(super) const PARTS: u64 = 16;
/// Longest piece of a path that lies in one cell, CSS px: half of a cell at its smallest would be finer than the eye.
const PIECE_PX: f64 = 4.0;

/// How long the pointer of each press had been over what it pressed, by the index of the event: the first press of each hover.
pub(super) type Hovers = HashMap<usize, u32>;

/// A pointer over an element.
#[derive(Clone, Copy)]
struct Hover {
    /// The button or link that it is over, or the element itself.
    meant: u16,
    ms: u32,
    was_pressed: bool,
}

/// Paints the time along the paths of all pointers, and sums up hovers.
pub(super) fn paint(painter: &mut Painter, events: &[HeatEvent]) -> Hovers {
    let mut path = Path::default();
    let mut hover: HashMap<Pointer, Hover> = HashMap::new();
    let mut hovers = Hovers::new();
    let fallback = Fallback::new(painter);
    for (index, event) in events.iter().enumerate() {
        let place = (f64::from(event.event.x), f64::from(event.event.y));
        let is_place = event.event.kind.family() == Family::Place;
        let mut segments = Vec::new();
        path.push(event.at_ms, &event.event, is_place.then_some(place), index, |segment| segments.push(segment));
        for segment in segments {
            let from = &events[segment.from.mark];
            let class = PointerClass::of(from.event.pointer.kind);
            let meant = meant(painter, from.event.element);
            if let Some(meant) = meant {
                painter.heat.elements.of(meant.1).hover_ms += u64::from(segment.ms);
            }
            if let Some(hover) = hover.get_mut(&from.event.pointer) {
                hover.ms += segment.ms;
            }
            let targets = [
                (painter.target(from, (segment.from.x, segment.from.y)), painter.overlay(from.event.element)),
                (
                    painter.target(&events[segment.to.mark], (segment.to.x, segment.to.y)),
                    painter.overlay(events[segment.to.mark].event.element),
                ),
            ];
            let (dx, dy) = (segment.to.x - segment.from.x, segment.to.y - segment.from.y);
            let pieces = (dx.hypot(dy) / PIECE_PX).ceil().max(1.0) as u64;
            let total = u64::from(segment.ms) * PARTS;
            let mut given = 0;
            for piece in 0..pieces {
                // What was given so far is rounded, not each piece: so nothing is lost, and nothing made.
                let upto = total * (piece + 1) / pieces;
                let along = (piece as f64 + 0.5) / pieces as f64;
                let point = (segment.from.x + dx * along, segment.from.y + dy * along);
                let target = fallback.choose(&targets, point);
                let share = target.rect.share(point);
                painter.add(HeatKind::Movement, class, &target, Cell::on_path((target.rect.w, target.rect.h), share), upto - given);
                given = upto;
            }
        }
        if is_point(event.event.kind) {
            let target = painter.target(event, place);
            painter.count(HeatKind::Movement, PointerClass::of(event.event.pointer.kind), &target);
        }
        follow(painter, &mut hover, &mut hovers, index, event);
    }
    hovers
}

/// Keeps track of what each pointer is over.
fn follow(painter: &mut Painter, hover: &mut HashMap<Pointer, Hover>, hovers: &mut Hovers, index: usize, event: &HeatEvent) {
    let pointer = event.event.pointer;
    // A finger is nowhere before it touches.
    if PointerClass::of(pointer.kind) == PointerClass::Touch {
        return;
    }
    match event.event.kind {
        Kind::Leave | Kind::Cancel => _ = hover.remove(&pointer),
        Kind::Hidden | Kind::Unload => hover.clear(),
        kind if is_point(kind) => {
            let Some((meant, key)) = meant(painter, event.event.element) else {
                hover.remove(&pointer);
                return;
            };
            let now = match hover.get(&pointer) {
                Some(now) if now.meant == meant => *now,
                _ => {
                    painter.heat.elements.of(key).hovers += 1;
                    Hover { meant, ms: 0, was_pressed: false }
                }
            };
            if kind == Kind::Down && !now.was_pressed {
                hovers.insert(index, now.ms);
            }
            hover.insert(pointer, Hover { was_pressed: now.was_pressed || kind == Kind::Down, ..now });
        }
        _ => {}
    }
}

/// The button or link that an element is part of, or the element itself, and its key.
pub(super) fn meant(painter: &Painter, element: u16) -> Option<(u16, ElementKey)> {
    let meant = painter.boxes.elements.get(&element)?.meant;
    Some((meant, painter.boxes.elements.get(&meant)?.key))
}

/// Is the event a place of a pointer, and not only the memory of one?
fn is_point(kind: Kind) -> bool {
    matches!(kind, Kind::Move | Kind::Down | Kind::Up | Kind::Click | Kind::DoubleClick | Kind::ContextMenu | Kind::Enter | Kind::Wheel)
}

/// What a path crosses between two points that it was kept at.
struct Fallback {
    /// Elements of the page that stand still, the smallest first.
    still: Vec<(Rect, ElementKey)>,
}

impl Fallback {
    fn new(painter: &Painter) -> Self {
        let elements = painter.boxes.elements.values();
        let on_page = elements.filter(|known| known.overlay == ElementKey::DOCUMENT && !known.stays && known.scroller.is_none());
        let mut still: Vec<_> = on_page.filter_map(|known| Some((known.descriptions.last()?.rect, known.key))).collect();
        let order = |(rect, key): &(Rect, ElementKey)| (rect.area(), key.0, rect.x, rect.y);
        still.sort_by(|one, other| order(one).partial_cmp(&order(other)).unwrap_or(std::cmp::Ordering::Equal));
        Self { still }
    }

    /// The element at a place of a path: the smaller of those at its ends that hold the place, else the smallest of the page that does.
    fn choose(&self, targets: &[(Target, ElementKey); 2], point: (f64, f64)) -> Target {
        let [from, to] = targets;
        let holding = [from, to].into_iter().map(|target| &target.0).filter(|target| target.key != ElementKey::DOCUMENT);
        let holding = holding.filter(|target| target.rect.holds(point, 0.0));
        if let Some(target) = holding.min_by(|one, other| one.rect.area().total_cmp(&other.rect.area())) {
            return *target;
        }
        // Within a dialog nothing below it is crossed.
        let overlay = if from.1 == to.1 { from.1 } else { ElementKey::DOCUMENT };
        let document = from.0.document;
        if overlay == ElementKey::DOCUMENT
            && let Some((rect, key)) = self.still.iter().find(|(rect, _)| rect.holds(point, 0.0))
        {
            return Target { key: *key, overlay, rect: *rect, document };
        }
        Target { key: ElementKey::DOCUMENT, overlay, rect: document, document }
    }
}
