use std::collections::{BTreeMap, HashMap, HashSet};

use crate::analysis::heat::{Background, ElementKey, Shown};
use crate::event::ElementBox;
use crate::query::WireElement;
use crate::query::element::is_overlay;
use crate::query::wireframe::{Described, Name, wire};

/// Elements that a background has at most: the most recently described ones.
const MAX_ELEMENTS: usize = 2_000;
/// Parents come from outside: a circle of them must end.
const MAX_DEPTH: usize = 32;

/// What a layout is made of.
pub(super) struct Plan<'a> {
    /// Width and height of the viewport, CSS px.
    pub viewport: (i32, i32),
    /// Width and height of the document, CSS px.
    pub document: (i32, i32),
    /// Elements whose content was scrolled.
    pub scrollers: &'a HashSet<ElementKey>,
    /// The overlay that is open.
    pub open: Option<ElementKey>,
    /// How much a box may be wrong, by page view and number of the element.
    pub doubts: &'a HashMap<(i64, u16), (u32, u32)>,
}

/// An element where it stands, before it is cut.
struct Piece {
    described: Described,
    name_id: i32,
    rect: ElementBox,
    /// The box that scrolls around it, and its own offset in it.
    inside: Option<(ElementKey, i32, i32)>,
    doubt: (u32, u32),
}

/// One layout out of what several page views (number, width of the viewport) described, of which the one with the least doubt is believed, and of equal ones the first:
/// boxes scaled to the plan's width, everything scrolled back, closed overlays left out.
pub(super) fn lay_out(
    plan: &Plan<'_>,
    lenders: &[(i64, i32)],
    described: &HashMap<i64, Vec<Described>>,
    names: &HashMap<i32, Name>,
) -> (Background, Vec<WireElement>) {
    let mut pieces: HashMap<ElementKey, Piece> = HashMap::new();
    let mut order = Vec::new();
    let mut scroller_of: BTreeMap<ElementKey, ElementKey> = BTreeMap::new();
    for (page_view_id, viewport_w) in lenders {
        let ratio = f64::from(plan.viewport.0) / f64::from((*viewport_w).max(1));
        let Some(elements) = described.get(page_view_id) else { continue };
        let by_number: HashMap<u16, &Described> = elements.iter().map(|element| (element.number, element)).collect();
        for element in elements.iter().filter(|element| element.rect.w > 0 && element.rect.h > 0) {
            let Some(name) = names.get(&element.name_id) else { continue };
            let around = around(element, &by_number, names, plan.scrollers);
            if around.overlay.is_some() && around.overlay != plan.open {
                continue;
            }
            let rect = scaled(element.rect, ratio);
            if let Some((outer, _)) = around.scroller {
                scroller_of.insert(name.key, outer);
            }
            let inside = around.scroller.and_then(|(key, number)| {
                let outer = scaled(by_number.get(&number)?.rect, ratio);
                Some((key, rect.x - outer.x, rect.y - outer.y))
            });
            let doubt = plan.doubts.get(&(*page_view_id, element.number)).copied().unwrap_or_default();
            let piece = Piece { described: *element, name_id: element.name_id, rect, inside, doubt };
            match pieces.get_mut(&name.key) {
                None if order.len() < MAX_ELEMENTS => {
                    order.push(name.key);
                    pieces.insert(name.key, piece);
                }
                Some(known) if doubt < known.doubt => *known = piece,
                _ => {}
            }
        }
    }
    // A page view that never looked into a box that scrolls doesn't know what is in it. Others do.
    for (key, outer) in &scroller_of {
        if let (Some(piece), Some(around)) = (pieces.get(key), pieces.get(outer))
            && piece.inside.is_none()
        {
            let inside = (*outer, piece.rect.x - around.rect.x, piece.rect.y - around.rect.y);
            pieces.entry(*key).and_modify(|piece| piece.inside = Some(inside));
        }
    }
    let mut background = Background {
        viewport_w: plan.viewport.0,
        document: plan.document,
        boxes: HashMap::new(),
        overlays: plan.open.into_iter().filter(|open| pieces.contains_key(open)).collect(),
    };
    for key in &order {
        let shown = pieces[key].shown(plan, &pieces, &mut background.document);
        background.boxes.insert(*key, shown);
    }
    let drawn = order.iter().filter_map(|key| {
        let (piece, shown) = (&pieces[key], background.boxes[key]);
        let is_seen = shown.clip.w > 0 && shown.clip.h > 0;
        is_seen.then(|| wire(&Described { rect: shown.rect, ..piece.described }, &names[&piece.name_id]))
    });
    let drawn = drawn.collect();
    (background, drawn)
}

impl Piece {
    /// Where it stands, and what of it is seen. A box that scrolls cuts what is in it, unless it is the page itself: then the document is as
    /// tall as its content.
    fn shown(&self, plan: &Plan<'_>, pieces: &HashMap<ElementKey, Piece>, document: &mut (i32, i32)) -> Shown {
        let rect = self.placed(pieces, MAX_DEPTH);
        let mut clip = rect;
        let mut inside = self.inside;
        for _ in 0..MAX_DEPTH {
            let Some((key, ..)) = inside else { break };
            let Some(outer) = pieces.get(&key) else { break };
            let cut = outer.placed(pieces, MAX_DEPTH);
            if is_page(cut, plan.viewport) {
                document.1 = document.1.max(rect.y.saturating_add(rect.h as i32)).min(super::background::MAX_SIZE.1);
            } else {
                clip = intersection(clip, cut);
            }
            inside = outer.inside;
        }
        Shown { rect, clip }
    }

    fn placed(&self, pieces: &HashMap<ElementKey, Piece>, depth: usize) -> ElementBox {
        match self.inside.and_then(|(key, x, y)| Some((pieces.get(&key)?, x, y))) {
            Some((outer, x, y)) if depth > 0 => {
                let outer = outer.placed(pieces, depth - 1);
                ElementBox { x: outer.x.saturating_add(x), y: outer.y.saturating_add(y), ..self.rect }
            }
            _ => self.rect,
        }
    }
}

#[derive(Default)]
struct Around {
    /// The nearest dialog or menu: itself, or one that it is in.
    overlay: Option<ElementKey>,
    /// The nearest box that scrolls around it, and its number.
    scroller: Option<(ElementKey, u16)>,
}

fn around(
    element: &Described,
    by_number: &HashMap<u16, &Described>,
    names: &HashMap<i32, Name>,
    scrollers: &HashSet<ElementKey>,
) -> Around {
    let mut around = Around::default();
    let mut at = Some(element);
    for depth in 0..MAX_DEPTH {
        let Some(one) = at else { break };
        if let Some(name) = names.get(&one.name_id) {
            if around.overlay.is_none() && is_overlay(&name.tag, &name.role) {
                around.overlay = Some(name.key);
            }
            if depth > 0 && around.scroller.is_none() && scrollers.contains(&name.key) {
                around.scroller = Some((name.key, one.number));
            }
        }
        at = by_number.get(&one.parent).copied().filter(|_| one.parent != 0);
    }
    around
}

/// Does a box that scrolls fill so much of the window that it is what people take for the page?
fn is_page(rect: ElementBox, (w, h): (i32, i32)) -> bool {
    u64::from(rect.w) * u64::from(rect.h) * 2 >= w.max(0) as u64 * h.max(0) as u64
}

fn scaled(rect: ElementBox, ratio: f64) -> ElementBox {
    let scale = |px: f64| (px * ratio).round();
    ElementBox { x: scale(f64::from(rect.x)) as i32, w: scale(f64::from(rect.w)) as u32, ..rect }
}

fn intersection(one: ElementBox, other: ElementBox) -> ElementBox {
    let right = |rect: ElementBox| i64::from(rect.x) + i64::from(rect.w);
    let bottom = |rect: ElementBox| i64::from(rect.y) + i64::from(rect.h);
    let (x, y) = (one.x.max(other.x), one.y.max(other.y));
    let side = |end: i64, begin: i32| (end - i64::from(begin)).clamp(0, i64::from(u32::MAX)) as u32;
    ElementBox { x, y, w: side(right(one).min(right(other)), x), h: side(bottom(one).min(bottom(other)), y) }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::event::ElementFlags;

    fn element(number: u16, parent: u16, flags: u8, rect: (i32, i32, u32, u32)) -> Described {
        let (x, y, w, h) = rect;
        let rect = ElementBox { x, y, w, h };
        Described { page_view_id: 1, seq: 1, outline_ms: None, number, name_id: number.into(), parent, flags, rect, text_length: 0 }
    }

    /// The name of element `n` has the key `n`; number 9 is a dialog.
    fn names() -> HashMap<i32, Name> {
        let tag = |id: i32| if id == 9 { "dialog" } else { "div" };
        let name = |id: i32| Name { key: ElementKey(id.into()), tag: tag(id).into(), role: String::new(), selector: format!("#e{id}") };
        (1..20).map(|id| (id, name(id))).collect()
    }

    /// What the first page view says of element 2 is doubtful.
    static DOUBTS: LazyLock<HashMap<(i64, u16), (u32, u32)>> = LazyLock::new(|| HashMap::from([((1, 2), (0, 900))]));

    fn plan(scrollers: &HashSet<ElementKey>, open: Option<i64>) -> Plan<'_> {
        Plan { viewport: (1_000, 800), document: (1_000, 2_000), scrollers, open: open.map(ElementKey), doubts: &DOUBTS }
    }

    fn rect(background: &Background, key: i64) -> [i64; 4] {
        let rect = background.boxes[&ElementKey(key)].rect;
        [rect.x.into(), rect.y.into(), rect.w.into(), rect.h.into()]
    }

    #[test]
    fn the_first_box_of_each_element_counts_scaled_to_the_width_unless_another_is_less_doubtful() {
        let described = HashMap::from([
            (1, vec![element(1, 0, 0, (100, 10, 200, 50)), element(2, 0, ElementFlags::FIXED, (0, 900, 1_000, 60))]),
            (
                2,
                vec![
                    element(1, 0, 0, (9, 9, 9, 9)),
                    element(2, 0, ElementFlags::FIXED, (0, 0, 2_000, 60)),
                    element(3, 0, 0, (100, 30, 200, 50)),
                ],
            ),
        ]);
        let (background, drawn) = lay_out(&plan(&HashSet::new(), None), &[(1, 1_000), (2, 2_000)], &described, &names());
        assert_eq!(rect(&background, 1), [100, 10, 200, 50]);
        assert_eq!(rect(&background, 2), [0, 0, 1_000, 60]);
        assert_eq!(rect(&background, 3), [50, 30, 100, 50]);
        assert_eq!(drawn.len(), 3);
    }

    #[test]
    fn a_dialog_is_there_only_while_it_is_asked_for() {
        let described = HashMap::from([(
            1,
            vec![element(1, 0, 0, (0, 0, 1_000, 50)), element(9, 1, 1, (200, 200, 400, 300)), element(10, 9, 0, (220, 400, 80, 30))],
        )]);
        let (closed, drawn) = lay_out(&plan(&HashSet::new(), None), &[(1, 1_000)], &described, &names());
        assert_eq!((closed.boxes.len(), drawn.len(), closed.overlays.len()), (1, 1, 0));
        let (open, drawn) = lay_out(&plan(&HashSet::new(), Some(9)), &[(1, 1_000)], &described, &names());
        assert_eq!((open.boxes.len(), drawn.len(), open.overlays), (3, 3, vec![ElementKey(9)]));
    }

    #[test]
    fn a_box_that_scrolls_cuts_what_is_in_it() {
        // The second one, which alone has the lowest row, has the box further down.
        let described = HashMap::from([
            (1, vec![element(4, 0, 0, (100, 100, 300, 200)), element(5, 4, 0, (100, 100, 300, 100))]),
            (
                2,
                vec![
                    element(4, 0, 0, (100, 180, 300, 200)),
                    element(5, 4, 0, (100, 180, 300, 100)),
                    element(6, 4, 0, (100, 480, 300, 100)),
                ],
            ),
        ]);
        let scrollers = HashSet::from([ElementKey(4)]);
        let (background, drawn) = lay_out(&plan(&scrollers, None), &[(1, 1_000), (2, 1_000)], &described, &names());
        assert_eq!(rect(&background, 5), [100, 100, 300, 100]);
        assert_eq!(rect(&background, 6), [100, 400, 300, 100]);
        assert_eq!(background.boxes[&ElementKey(6)].clip.h, 0);
        assert_eq!(drawn.iter().map(|element| element.key.0).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(background.document, (1_000, 2_000));
    }

    #[test]
    fn a_box_that_fills_the_window_is_the_page() {
        let described = HashMap::from([(1, vec![element(4, 0, 0, (200, 0, 800, 800)), element(6, 4, 0, (200, 4_000, 300, 100))])]);
        let scrollers = HashSet::from([ElementKey(4)]);
        let (background, drawn) = lay_out(&plan(&scrollers, None), &[(1, 1_000)], &described, &names());
        assert_eq!((background.document, drawn.len()), ((1_000, 4_100), 2));
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let described = HashMap::from([(1, vec![element(4, 6, 0, (0, 0, 80, 80)), element(6, 4, 0, (0, 0, 30, 10))])]);
        let scrollers = HashSet::from([ElementKey(4), ElementKey(6)]);
        let (background, _) = lay_out(&plan(&scrollers, None), &[(1, 1_000)], &described, &names());
        assert_eq!(background.boxes.len(), 2);
    }
}
