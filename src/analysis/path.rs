use crate::event::{Kind, Pointer, PointerEvent, PointerType};

/// The most that one segment counts, ms. Somebody who leaves the desk with the pointer on the page doesn't read for an hour.
pub const IDLE_MS: u32 = 5_000;
/// Pointers that are followed at once; a hand has five fingers, and a hostile client has thousands.
const MAX_POINTERS: usize = 16;

/// Where a pointer was.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// ms since the page view began.
    pub at_ms: u32,
    /// CSS px of the document.
    pub x: f64,
    /// CSS px of the document.
    pub y: f64,
    /// What the caller called the event.
    pub mark: usize,
}

/// Two neighbouring points of one pointer: between them it went straight and at constant speed (docs/protocol.md, 4.4).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Segment {
    /// Where it began.
    pub from: Point,
    /// Where it ended.
    pub to: Point,
    /// Time that it counts, ms: its length in time, at most `IDLE_MS`.
    pub ms: u32,
}

impl Segment {
    fn new(from: Point, to: Point) -> Self {
        Self { from, to, ms: to.at_ms.saturating_sub(from.at_ms).min(IDLE_MS) }
    }
}

/// Turns the events of one page view, in the order of time, into segments.
///
/// A path ends where the pointer leaves the window, the tab is hidden, the page goes away, or a finger is lifted:
/// the time until the pointer comes back belongs to no place.
#[derive(Default, Debug)]
pub struct Path {
    last: Vec<(Pointer, Point)>,
}

impl Path {
    /// Takes the next event and hands over the segments that it completes: at most one, or one a pointer where all of them end.
    ///
    /// `place` says where the event is to be drawn; `None` breaks the path, because a line to an unknown place is no path. `mark` comes back in
    /// the points that it makes.
    pub fn push(&mut self, at_ms: u32, event: &PointerEvent, place: Option<(f64, f64)>, mark: usize, mut take: impl FnMut(Segment)) {
        match event.kind {
            Kind::Hidden | Kind::Unload => {
                for (_, from) in self.last.drain(..) {
                    take(Segment::new(from, Point { at_ms, ..from }));
                }
            }
            Kind::Leave | Kind::Cancel => {
                if let Some(from) = self.forget(event.pointer) {
                    take(Segment::new(from, Point { at_ms, ..from }));
                }
            }
            Kind::Move | Kind::Down | Kind::Up | Kind::Click | Kind::DoubleClick | Kind::ContextMenu | Kind::Enter | Kind::Wheel => {
                // Where a pointer enters, nobody knows where it came from.
                let from = self.forget(event.pointer).filter(|_| event.kind != Kind::Enter);
                let Some((x, y)) = place else { return };
                let to = Point { at_ms, x, y, mark };
                if let Some(from) = from {
                    take(Segment::new(from, to));
                }
                if !is_end_of_touch(event) && self.last.len() < MAX_POINTERS {
                    self.last.push((event.pointer, to));
                }
            }
            _ => {}
        }
    }

    fn forget(&mut self, pointer: Pointer) -> Option<Point> {
        let index = self.last.iter().position(|(known, _)| *known == pointer)?;
        Some(self.last.swap_remove(index).1)
    }
}

/// A finger is nowhere once it is lifted. Its click comes after `up` and begins no path either.
fn is_end_of_touch(event: &PointerEvent) -> bool {
    event.pointer.kind == PointerType::Touch && !matches!(event.kind, Kind::Down | Kind::Move)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(events: &[(u32, PointerEvent)]) -> Vec<(u32, f64, f64)> {
        let mut path = Path::default();
        let mut out = Vec::new();
        for (at_ms, event) in events {
            let place = Some((f64::from(event.x), f64::from(event.y)));
            path.push(*at_ms, event, place, 0, |segment| out.push((segment.ms, segment.from.x, segment.to.x)));
        }
        out
    }

    fn mouse(at_ms: u32, kind: Kind, x: i32) -> (u32, PointerEvent) {
        (at_ms, PointerEvent::new(0, kind, x, 0))
    }

    fn finger(at_ms: u32, kind: Kind, x: i32, id: u16) -> (u32, PointerEvent) {
        let pointer = Pointer { kind: PointerType::Touch, id };
        (at_ms, PointerEvent { pointer, ..PointerEvent::new(0, kind, x, 0) })
    }

    #[test]
    fn neighbouring_points_make_a_segment_that_counts_its_time() {
        let events = [mouse(100, Kind::Move, 0), mouse(300, Kind::Move, 50), mouse(350, Kind::Click, 50)];
        assert_eq!(segments(&events), [(200, 0.0, 50.0), (50, 50.0, 50.0)]);
    }

    #[test]
    fn a_long_rest_counts_five_seconds() {
        assert_eq!(segments(&[mouse(0, Kind::Move, 7), mouse(60_000, Kind::Move, 7)]), [(5_000, 7.0, 7.0)]);
    }

    #[test]
    fn time_outside_the_window_or_in_a_hidden_tab_belongs_to_no_place() {
        for away in [Kind::Leave, Kind::Hidden] {
            let events = [mouse(0, Kind::Move, 1), mouse(40, away, 1), mouse(9_000, Kind::Enter, 80), mouse(9_010, Kind::Move, 90)];
            assert_eq!(segments(&events), [(40, 1.0, 1.0), (10, 80.0, 90.0)], "{away:?}");
        }
    }

    #[test]
    fn each_finger_has_a_path_of_its_own_that_ends_when_it_is_lifted() {
        let events = [
            finger(0, Kind::Down, 10, 1),
            finger(5, Kind::Down, 100, 2),
            finger(20, Kind::Move, 30, 1),
            finger(25, Kind::Up, 100, 2),
            finger(30, Kind::Up, 40, 1),
            finger(900, Kind::Down, 10, 1),
        ];
        assert_eq!(segments(&events), [(20, 10.0, 30.0), (20, 100.0, 100.0), (10, 30.0, 40.0)]);
    }

    #[test]
    fn scrolls_and_keys_are_no_points() {
        let events = [mouse(0, Kind::Move, 1), mouse(10, Kind::Scroll, 900), mouse(20, Kind::Key, 1), mouse(30, Kind::Move, 2)];
        assert_eq!(segments(&events), [(30, 1.0, 2.0)]);
    }
}
