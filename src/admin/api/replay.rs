use actix_web::web::{Data, Json, Path};
use serde::Serialize;

use super::wire::Element;
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::analysis::{Gap, gaps};
use crate::event::SessionId;
use crate::query::{self, MAX_REPLAY_EVENTS, ReplayView, TimedEvent};

/// A stretch without events is a gap from here on, ms.
const GAP_MS: u64 = 2_000;

/// A session for the player. Columns instead of objects: a tenth of the bytes.
#[derive(Serialize)]
pub struct Replay {
    session_id: String,
    /// Length of the timeline, ms.
    duration_ms: u64,
    views: Vec<View>,
    /// Stretches without events: begin and end, ms since the session began.
    gaps: Vec<[u64; 2]>,
    fidelity: Fidelity,
    /// Set where only the first so many events are here.
    cut_at_events: Option<usize>,
}

/// One page view.
#[derive(Serialize)]
struct View {
    page_view_id: String,
    path: String,
    host: String,
    title: Option<String>,
    /// ms since the session began.
    start_ms: u64,
    duration_ms: u64,
    viewport: [i32; 2],
    document: [i32; 2],
    scroll: [i32; 2],
    /// Times: each the difference to the one before, ms; the first one since the page view began.
    t: Vec<i64>,
    /// Kinds, one character each, as in `pointer_chunk.kind`.
    kind: String,
    /// Differences to the event before.
    x: Vec<i32>,
    /// Differences to the event before.
    y: Vec<i32>,
    /// Runs: index of the first event, number of the element.
    element: Vec<[u32; 2]>,
    /// Runs: index of the first event, `type + 4 * id`.
    pointer: Vec<[u32; 2]>,
    elements: Vec<Element>,
    custom_events: Vec<CustomEvent>,
}

/// What the page said by `event()`.
#[derive(Serialize)]
struct CustomEvent {
    /// ms since the page view began.
    at_ms: u32,
    name: String,
    /// JSON as text: nobody here looks into it.
    props: Option<String>,
}

#[derive(Serialize)]
struct Fidelity {
    frames: u64,
    missing: u64,
    dropped: u64,
    samples: u64,
    events: u64,
    tolerance_px: f64,
}

impl From<ReplayView> for View {
    fn from(view: ReplayView) -> Self {
        let differences = |value: fn(&TimedEvent) -> i64| {
            view.events.iter().scan(0, move |last, event| {
                let value = value(event);
                Some(value - std::mem::replace(last, value))
            })
        };
        Self {
            t: differences(|event| event.at_ms.into()).collect(),
            x: differences(|event| event.event.x.into()).map(|x| x as i32).collect(),
            y: differences(|event| event.event.y.into()).map(|y| y as i32).collect(),
            kind: view.events.iter().map(|event| char::from(event.event.kind.char())).collect(),
            element: runs(view.events.iter().map(|event| event.event.element.into())),
            pointer: runs(view.events.iter().map(|event| event.event.pointer.code())),
            page_view_id: view.page_view_id.to_string(),
            path: view.path,
            host: view.host,
            title: view.title,
            start_ms: view.start_ms,
            duration_ms: view.duration_ms,
            viewport: view.viewport.into(),
            document: view.document.into(),
            scroll: view.scroll.into(),
            elements: view.elements.into_iter().map(Element::from).collect(),
            custom_events: view
                .custom_events
                .into_iter()
                .map(|query::CustomEvent { at_ms, name, props }| CustomEvent { at_ms, name, props })
                .collect(),
        }
    }
}

/// Where a value begins to hold; 0 holds at the start.
fn runs(values: impl Iterator<Item = u32>) -> Vec<[u32; 2]> {
    let mut runs = Vec::new();
    let mut last = 0;
    for (index, value) in values.enumerate() {
        if value != last {
            runs.push([index as u32, value]);
            last = value;
        }
    }
    runs
}

/// `GET /api/v1/sites/{site_id}/sessions/{session_id}/replay`
pub async fn replay(admin: Data<Admin>, _: SignedIn, path: Path<(i32, String)>) -> Result<Json<Replay>, Error> {
    let (site_id, session_id) = path.into_inner();
    let session_id: SessionId = session_id.parse().map_err(|_| Error::NotFound)?;
    admin.find_site(site_id).await?;
    let pool = &admin.store.admin;
    let session = query::session(pool, site_id, session_id).await?.ok_or(Error::NotFound)?;
    let replay = query::replay(pool, &session).await?;

    let mut times: Vec<u64> = replay
        .views
        .iter()
        .flat_map(|view| view.events.iter().map(|event| view.start_ms + u64::from(event.at_ms)).chain([view.start_ms]))
        .collect();
    times.sort_unstable();
    let duration_ms = times.last().copied().unwrap_or(0).max(if replay.is_cut { 0 } else { session.duration_ms() });
    let all = |value: fn(&query::Fidelity) -> u64| replay.views.iter().map(|view| value(&view.fidelity)).sum();
    Ok(Json(Replay {
        session_id: session_id.to_string(),
        duration_ms,
        gaps: gaps(times, duration_ms, GAP_MS).into_iter().map(|Gap { from_ms, to_ms }| [from_ms, to_ms]).collect(),
        fidelity: Fidelity {
            frames: all(|it| it.frames.into()),
            missing: all(|it| it.missing.into()),
            dropped: all(|it| it.dropped),
            samples: all(|it| it.samples),
            events: replay.views.iter().map(|view| view.events.len() as u64).sum(),
            tolerance_px: f64::from(replay.views.iter().map(|view| view.fidelity.tolerance).max().unwrap_or(0)) / 10.0,
        },
        cut_at_events: replay.is_cut.then_some(MAX_REPLAY_EVENTS),
        views: replay.views.into_iter().map(View::from).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_say_where_a_value_begins() {
        assert_eq!(runs([0, 7, 7, 0, 9].into_iter()), [[1, 7], [3, 0], [4, 9]]);
        assert_eq!(runs(std::iter::empty()), [[0; 2]; 0]);
    }
}
