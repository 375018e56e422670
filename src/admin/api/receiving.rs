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
}

/// `GET /api/v1/sites/{site_id}/receiving`
pub async fn receiving(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>) -> Result<Json<Receiving>, Error> {
    let first = query::receiving(&admin.store.admin, *site_id).await?.map(|first| First {
        session_id: first.session_id.to_string(),
        at: first.at,
        host: first.host,
        path: first.path,
        browser: first.browser,
        events: first.events,
    });
    Ok(Json(Receiving { receiving: first.is_some(), first }))
}
