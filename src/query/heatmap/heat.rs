use std::collections::HashMap;

use super::ElementHeat;
use crate::analysis::{Background, Cells, Path, Placer, Placing};
use crate::event::{Family, Kind, PointerEvent};

/// Sides of a cell, CSS px of the background: the fine one unless that makes too many cells.
const CELL_PX: [u32; 2] = [8, 16];
/// Cells that a fine grid has at most.
const MAX_FINE_CELLS: u32 = 1_000_000;

/// Cells and sums that fill up.
pub(super) struct Heat {
    pub cells: Cells,
    clicks: bool,
    /// By element, by ratio, not at all.
    pub placed: [u64; 3],
    pub elements: HashMap<i32, ElementHeat>,
    path: Path,
    /// Element that the pointer has been on since the last point.
    on: Option<i32>,
}

impl Heat {
    pub fn new(background: &Background, clicks: bool) -> Self {
        let (w, h) = background.document;
        Self {
            cells: Cells::new(w as u32, h as u32, cell_px(background.document)),
            clicks,
            placed: [0; 3],
            elements: HashMap::new(),
            path: Path::default(),
            on: None,
        }
    }

    /// A new page view begins.
    pub fn begin(&mut self) {
        self.path = Path::default();
        self.on = None;
    }

    /// The next event of the page view, and the frame that brought it.
    pub fn take(&mut self, placer: &mut Placer<'_>, seq: i32, at_ms: u32, event: &PointerEvent) {
        let spot = placer.place(seq, at_ms, event);
        let is_click = event.kind == Kind::Click;
        if is_click || (!self.clicks && is_point(event)) {
            self.count(spot.map(|spot| spot.how), is_click);
        }
        let name_id = placer.name_id(event);
        if is_click {
            if let Some(name_id) = name_id {
                self.element(name_id).clicks += 1;
            }
            if let (true, Some(spot)) = (self.clicks, spot) {
                self.cells.add(spot.x, spot.y, 1.0);
            }
        }
        let (mut ms, clicks, cells) = (0, self.clicks, &mut self.cells);
        self.path.push(at_ms, event, spot.map(|spot| (spot.x, spot.y)), 0, |segment| {
            ms += u64::from(segment.ms);
            if !clicks {
                cells.add_line((segment.from.x, segment.from.y), (segment.to.x, segment.to.y), f64::from(segment.ms));
            }
        });
        if let Some(on) = self.on {
            self.element(on).ms += ms;
        }
        if event.kind.family() == Family::Place {
            self.on = name_id;
        }
    }

    fn count(&mut self, how: Option<Placing>, is_click: bool) {
        if self.clicks && !is_click {
            return;
        }
        self.placed[match how {
            Some(Placing::Element) => 0,
            Some(Placing::Ratio) => 1,
            None => 2,
        }] += 1;
    }

    fn element(&mut self, name_id: i32) -> &mut ElementHeat {
        self.elements.entry(name_id).or_insert(ElementHeat { name_id, ..ElementHeat::default() })
    }
}

/// Is the event a place of a pointer, and not only the memory of one?
fn is_point(event: &PointerEvent) -> bool {
    matches!(
        event.kind,
        Kind::Move | Kind::Down | Kind::Up | Kind::Click | Kind::DoubleClick | Kind::ContextMenu | Kind::Enter | Kind::Wheel
    )
}

/// Side of a cell for a background of this size, CSS px.
pub(super) fn cell_px((w, h): (i32, i32)) -> u32 {
    let [fine, coarse] = CELL_PX;
    if (w as u32).div_ceil(fine) * (h as u32).div_ceil(fine) <= MAX_FINE_CELLS { fine } else { coarse }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Anchor;
    use crate::event::ElementBox;

    #[test]
    fn time_goes_to_the_cells_under_the_path_and_to_the_element_under_the_pointer() {
        let background = Background { viewport_w: 160, document: (160, 160), boxes: HashMap::new() };
        let anchors = HashMap::from([(
            1,
            Anchor { name_id: 70, rect: ElementBox { x: 0, y: 0, w: 160, h: 16 }, fixed: false, seq: 1, outline_ms: None },
        )]);
        let mut placer = Placer::new(&background, 160, (160, 160), 0, anchors);
        let mut heat = Heat::new(&background, false);
        let on = |kind, x, element| PointerEvent { element, ..PointerEvent::new(0, kind, x, 8) };
        heat.take(&mut placer, 1, 0, &on(Kind::Move, 0, 1));
        heat.take(&mut placer, 1, 200, &on(Kind::Move, 32, 1));
        heat.take(&mut placer, 1, 300, &on(Kind::Click, 32, 0));
        // 200 ms over four cells of 8 px, then 100 ms in the fifth, in the second row.
        assert_eq!(&heat.cells.values()[20..25], [50.0, 50.0, 50.0, 50.0, 100.0]);
        assert_eq!(heat.elements[&70], ElementHeat { name_id: 70, ms: 300, clicks: 0 });
        // The background doesn't know the element: all by ratio.
        assert_eq!(heat.placed, [0, 3, 0]);
    }
}
