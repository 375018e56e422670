use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::QueryError;

/// The first visit that a site received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FirstEvent {
    /// Session that it belongs to.
    pub session_id: i64,
    /// When the session began.
    pub at: DateTime<Utc>,
    /// Scheme, host and port of its page.
    pub host: String,
    /// Path of its page.
    pub path: String,
    /// Events of that session up to now.
    pub events: i64,
    /// Browser and its version.
    pub browser: String,
}

/// Has the site received anything? Its oldest session that is still kept and has at least one committed event.
pub async fn receiving(pool: &PgPool, site_id: i32) -> Result<Option<FirstEvent>, QueryError> {
    let row = sqlx::query_as!(
        FirstEvent,
        r#"select s.session_id, s.started_at as at, coalesce(v.host, '') as "host!", p.path, s.events, s.browser
           from core.session s join core.page p on p.page_id = s.entry_page_id
           left join lateral (select host from core.page_view where session_id = s.session_id order by started_at limit 1) v on true
           where s.site_id = $1 and s.events > 0 order by s.started_at, s.session_id limit 1"#,
        site_id
    );
    Ok(row.fetch_optional(pool).await?)
}
