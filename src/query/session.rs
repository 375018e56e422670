use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::QueryError;

use crate::event::{Device, SessionId, Suspect, Visitor};

/// Sessions on one page of the list.
pub const SESSIONS_A_PAGE: i64 = 50;
/// Sessions are counted up to here; beyond it is "more than".
const MAX_COUNT: i64 = 50_000;
/// And up to here in the list of all sites.
const MAX_COUNT_EACH: i64 = 10_000;

/// A session as the list shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    /// Its number.
    pub session_id: i64,
    /// Pseudonym of the visitor.
    pub visitor: Vec<u8>,
    /// Begin of the first page view.
    pub started_at: DateTime<Utc>,
    /// Time of the last committed event.
    pub last_seen_at: DateTime<Utc>,
    /// Page views.
    pub page_views: i32,
    /// Committed events.
    pub events: i64,
    /// Committed clicks.
    pub clicks: i32,
    /// Path of the first page.
    pub entry_path: String,
    /// Path of the last page.
    pub last_path: Option<String>,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// Class of device, as Postgres keeps it.
    pub device: i16,
    /// Browser and its major version.
    pub browser: String,
    /// Operating system.
    pub os: String,
    /// Language of the browser.
    pub language: Option<String>,
    /// Newest id that the page gave the visitor. It comes from outside.
    pub identified_as: Option<String>,
    /// Why it is probably no person's, as Postgres keeps it.
    pub suspect: i16,
}

impl Session {
    /// Class of device.
    pub fn device(&self) -> Device {
        Device::from_code(self.device).unwrap_or(Device::Desktop)
    }

    /// Why it is probably no person's.
    pub fn suspect(&self) -> Suspect {
        Suspect::from_bits(self.suspect)
    }

    /// Pseudonym of the visitor.
    pub fn visitor(&self) -> Visitor {
        Visitor(self.visitor.as_slice().try_into().unwrap_or_default())
    }

    /// Pseudonym of the visitor in hex: the first eight digits are enough to tell visitors apart by eye.
    pub fn visitor_hex(&self) -> String {
        self.visitor.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// From the begin to the last event, ms.
    pub fn duration_ms(&self) -> u64 {
        (self.last_seen_at - self.started_at).num_milliseconds().max(0) as u64
    }
}

/// Where a page of the list begins: right after this session, in the order of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cursor {
    /// The newest sessions.
    Newest,
    /// What is older than this session.
    Before(DateTime<Utc>, SessionId),
    /// What is newer than this session.
    After(DateTime<Utc>, SessionId),
}

/// One page of the list.
#[derive(Clone, PartialEq, Debug)]
pub struct SessionList {
    /// Newest first.
    pub sessions: Vec<Session>,
    /// Are there newer ones than the first?
    pub has_newer: bool,
    /// Are there older ones than the last?
    pub has_older: bool,
}

/// A page of a site's sessions, newest first: of the suspect ones, or of all others. Paged by key: a page costs the same however far down it is.
pub async fn sessions(pool: &PgPool, site_id: i32, cursor: Cursor, suspects: bool) -> Result<SessionList, QueryError> {
    let (at, id, ascending) = match cursor {
        Cursor::Newest => (DateTime::<Utc>::MAX_UTC, i64::MAX, false),
        Cursor::Before(at, id) => (at, id.get(), false),
        Cursor::After(at, id) => (at, id.get(), true),
    };
    // Postgres' timestamps begin after chrono's and end before them.
    let at = at.clamp(DateTime::UNIX_EPOCH, DateTime::from_timestamp(9_000_000_000, 0).unwrap_or_default());
    let mut sessions = sqlx::query_file_as!(Session, "src/query/sessions.sql", site_id, at, id, ascending, SESSIONS_A_PAGE + 1, suspects)
        .fetch_all(pool)
        .await?;
    let has_more = sessions.len() as i64 > SESSIONS_A_PAGE;
    sessions.truncate(SESSIONS_A_PAGE as usize);
    if ascending {
        sessions.reverse();
    }
    let came_from_elsewhere = cursor != Cursor::Newest;
    let (has_newer, has_older) = if ascending { (has_more, true) } else { (came_from_elsewhere, has_more) };
    Ok(SessionList { sessions, has_newer, has_older })
}

/// One session of a site.
pub async fn session(pool: &PgPool, site_id: i32, id: SessionId) -> Result<Option<Session>, QueryError> {
    Ok(sqlx::query_file_as!(Session, "src/query/session.sql", site_id, id.get()).fetch_optional(pool).await?)
}

/// A number that was counted up to a bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Counted so far.
    pub value: i64,
    /// Are there more?
    pub is_bounded: bool,
}

/// How many sessions a site has, without the suspect ones. Counting stops at 50,000, so that the list opens as fast after a year as on the first day.
pub async fn count_sessions(pool: &PgPool, site_id: i32) -> Result<Count, QueryError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from core.session where site_id = $1 and events > 0 and suspect = 0 limit $2) s"#,
        site_id,
        MAX_COUNT + 1
    );
    let count = count.fetch_one(pool).await?;
    Ok(Count { value: count.min(MAX_COUNT), is_bounded: count > MAX_COUNT })
}

/// How many suspect sessions a site has, counted up to 50,000.
pub async fn count_suspects(pool: &PgPool, site_id: i32) -> Result<Count, QueryError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from core.session where site_id = $1 and events > 0 and suspect <> 0 limit $2) s"#,
        site_id,
        MAX_COUNT + 1
    );
    let count = count.fetch_one(pool).await?;
    Ok(Count { value: count.min(MAX_COUNT), is_bounded: count > MAX_COUNT })
}

/// How many sessions each site has without the suspect ones, counted up to 10,000 each.
pub async fn count_each(pool: &PgPool) -> Result<HashMap<i32, Count>, QueryError> {
    let rows = sqlx::query!(
        r#"select s.site_id, c.count as "count!" from core.site s
           cross join lateral (select count(*) from (select from core.session where site_id = s.site_id and events > 0 and suspect = 0 limit $1) x) c
           where s.disabled_at is null"#,
        MAX_COUNT_EACH + 1
    );
    let bounded = |count: i64| Count { value: count.min(MAX_COUNT_EACH), is_bounded: count > MAX_COUNT_EACH };
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.site_id, bounded(row.count))).collect())
}

/// The sessions before and after this one in its list, that of suspect sessions or that of all others: the next newer and the next older.
pub async fn neighbours(pool: &PgPool, site_id: i32, of: &Session) -> Result<(Option<i64>, Option<i64>), QueryError> {
    let row = sqlx::query!(
        r#"select
             case when $4::bool then
               (select session_id from core.session where site_id = $1 and events > 0 and suspect <> 0 and (started_at, session_id) > ($2, $3)
                order by started_at, session_id limit 1)
             else
               (select session_id from core.session where site_id = $1 and events > 0 and suspect = 0 and (started_at, session_id) > ($2, $3)
                order by started_at, session_id limit 1)
             end as newer,
             case when $4::bool then
               (select session_id from core.session where site_id = $1 and events > 0 and suspect <> 0 and (started_at, session_id) < ($2, $3)
                order by started_at desc, session_id desc limit 1)
             else
               (select session_id from core.session where site_id = $1 and events > 0 and suspect = 0 and (started_at, session_id) < ($2, $3)
                order by started_at desc, session_id desc limit 1)
             end as older"#,
        site_id,
        of.started_at,
        of.session_id,
        of.suspect != 0
    );
    let row = row.fetch_one(pool).await?;
    Ok((row.newer, row.older))
}
