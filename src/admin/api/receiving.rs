use actix_web::web::{Data, Json, Path};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::query;

/// Has the site received anything?
#[derive(Serialize)]
pub struct Receiving {
    receiving: bool,
    first: Option<First>,
}

#[derive(Serialize)]
struct First {
    session_id: String,
    at: DateTime<Utc>,
    host: String,
    path: String,
    browser: String,
    events: i64,
    /// SVG path in 96 x 60 px.
    drawn: String,
}

/// `GET /api/v1/sites/{site_id}/receiving`
pub async fn receiving(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>) -> Result<Json<Receiving>, Error> {
    admin.find_site(*site_id).await?;
    let pool = &admin.store.admin;
    let Some(first) = query::receiving(pool, *site_id).await? else {
        return Ok(Json(Receiving { receiving: false, first: None }));
    };
    let sketch = query::sketches(pool, &[first.session_id]).await?.remove(&first.session_id).unwrap_or_default();
    let first = First {
        session_id: first.session_id.to_string(),
        at: first.at,
        host: first.host,
        path: first.path,
        browser: first.browser,
        events: first.events,
        drawn: sketch.thumbnail.path,
    };
    Ok(Json(Receiving { receiving: true, first: Some(first) }))
}
