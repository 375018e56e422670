use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::html;
use super::shell::{Section, Shell};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::analysis::Glyph;
use crate::event::SessionId;
use crate::query::{self, Session, Tag};

#[derive(Template)]
#[template(path = "sites/site/sessions/session.html")]
struct ReplayPage {
    shell: Shell,
    site_id: i32,
    session: Session,
    tags: Vec<Tag>,
    glyph: Glyph,
    newer: Option<i64>,
    older: Option<i64>,
    /// The heatmap that the reader came from.
    back: Option<String>,
}

/// What the url of a replay says to the page; the moment (`t`) is for the script.
#[derive(Deserialize, Debug)]
pub struct ReplayQuery {
    back: Option<String>,
}

impl ReplayQuery {
    /// The way back, if it is a page of ours: anybody can send a link to a replay.
    fn back(self) -> Option<String> {
        self.back.filter(|path| path.starts_with("/sites/") && !path.contains(|c: char| c.is_control() || c == '\\'))
    }
}

impl ReplayPage {
    fn device(&self) -> &'static str {
        self.session.device().name()
    }

    fn started(&self) -> String {
        format::moment(self.session.started_at, Utc::now())
    }

    fn started_iso(&self) -> String {
        self.session.started_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    fn pages(&self) -> String {
        format::plural(i64::from(self.session.page_views), "page", "pages")
    }

    fn clicks(&self) -> i64 {
        self.session.clicks.into()
    }

    fn duration(&self) -> String {
        format::duration(self.session.duration_ms())
    }
}

/// `GET /sites/{site_id}/sessions/{session_id}`: the player. What it plays comes from the JSON API.
pub async fn page(
    admin: Data<Admin>,
    account: SignedIn,
    path: Path<(i32, String)>,
    query: Query<ReplayQuery>,
) -> Result<HttpResponse, Error> {
    let (site_id, session_id) = path.into_inner();
    let session_id: SessionId = session_id.parse().map_err(|_| Error::NotFound)?;
    let shell = Shell::of_site(&admin, account, site_id, Section::Sessions).await?;
    let pool = &admin.store.admin;
    let session = query::session(pool, site_id, session_id).await?.ok_or(Error::NotFound)?;
    let (newer, older) = query::neighbours(pool, site_id, &session).await?;
    let tags = query::tags(pool, &session).await?;
    html(&ReplayPage { shell, site_id, glyph: Glyph::of(session.visitor()), session, tags, newer, older, back: query.into_inner().back() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_a_page_of_ours_or_nowhere() {
        let back = |path: &str| ReplayQuery { back: Some(path.to_owned()) }.back();
        assert_eq!(back("/sites/1/heatmap?page=/a&kind=click").as_deref(), Some("/sites/1/heatmap?page=/a&kind=click"));
        for wrong in
            ["", "//sites/x", "https://evil.example/sites/", "javascript:alert(1)", "/signout", "/sites/\\evil", "/sites/\n", "sites/1"]
        {
            assert_eq!(back(wrong), None, "{wrong:?}");
        }
    }
}
