use chrono::NaiveDate;
use sqlx::PgPool;

use crate::query::QueryError;

/// Choices that a menu offers at most.
const MAX_CHOICES: i64 = 50;
/// Sessions that are looked at: the newest ones. A menu needs no more to be a good one.
const MAX_SESSIONS: i64 = 50_000;

/// Something to filter by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// As the filter wants it.
    pub value: String,
    /// Sessions that it lets through.
    pub sessions: i64,
}

/// What the sessions of some days can be filtered by, most sessions first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choices {
    /// Names of browsers, without version.
    pub browsers: Vec<Choice>,
    /// Countries, two letters each.
    pub countries: Vec<Choice>,
    /// Hosts that they came from; `none` for sessions without a referrer.
    pub referrers: Vec<Choice>,
    /// Names of tags, and names with values: `name` and `name:value`.
    pub tags: Vec<Choice>,
}

/// What to offer for these days (UTC, both included): counted over the newest 50,000 sessions of the site that are not suspect.
pub async fn choices(pool: &PgPool, site_id: i32, (from, to): (NaiveDate, NaiveDate)) -> Result<Choices, QueryError> {
    let (sessions, tags) = tokio::try_join!(of_sessions(pool, site_id, from, to), of_tags(pool, site_id, from, to))?;
    let mut choices = Choices { tags, ..Choices::default() };
    for (what, choice) in sessions {
        match what {
            0 => choices.browsers.push(choice),
            1 => choices.countries.push(choice),
            _ => choices.referrers.push(choice),
        }
    }
    Ok(choices)
}

async fn of_sessions(pool: &PgPool, site_id: i32, from: NaiveDate, to: NaiveDate) -> Result<Vec<(i32, Choice)>, QueryError> {
    let rows = sqlx::query!(
        r#"with s as materialized (
             select regexp_replace(browser, ' [0-9.]+$', '') as browser, country,
                    coalesce(nullif(split_part(split_part(coalesce(referrer, ''), '://', 2), '/', 1), ''), 'none') as host
             from core.session
             where site_id = $1 and events > 0 and suspect = 0 and started_at >= $2::date::timestamp at time zone 'UTC'
               and started_at < ($3::date + 1)::timestamp at time zone 'UTC'
             order by started_at desc, session_id desc limit $4)
           (select 0 as "what!", browser as "value!", count(*) as "sessions!" from s where browser <> '' group by browser order by 3 desc, 2 limit $5)
           union all
           (select 1, country, count(*) from s where country is not null group by country order by 3 desc, 2 limit $5)
           union all
           (select 2, host, count(*) from s group by host order by 3 desc, 2 limit $5)
           order by 1, 3 desc, 2"#,
        site_id,
        from,
        to,
        MAX_SESSIONS,
        MAX_CHOICES
    );
    let choice = |value, sessions| Choice { value, sessions };
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.what, choice(row.value, row.sessions))).collect())
}

async fn of_tags(pool: &PgPool, site_id: i32, from: NaiveDate, to: NaiveDate) -> Result<Vec<Choice>, QueryError> {
    let rows = sqlx::query_as!(
        Choice,
        r#"with t as materialized (
             select distinct on (session_id, name) name, coalesce(value, '') as value
             from (select * from core.note where site_id = $1 and kind = 't' and day between $2 and $3 order by day desc limit $4) n
             order by session_id, name, at desc, seq desc, position desc)
           select value as "value!", sessions as "sessions!"
           from (select name as value, count(*) as sessions from t group by name
                 union all
                 select name || ':' || value, count(*) from t where value <> '' group by name, t.value) c
           order by 2 desc, 1 limit $5"#,
        site_id,
        from,
        to,
        MAX_SESSIONS,
        MAX_CHOICES
    );
    Ok(rows.fetch_all(pool).await?)
}
