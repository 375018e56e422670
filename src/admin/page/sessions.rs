use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::html;
use super::range::is_one;
use super::shell::{Section, Shell};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::analysis::{Glyph, bars};
use crate::event::SessionId;
use crate::query::{self, ACTIVITY_BARS, Count, Cursor, Session, SessionList, Sketch};

#[derive(Template)]
#[template(path = "sites/site/sessions.html")]
struct Sessions {
    shell: Shell,
    site_id: i32,
    rows: Vec<Row>,
    /// The suspect sessions instead of all others.
    suspect: bool,
    /// Of the list that is shown.
    count: Count,
    suspects: Count,
    /// Page views that were just removed.
    removed: Option<u32>,
    newer: Option<String>,
    older: Option<String>,
}

impl Sessions {
    fn count(&self) -> String {
        bounded(self.count)
    }

    fn suspects(&self) -> String {
        let more = if self.suspects.is_bounded { "more than " } else { "" };
        format!("{more}{}", format::plural(self.suspects.value, "suspect visit", "suspect visits"))
    }

    fn left_out(&self) -> String {
        let more = if self.suspects.is_bounded { "more than " } else { "" };
        format!("{more}{}", format::plural(self.suspects.value, "suspect visit is", "suspect visits are"))
    }

    fn removed(&self) -> String {
        format::plural(self.removed.unwrap_or_default().into(), "page view was removed", "page views were removed")
    }

    /// This list from another place on: a parameter and its value, such as `before=1.2`; the newest where it is empty.
    fn url(&self, parameter: &str, key: &str) -> String {
        let place = if key.is_empty() { String::new() } else { format!("{parameter}={key}") };
        let suspect = if self.suspect { "suspect=1" } else { "" };
        let query: Vec<&str> = [suspect, &place].into_iter().filter(|part| !part.is_empty()).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/sites/{}/sessions{mark}{}", self.site_id, query.join("&"))
    }
}

fn bounded(count: Count) -> String {
    let more = if count.is_bounded { "more than " } else { "" };
    format!("{more}{}", format::number(count.value))
}

struct Row {
    session: Session,
    sketch: Sketch,
    glyph: Glyph,
    now: DateTime<Utc>,
}

impl Row {
    fn pages(&self) -> String {
        let pages = format::plural(i64::from(self.session.page_views), "page", "pages");
        match &self.session.last_path {
            Some(last) if *last != self.session.entry_path => format!("to {last}, {pages}"),
            _ => pages,
        }
    }

    fn device(&self) -> &'static str {
        self.session.device().name()
    }

    fn started(&self) -> String {
        format::moment(self.session.started_at, self.now)
    }

    fn started_iso(&self) -> String {
        iso(self.session.started_at)
    }

    fn ago(&self) -> String {
        format::ago(self.session.started_at, self.now)
    }

    fn clicks(&self) -> i64 {
        self.session.clicks.into()
    }

    fn duration(&self) -> String {
        format::duration(self.session.duration_ms())
    }

    fn activity(&self) -> String {
        if self.sketch.activity.is_empty() { bars(&[0; ACTIVITY_BARS], 14) } else { bars(&self.sketch.activity, 14) }
    }
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Which list, and where in it to begin.
#[derive(Deserialize, Default)]
pub struct PageQuery {
    before: Option<String>,
    after: Option<String>,
    suspect: Option<String>,
    /// How many page views were just removed. Only ever shown.
    removed: Option<u32>,
}

impl PageQuery {
    /// The suspect sessions instead of all others?
    pub fn suspect(&self) -> Result<bool, Error> {
        is_one(self.suspect.as_deref())
    }

    /// Reads the place in the list; both at once, or anything that `key` did not write, makes no sense.
    pub fn cursor(&self) -> Result<Cursor, Error> {
        let parse = |text: &str| {
            let (micros, id) = text.split_once('.')?;
            Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse::<SessionId>().ok()?))
        };
        let wrong = Error::Invalid("The place in the list can’t be read. Start from the newest session.");
        match (self.before.as_deref(), self.after.as_deref()) {
            (None, None) => Ok(Cursor::Newest),
            (Some(text), None) => parse(text).map(|(at, id)| Cursor::Before(at, id)).ok_or(wrong),
            (None, Some(text)) => parse(text).map(|(at, id)| Cursor::After(at, id)).ok_or(wrong),
            (Some(_), Some(_)) => Err(wrong),
        }
    }
}

/// Names a session's place in the list.
pub fn key(session: &Session) -> String {
    format!("{}.{}", session.started_at.timestamp_micros(), session.session_id)
}

/// `GET /sites/{site_id}/sessions`
pub async fn list(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, query: Query<PageQuery>) -> Result<HttpResponse, Error> {
    let (cursor, suspect) = (query.cursor()?, query.suspect()?);
    let shell = Shell::of_site(&admin, account, *site_id, Section::Sessions).await?;
    let pool = &admin.store.admin;
    let SessionList { sessions, has_newer, has_older } = query::sessions(pool, *site_id, cursor, suspect).await?;
    let ids: Vec<i64> = sessions.iter().map(|session| session.session_id).collect();
    let mut sketches = query::sketches(pool, &ids).await?;
    let suspects = query::count_suspects(pool, *site_id).await?;
    let count = if suspect { suspects } else { query::count_sessions(pool, *site_id).await? };
    let now = Utc::now();
    html(&Sessions {
        shell,
        site_id: *site_id,
        newer: sessions.first().filter(|_| has_newer).map(key),
        older: sessions.last().filter(|_| has_older).map(key),
        rows: sessions
            .into_iter()
            .map(|session| Row {
                sketch: sketches.remove(&session.session_id).unwrap_or_default(),
                glyph: Glyph::of(session.visitor()),
                session,
                now,
            })
            .collect(),
        suspect,
        count,
        suspects,
        removed: query.removed.filter(|_| suspect),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_is_read_or_refused() {
        let query = |before: Option<&str>, after: Option<&str>| {
            PageQuery { before: before.map(Into::into), after: after.map(Into::into), ..PageQuery::default() }.cursor()
        };
        let at = DateTime::from_timestamp_micros(1_795_444_320_000_001).unwrap();
        assert_eq!(query(None, None).unwrap(), Cursor::Newest);
        assert_eq!(query(Some("1795444320000001.42"), None).unwrap(), Cursor::Before(at, SessionId::from_i64(42).unwrap()));
        for wrong in ["", "1", "1.", "x.1", "1.-1", "99999999999999999999.1"] {
            assert!(query(None, Some(wrong)).is_err(), "{wrong}");
        }
        assert!(query(Some("1.1"), Some("1.1")).is_err());
    }
}
