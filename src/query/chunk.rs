use crate::event::{Kind, Pointer, PointerEvent};

/// One event and its time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TimedEvent {
    /// ms since the page view began.
    pub at_ms: u32,
    /// What happened. Its own `at_ms` counts from the begin of its frame.
    pub event: PointerEvent,
}

/// The arrays of a row of `core.pointer_chunk`, as migrations/0001_base.sql describes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub page_view_id: i64,
    pub seq: i32,
    pub offset_ms: i32,
    pub x0: i32,
    pub y0: i32,
    pub dt: Vec<i16>,
    pub kind: Vec<i8>,
    pub x: Vec<i16>,
    pub y: Vec<i16>,
    pub wide_at: Option<Vec<i16>>,
    pub wide_x: Option<Vec<i32>>,
    pub wide_y: Option<Vec<i32>>,
    pub element_at: Option<Vec<i16>>,
    pub element: Option<Vec<i16>>,
    pub pointer_at: Option<Vec<i16>>,
    pub pointer: Option<Vec<i32>>,
    pub buttons_at: Option<Vec<i16>>,
    pub buttons: Option<Vec<i16>>,
    pub pressure_at: Option<Vec<i16>>,
    pub pressure: Option<Vec<i16>>,
    pub untrusted: Option<Vec<i16>>,
    pub spot_at: Option<Vec<i16>>,
    pub spot_x: Option<Vec<i16>>,
    pub spot_y: Option<Vec<i16>>,
}

impl Chunk {
    /// The events in the order of time. A kind that this version doesn't know is left out.
    pub fn events(&self) -> impl Iterator<Item = TimedEvent> {
        let mut element = Runs::new(&self.element_at, &self.element);
        let mut pointer = Runs::new(&self.pointer_at, &self.pointer);
        let mut buttons = Runs::new(&self.buttons_at, &self.buttons);
        let mut pressure = Runs::new(&self.pressure_at, &self.pressure);
        let mut untrusted = self.untrusted.iter().flatten().copied().peekable();
        let (mut wide, mut spot) = (0, 0);
        (0..self.dt.len().min(self.kind.len()).min(self.x.len()).min(self.y.len())).filter_map(move |index| {
            // Positions count from 1, as Postgres does.
            let position = i16::try_from(index + 1).ok()?;
            let element = element.at(position);
            let pointer = pointer.at(position);
            let buttons = buttons.at(position);
            let pressure = pressure.at(position);
            let is_untrusted = untrusted.next_if_eq(&position).is_some();
            let kind = Kind::from_char(self.kind[index] as u8)?;
            let (x, y) = if kind.family().is_near_origin() {
                (self.x0 + i32::from(self.x[index]), self.y0 + i32::from(self.y[index]))
            } else {
                let at = self.wide_at.as_ref()?.get(wide..)?.iter().position(|at| *at == position)? + wide;
                wide = at + 1;
                (*self.wide_x.as_ref()?.get(at)?, *self.wide_y.as_ref()?.get(at)?)
            };
            let (at, spots) = single(&self.spot_at, spot, position);
            spot = at;
            let at_ms = self.dt[index].max(0) as u16;
            Some(TimedEvent {
                at_ms: self.offset_ms.max(0) as u32 + u32::from(at_ms),
                event: PointerEvent {
                    at_ms,
                    kind,
                    x,
                    y,
                    pointer: Pointer::from_code(pointer.max(0) as u32),
                    buttons: buttons as u8,
                    pressure: u16::try_from(pressure - 1).ok(),
                    trusted: !is_untrusted,
                    element: element.max(0) as u16,
                    spot: spots.map_or((0, 0), |at| (share(&self.spot_x, at), share(&self.spot_y, at))),
                    // Nothing that is drawn asks for it.
                    pixel_ratio: 0,
                },
            })
        })
    }
}

/// Where a single value of this position stands, from `from` on, and where to look for the next one. Positions before it belong to kinds that
/// were left out.
fn single(at: &Option<Vec<i16>>, from: usize, position: i16) -> (usize, Option<usize>) {
    let rest = at.as_deref().and_then(|at| at.get(from..)).unwrap_or_default();
    let before = rest.iter().take_while(|at| **at < position).count();
    match rest.get(before) {
        Some(at) if *at == position => (from + before + 1, Some(from + before)),
        _ => (from + before, None),
    }
}

fn share(shares: &Option<Vec<i16>>, at: usize) -> u16 {
    shares.as_deref().and_then(|shares| shares.get(at)).map_or(0, |share| (*share).max(0) as u16)
}

/// A value that holds from the first position of its run up to the next run; 0 before the first.
struct Runs<'a, T> {
    at: &'a [i16],
    values: &'a [T],
    current: T,
}

impl<'a, T: Copy + Default> Runs<'a, T> {
    fn new(at: &'a Option<Vec<i16>>, values: &'a Option<Vec<T>>) -> Self {
        Self { at: at.as_deref().unwrap_or_default(), values: values.as_deref().unwrap_or_default(), current: T::default() }
    }

    /// Positions have to be asked for in ascending order.
    fn at(&mut self, position: i16) -> T {
        while let ([first, at @ ..], [value, values @ ..]) = (self.at, self.values)
            && *first <= position
        {
            self.current = *value;
            (self.at, self.values) = (at, values);
        }
        self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::PointerType;

    #[test]
    fn a_chunk_gives_back_its_events() {
        let chunk = Chunk {
            offset_ms: 10_000,
            x0: 100,
            y0: 40_000,
            dt: vec![0, 5, 9, 9, 30],
            kind: b"mrzdc".map(|char| char as i8).to_vec(),
            x: vec![0, 0, 0, -3, -3],
            y: vec![1, 0, 0, 2, 2],
            wide_at: Some(vec![2, 3]),
            wide_x: Some(vec![800, 801]),
            wide_y: Some(vec![600, 60_000]),
            element_at: Some(vec![2, 5]),
            element: Some(vec![7, 0]),
            pointer_at: Some(vec![4]),
            pointer: Some(vec![2 + 4 * 3]),
            buttons_at: Some(vec![4, 5]),
            buttons: Some(vec![1, 0]),
            pressure_at: Some(vec![4]),
            pressure: Some(vec![5_001]),
            untrusted: Some(vec![5]),
            spot_at: Some(vec![4]),
            spot_x: Some(vec![1]),
            spot_y: Some(vec![32_767]),
            ..Chunk::default()
        };
        let events: Vec<_> = chunk.events().collect();
        let places: Vec<_> =
            events.iter().map(|timed| (timed.at_ms, timed.event.kind, timed.event.x, timed.event.y, timed.event.element)).collect();
        assert_eq!(
            places,
            [
                (10_000, Kind::Move, 100, 40_001, 0),
                (10_005, Kind::Resize, 800, 600, 7),
                (10_009, Kind::Document, 801, 60_000, 7),
                (10_009, Kind::Down, 97, 40_002, 7),
                (10_030, Kind::Click, 97, 40_002, 0),
            ]
        );
        let [_, _, _, down, click] = events[..] else { panic!("five events") };
        assert_eq!(down.event.pointer, Pointer { kind: PointerType::Touch, id: 3 });
        assert_eq!((down.event.buttons, down.event.pressure, down.event.trusted), (1, Some(5_000), true));
        assert_eq!((down.event.spot, click.event.spot), ((1, 32_767), (0, 0)));
        assert_eq!((click.event.buttons, click.event.pressure, click.event.trusted), (0, Some(5_000), false));
    }

    #[test]
    fn arrays_of_different_lengths_give_what_they_have() {
        let chunk = Chunk { dt: vec![0, 1], kind: b"mr".map(|char| char as i8).to_vec(), x: vec![1, 2], y: vec![1], ..Chunk::default() };
        assert_eq!(chunk.events().count(), 1);
    }
}
