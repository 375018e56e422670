use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::NewChunk;
use crate::event::PointerEvent;

/// A batch as flat arrays: one value a chunk, and the chunks' own arrays laid end to end.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) page_view_id: Vec<i64>,
    pub(super) seq: Vec<i32>,
    pub(super) day: Vec<NaiveDate>,
    pub(super) site_id: Vec<i32>,
    pub(super) page_id: Vec<i32>,
    pub(super) session_id: Vec<i64>,
    pub(super) device: Vec<i16>,
    pub(super) started_at: Vec<DateTime<Utc>>,
    pub(super) offset_ms: Vec<i32>,
    pub(super) x0: Vec<i32>,
    pub(super) y0: Vec<i32>,
    pub(super) samples: Vec<i32>,
    pub(super) dropped: Vec<i32>,
    pub(super) tolerance: Vec<i16>,
    pub(super) digest: Vec<i64>,
    pub(super) events: Slices,
    pub(super) dt: Vec<i16>,
    pub(super) kind: Vec<i8>,
    pub(super) x: Vec<i16>,
    pub(super) y: Vec<i16>,
    pub(super) wide: Slices,
    pub(super) wide_at: Vec<i16>,
    pub(super) wide_x: Vec<i32>,
    pub(super) wide_y: Vec<i32>,
    pub(super) elements: Slices,
    pub(super) element_at: Vec<i16>,
    pub(super) element: Vec<i16>,
    pub(super) pointers: Slices,
    pub(super) pointer_at: Vec<i16>,
    pub(super) pointer: Vec<i32>,
    pub(super) button_runs: Slices,
    pub(super) buttons_at: Vec<i16>,
    pub(super) buttons: Vec<i16>,
    pub(super) pressures: Slices,
    pub(super) pressure_at: Vec<i16>,
    pub(super) pressure: Vec<i16>,
    pub(super) untrusteds: Slices,
    pub(super) untrusted: Vec<i16>,
    pub(super) spots: Slices,
    pub(super) spot_at: Vec<i16>,
    pub(super) spot_x: Vec<i16>,
    pub(super) spot_y: Vec<i16>,
    pub(super) ratios: Slices,
    pub(super) ratio_at: Vec<i16>,
    pub(super) ratio: Vec<i16>,
}

/// Where each chunk's part of a flat array begins and ends, 1-based and inclusive as Postgres slices are; end < begin for an empty part.
#[derive(Default)]
pub(super) struct Slices {
    pub(super) from: Vec<i32>,
    pub(super) to: Vec<i32>,
}

impl Slices {
    /// Closes the part of a chunk: the flat array is now this long.
    fn close(&mut self, length: usize) {
        self.from.push(self.to.last().copied().unwrap_or(0) + 1);
        self.to.push(length as i32);
    }
}

impl Columns {
    /// Appends a chunk. Its frame kept the wire's bounds, so every narrowing here is exact.
    pub(super) fn push(&mut self, chunk: &NewChunk) {
        let (view, frame) = (&chunk.page_view, &chunk.frame);
        self.page_view_id.push(view.id.get());
        self.seq.push(frame.seq as i32);
        self.day.push(view.id.day());
        self.site_id.push(view.site_id);
        self.page_id.push(view.page_id);
        self.session_id.push(view.session_id.get());
        self.device.push(view.device);
        self.started_at.push(view.began_at + TimeDelta::milliseconds(i64::from(frame.t0_ms)));
        self.offset_ms.push(frame.t0_ms as i32);
        self.x0.push(frame.origin.0);
        self.y0.push(frame.origin.1);
        self.samples.push(frame.samples as i32);
        self.dropped.push(frame.dropped as i32);
        self.tolerance.push(frame.tolerance as i16);
        self.digest.push(chunk.digest());
        let mut before = Runs::default();
        for (event, position) in frame.events.iter().zip(1..) {
            self.push_event(event, position, frame.origin);
            let now = Runs::of(event);
            self.push_runs(&before, &now, position);
            before = now;
        }
        self.events.close(self.dt.len());
        self.wide.close(self.wide_at.len());
        self.elements.close(self.element_at.len());
        self.pointers.close(self.pointer_at.len());
        self.button_runs.close(self.buttons_at.len());
        self.pressures.close(self.pressure_at.len());
        self.untrusteds.close(self.untrusted.len());
        self.spots.close(self.spot_at.len());
        self.ratios.close(self.ratio_at.len());
    }

    fn push_event(&mut self, event: &PointerEvent, position: i16, origin: (i32, i32)) {
        self.dt.push(event.at_ms as i16);
        self.kind.push(event.kind.char() as i8);
        if event.kind.family().is_near_origin() {
            self.x.push((event.x - origin.0) as i16);
            self.y.push((event.y - origin.1) as i16);
        } else {
            self.x.push(0);
            self.y.push(0);
            self.wide_at.push(position);
            self.wide_x.push(event.x);
            self.wide_y.push(event.y);
        }
        if !event.trusted {
            self.untrusted.push(position);
        }
        if event.spot != (0, 0) {
            self.spot_at.push(position);
            self.spot_x.push(event.spot.0 as i16);
            self.spot_y.push(event.spot.1 as i16);
        }
        if event.pixel_ratio > 0 {
            self.ratio_at.push(position);
            self.ratio.push(event.pixel_ratio as i16);
        }
    }

    fn push_runs(&mut self, before: &Runs, now: &Runs, position: i16) {
        if before.element != now.element {
            self.element_at.push(position);
            self.element.push(now.element);
        }
        if before.pointer != now.pointer {
            self.pointer_at.push(position);
            self.pointer.push(now.pointer);
        }
        if before.buttons != now.buttons {
            self.buttons_at.push(position);
            self.buttons.push(now.buttons);
        }
        if before.pressure != now.pressure {
            self.pressure_at.push(position);
            self.pressure.push(now.pressure);
        }
    }
}

/// What holds from one event to the next. All zero before the first event.
#[derive(Default)]
struct Runs {
    element: i16,
    pointer: i32,
    buttons: i16,
    pressure: i16,
}

impl Runs {
    fn of(event: &PointerEvent) -> Self {
        Self {
            element: event.element as i16,
            pointer: event.pointer.code() as i32,
            buttons: i16::from(event.buttons),
            pressure: event.pressure.map_or(0, |pressure| pressure as i16 + 1),
        }
    }
}
