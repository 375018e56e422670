use std::collections::HashMap;

use sqlx::PgPool;

use super::wireframe::days;
use super::{QueryError, Session};

/// Custom events that one replay shows at most.
const MAX_EVENTS: i64 = 5_000;
/// Tags that a session shows at most.
const MAX_TAGS: i64 = 100;

/// Something that the page said of itself by `event()`. Name and properties come from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomEvent {
    /// ms since the page view began.
    pub at_ms: u32,
    /// Its name.
    pub name: String,
    /// Its properties, as JSON.
    pub props: Option<String>,
}

/// Something that the page said of the session by `tag()`. It comes from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// Its newest value.
    pub value: String,
}

/// The custom events of these page views, each in the order of time.
pub(super) async fn custom_events(pool: &PgPool, views: &[i64]) -> Result<HashMap<i64, Vec<CustomEvent>>, QueryError> {
    let Some(days) = days(views) else { return Ok(HashMap::new()) };
    let rows = sqlx::query!(
        "select page_view_id, offset_ms, name, props::text as props from core.note
         where page_view_id = any($1) and day between $2 and $3 and kind = 'p' order by page_view_id, offset_ms, seq, position limit $4",
        views,
        days.start(),
        days.end(),
        MAX_EVENTS
    );
    let mut out: HashMap<i64, Vec<CustomEvent>> = HashMap::new();
    for row in rows.fetch_all(pool).await? {
        let event = CustomEvent { at_ms: row.offset_ms.max(0) as u32, name: row.name, props: row.props };
        out.entry(row.page_view_id).or_default().push(event);
    }
    Ok(out)
}

/// The tags of a session: of each name the newest value, by name.
pub async fn tags(pool: &PgPool, session: &Session) -> Result<Vec<Tag>, QueryError> {
    let tags = sqlx::query_as!(
        Tag,
        r#"select distinct on (name) name, value as "value!" from core.note
           where session_id = $1 and day between $2 and $3 and kind = 't' and value is not null
           order by name, at desc, seq desc, position desc limit $4"#,
        session.session_id,
        // The days on which its page views began.
        session.started_at.date_naive(),
        session.last_seen_at.date_naive(),
        MAX_TAGS
    );
    Ok(tags.fetch_all(pool).await?)
}
