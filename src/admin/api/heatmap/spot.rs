use actix_web::web::{Data, Json, Path};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::selection::Parameters;
use super::wire::{per_unit, unit};
use super::{Pairs, request};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::query::{self, Place, SpotRequest, Visited};

/// How far around a spot to look unless the url says otherwise, CSS px.
const RADIUS: f64 = 24.0;
/// And at most.
const MAX_RADIUS: f64 = 500.0;

/// Sessions that were at a place.
#[derive(Serialize)]
pub struct Sessions {
    unit: &'static str,
    per_unit: u32,
    /// Those that were there most, the most first.
    sessions: Vec<Session>,
    /// How many there are.
    total: usize,
}

#[derive(Serialize)]
struct Session {
    session_id: String,
    page_view_id: String,
    /// ms since the session began.
    at_ms: u64,
    started_at: DateTime<Utc>,
    amount: u64,
    device: &'static str,
    browser: String,
    country: Option<String>,
    /// Where it can be seen.
    replay: String,
}

/// `GET /api/v1/sites/{site_id}/heatmap/sessions?…&x=&y=&radius=` or `…&element=`
pub async fn sessions(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Pairs) -> Result<Json<Sessions>, Error> {
    let parameters = Parameters::new(query.into_inner())?;
    let place = place(&parameters)?;
    let map = request(&admin, *site_id, &parameters).await?;
    let kind = map.kind;
    let found = query::spot(&admin.store.admin, &SpotRequest { map, place }).await?;
    let sessions = found.sessions.into_iter().map(|visited| session(*site_id, visited)).collect();
    Ok(Json(Sessions { unit: unit(kind), per_unit: per_unit(kind), sessions, total: found.total }))
}

fn place(parameters: &Parameters) -> Result<Place, Error> {
    let radius = parameters.px("radius")?.unwrap_or(RADIUS);
    if !(1.0..=MAX_RADIUS).contains(&radius) {
        return Err(Error::Invalid("A radius is 1 to 500 px."));
    }
    match (parameters.key("element")?, parameters.px("x")?, parameters.px("y")?) {
        (Some(key), None, None) => Ok(Place::Element(key)),
        (None, Some(x), Some(y)) => Ok(Place::Spot { x, y, radius }),
        _ => Err(Error::Invalid("A place is x and y, or an element: one of the two.")),
    }
}

fn session(site_id: i32, visited: Visited) -> Session {
    Session {
        replay: format!("/sites/{site_id}/sessions/{}?t={}", visited.session_id, visited.at_ms),
        session_id: visited.session_id.to_string(),
        page_view_id: visited.page_view_id.to_string(),
        at_ms: visited.at_ms,
        started_at: visited.started_at,
        amount: visited.amount,
        device: visited.device.name(),
        browser: visited.browser,
        country: visited.country,
    }
}
