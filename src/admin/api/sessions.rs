use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::admin::auth::SignedIn;
use crate::admin::page::{PageQuery, key};
use crate::admin::{Admin, Error};
use crate::query;

#[derive(Serialize)]
pub struct Site {
    site_id: i32,
    name: String,
    public_key: String,
    origins: Vec<String>,
    created_at: DateTime<Utc>,
}

/// `GET /api/v1/sites`
pub async fn sites(admin: Data<Admin>, _: SignedIn) -> Result<Json<Vec<Site>>, Error> {
    let sites = admin.store.list_sites().await?;
    let site = |site: crate::store::Site| Site {
        site_id: site.site_id,
        name: site.name,
        public_key: site.public_key,
        origins: site.origins,
        created_at: site.created_at,
    };
    Ok(Json(sites.into_iter().map(site).collect()))
}

/// One page of the list, newest first. `newer` and `older` are what `after` and `before` want to hear for the pages beside it.
#[derive(Serialize)]
pub struct Sessions {
    /// Suspect sessions, which are listed by `suspect=1` and in no other list.
    suspects: i64,
    sessions: Vec<Session>,
    newer: Option<String>,
    older: Option<String>,
}

#[derive(Serialize)]
struct Session {
    session_id: String,
    visitor: String,
    started_at: DateTime<Utc>,
    duration_ms: u64,
    page_views: i32,
    events: i64,
    clicks: i32,
    entry_path: String,
    last_path: Option<String>,
    referrer: Option<String>,
    device: &'static str,
    browser: String,
    os: String,
    language: Option<String>,
    /// Why it is probably no person's; empty in the usual list.
    suspect: Vec<&'static str>,
}

/// `GET /api/v1/sites/{site_id}/sessions?before=|after=&suspect=`
pub async fn sessions(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Query<PageQuery>) -> Result<Json<Sessions>, Error> {
    let (cursor, suspect) = (query.cursor()?, query.suspect()?);
    admin.find_site(*site_id).await?;
    let list = query::sessions(&admin.store.admin, *site_id, cursor, suspect).await?;
    let suspects = query::count_suspects(&admin.store.admin, *site_id).await?.value;
    let newer = list.sessions.first().filter(|_| list.has_newer).map(key);
    let older = list.sessions.last().filter(|_| list.has_older).map(key);
    let session = |session: query::Session| Session {
        session_id: session.session_id.to_string(),
        visitor: session.visitor.iter().map(|byte| format!("{byte:02x}")).collect(),
        started_at: session.started_at,
        duration_ms: session.duration_ms(),
        page_views: session.page_views,
        events: session.events,
        clicks: session.clicks,
        device: session.device().name(),
        suspect: session.suspect().words(),
        entry_path: session.entry_path,
        last_path: session.last_path,
        referrer: session.referrer,
        browser: session.browser,
        os: session.os,
        language: session.language,
    };
    Ok(Json(Sessions { suspects, sessions: list.sessions.into_iter().map(session).collect(), newer, older }))
}
