use std::cmp::Reverse;
use std::collections::HashSet;

use super::boxes::{Known, Rect};
use super::movement::PARTS;
use super::stay::Stay;
use super::view::{Painter, Target};
use super::{Cell, ElementKey, HeatEvent, HeatKind, PointerClass, ViewFacts};
use crate::event::Kind;

/// Height of a row, CSS px.
const ROW_PX: f64 = 8.0;
/// Time after the last sign of life for which somebody still counts as looking, ms.
pub const ATTENTION_MS: u32 = 10_000;
/// Step in which a window that scrolls is followed, ms.
const STEP_MS: u32 = 100;
/// Share of the document's width that an element has to have to stand for its rows.
const ROW_WIDTH: f64 = 0.6;
/// Height that it has to have, CSS px. Lines of text wrap otherwise at each width: what is between two of them would be counted twice or never.
const ROW_HEIGHT: f64 = 160.0;
/// Highest document that has rows, CSS px.
const MAX_HEIGHT: f64 = 1_000_000.0;
/// A box that scrolls and covers this share of the window is what the page scrolls in, where the document itself hardly scrolls.
const SCROLLER: f64 = 0.5;

/// Paints the time that each row of the page was in view, and the deepest row that was.
pub(super) fn paint(painter: &mut Painter, facts: ViewFacts, events: &[HeatEvent]) {
    let page = Page::new(painter, facts, events);
    let mut rows = Rows { turns: vec![0; page.rows() + 1], deepest: 0.0, active: 0 };
    let mut window = facts.viewport;
    let (mut is_visible, mut last_sign) = (true, 0);
    let mut from = 0;
    for event in events {
        let to = event.at_ms;
        if is_visible {
            page.look(painter, from.min(to), to.min(last_sign + ATTENTION_MS), window, &mut rows);
        }
        from = to;
        match event.event.kind {
            Kind::Hidden => is_visible = false,
            Kind::Visible => is_visible = true,
            Kind::Resize => window = (event.event.x, event.event.y),
            _ => {}
        }
        if is_sign(event.event.kind) {
            last_sign = to;
        }
    }
    sums(painter, &page, &rows);
    let owners = page.owners(painter);
    let values = rows.values();
    for (index, owner) in owners.list.iter().enumerate() {
        let cells = Cell::rows(owner.rect.h);
        let mut is_seen = false;
        for number in 0..cells {
            let edge = |number: u32| (owner.rect.y + f64::from(number) / f64::from(cells) * owner.rect.h) / ROW_PX;
            let (top, bottom) = (edge(number), edge(number + 1));
            // The mean over the cell: of rows that another element stands for, nothing.
            let own = (top.max(0.0) as usize..=bottom.max(0.0) as usize).filter(|row| owners.of_row.get(*row) == Some(&index));
            let mut stay = Stay { ms: 0.0, share: 0.0 };
            for row in own {
                let part = (bottom.min(row as f64 + 1.0) - top.max(row as f64)).max(0.0) / (bottom - top);
                stay.ms += values[row] as f64 / PARTS as f64 * part;
                stay.share += part;
            }
            is_seen |= stay.ms > 0.0;
            let share = (f64::from(number) + 0.5) / f64::from(cells);
            painter.add(HeatKind::Attention, PointerClass::Mouse, owner, Cell::row(owner.rect.h, share), stay.pack());
        }
        if is_seen {
            painter.count(HeatKind::Attention, PointerClass::Mouse, owner);
        }
    }
    if rows.deepest > 0.0 {
        let row = ((rows.deepest - 0.5).max(0.0) / ROW_PX) as usize;
        let owner = owners.list[owners.of_row[row.min(owners.of_row.len() - 1)]];
        let (_, share) = owner.rect.share((0.0, rows.deepest - 0.5));
        painter.count(HeatKind::Reach, PointerClass::Mouse, &owner);
        painter.add(HeatKind::Reach, PointerClass::Mouse, &owner, Cell::row(owner.rect.h, share), 1);
    }
}

/// Is it a sign of somebody there?
fn is_sign(kind: Kind) -> bool {
    !matches!(kind, Kind::Resize | Kind::Document | Kind::Hidden | Kind::Blur | Kind::Unload | Kind::Leave | Kind::Cancel)
        && !kind.is_note()
}

/// Time in view by row: what begins and ends at each border between two rows, in parts of a ms.
struct Rows {
    turns: Vec<i64>,
    /// CSS px.
    deepest: f64,
    /// All time that counts, in parts of a ms.
    active: u64,
}

impl Rows {
    fn values(&self) -> Vec<u64> {
        let mut sum = 0;
        let running = self.turns.iter().map(|turn| {
            sum += turn;
            sum.max(0) as u64
        });
        running.collect()
    }
}

/// The page as it is when everything is scrolled back, and what moves it.
struct Page {
    /// The box that the page scrolls in, if that isn't the window.
    scroller: Option<u16>,
    height: f64,
    width: f64,
}

impl Page {
    fn new(painter: &Painter, facts: ViewFacts, events: &[HeatEvent]) -> Self {
        let sizes = events.iter().filter(|event| event.event.kind == Kind::Document).map(|event| event.event.y);
        let height = f64::from(sizes.chain([facts.document.1, 1]).max().unwrap_or(1));
        let window = f64::from(facts.viewport.0) * f64::from(facts.viewport.1);
        let boxes = &painter.boxes;
        let large = boxes.inner.keys().filter(|number| {
            boxes.elements.get(number).and_then(|known| known.descriptions.last()).is_some_and(|last| last.rect.area() >= SCROLLER * window)
        });
        let scroller = large.min().copied().filter(|_| height <= 1.2 * f64::from(facts.viewport.1));
        let inside = boxes.elements.values().filter(|known| scroller.is_some() && known.scroller == scroller);
        let bottom = inside.filter_map(|known| boxes.still(known)).map(|rect| rect.y + rect.h).fold(height, f64::max);
        Self { scroller, height: bottom.min(MAX_HEIGHT), width: f64::from(facts.document.0.max(1)) }
    }

    fn rows(&self) -> usize {
        (self.height / ROW_PX).ceil() as usize
    }

    /// Somebody looks through the window from one time to another.
    fn look(&self, painter: &Painter, from: u32, to: u32, window: (i32, i32), rows: &mut Rows) {
        let boxes = &painter.boxes;
        let timeline = self.scroller.and_then(|number| boxes.inner.get(&number)).unwrap_or(&boxes.scroll);
        let mut begin = from;
        for end in timeline.turns(from, to).chain([to]) {
            let mut at = begin;
            while at < end {
                let is_moving = timeline.at(at).1 != timeline.at(end).1;
                let next = if is_moving { end.min(at + STEP_MS) } else { end };
                let top = timeline.at(at + (next - at) / 2).1;
                self.see(top, top + f64::from(window.1), u64::from(next - at) * PARTS, rows);
                at = next;
            }
            begin = begin.max(end);
            // Where a scroll ends counts, however short the look.
            rows.deepest = rows.deepest.max((timeline.at(end).1 + f64::from(window.1)).min(self.height));
        }
    }

    fn see(&self, top: f64, bottom: f64, parts: u64, rows: &mut Rows) {
        let last = rows.turns.len() - 1;
        let row = |px: f64| ((px / ROW_PX).round().max(0.0) as usize).min(last);
        rows.turns[row(top)] += parts as i64;
        rows.turns[row(bottom)] -= parts as i64;
        rows.active += parts;
        rows.deepest = rows.deepest.max(bottom.min(self.height));
    }

    /// The box of an element in this page; `None` where it doesn't stand in it.
    fn place(&self, painter: &Painter, known: &Known) -> Option<Rect> {
        let is_inside = known.scroller == self.scroller;
        if known.stays || known.overlay != ElementKey::DOCUMENT || (known.scroller.is_some() && !is_inside) {
            return None;
        }
        painter.boxes.still(known)
    }

    /// Which element stands for each row: the lowest one that is large enough.
    fn owners(&self, painter: &Painter) -> Owners {
        let document = Rect { x: 0.0, y: 0.0, w: self.width, h: self.height };
        let target = |key, rect| Target { key, overlay: ElementKey::DOCUMENT, rect, document };
        let wide = painter.boxes.elements.values().filter_map(|known| Some((known.key, self.place(painter, known)?)));
        let mut wide: Vec<_> = wide.filter(|(_, rect)| rect.w >= ROW_WIDTH * self.width && rect.h >= ROW_HEIGHT).collect();
        wide.sort_by(|one, other| other.1.h.total_cmp(&one.1.h).then(one.0.cmp(&other.0)).then(one.1.y.total_cmp(&other.1.y)));
        let mut owners = Owners { list: vec![target(ElementKey::DOCUMENT, document)], of_row: vec![0; self.rows().max(1)] };
        for (key, rect) in wide {
            let middle = |px: f64| ((px / ROW_PX - 0.5).ceil().max(0.0) as usize).min(owners.of_row.len());
            let (first, end) = (middle(rect.y), middle(rect.y + rect.h));
            if first < end {
                owners.of_row[first..end].fill(owners.list.len());
                owners.list.push(target(key, rect));
            }
        }
        owners
    }
}

struct Owners {
    /// The document first.
    list: Vec<Target>,
    /// Index in the list by row.
    of_row: Vec<usize>,
}

/// Attention of each element: the mean of its rows, and how often it was there at all.
fn sums(painter: &mut Painter, page: &Page, rows: &Rows) {
    let values = rows.values();
    let mut upto = vec![0u64];
    for value in &values {
        upto.push(upto[upto.len() - 1] + value);
    }
    let mut numbers: Vec<u16> = painter.boxes.elements.keys().copied().collect();
    numbers.sort_unstable_by_key(|number| Reverse(*number));
    let mut seen = HashSet::new();
    for number in numbers {
        // A list that is drawn anew has new elements under the old names: the newest counts.
        if !seen.insert(painter.boxes.elements[&number].key) {
            continue;
        }
        let known = &painter.boxes.elements[&number];
        let (key, is_always_there) = (known.key, known.stays && !known.is_sticky && known.overlay == ElementKey::DOCUMENT);
        let parts = match page.place(painter, known) {
            Some(rect) => {
                let row = |px: f64| ((px / ROW_PX).max(0.0) as usize).min(values.len() - 1);
                let (first, last) = (row(rect.y), row(rect.y + rect.h - 1.0));
                (upto[last + 1] - upto[first]) / (last - first + 1) as u64
            }
            None if is_always_there => rows.active,
            None => 0,
        };
        let sum = painter.heat.elements.of(key);
        sum.attention_ms += parts / PARTS;
        sum.views += 1;
    }
    let scrollers: Vec<ElementKey> =
        painter.boxes.inner.keys().filter_map(|number| painter.boxes.elements.get(number)).map(|known| known.key).collect();
    for key in scrollers {
        painter.heat.elements.of(key).scrolls += 1;
    }
}
