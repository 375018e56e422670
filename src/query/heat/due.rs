use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;

use super::FORM;
use crate::query::QueryError;

/// First day that an id can carry.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();

/// Smallest and largest id of the page views of a day: ids begin with their day, so the primary key finds a day.
pub(super) fn ids_of(day: NaiveDate) -> (i64, i64) {
    let number = (day - EPOCH).num_days();
    (number << 48, ((number + 1) << 48) - 1)
}

/// The days that have to be looked at again, newest first.
pub async fn due_days(pool: &PgPool) -> Result<Vec<NaiveDate>, QueryError> {
    Ok(sqlx::query_scalar!("select day from core.heat_due order by day desc").fetch_all(pool).await?)
}

/// Are chunks of this day kept? Without them nothing of it can be built again.
pub async fn has_chunks(pool: &PgPool, day: NaiveDate) -> Result<bool, QueryError> {
    let found =
        sqlx::query_scalar!(r#"select to_regclass('core.pointer_chunk_' || to_char($1::date, 'YYYYMMDD')) is not null as "found!""#, day);
    Ok(found.fetch_one(pool).await?)
}

/// The days of which chunks are kept, newest first.
pub async fn heat_days(pool: &PgPool) -> Result<Vec<NaiveDate>, QueryError> {
    let days = sqlx::query_scalar!(
        r#"select to_date(right(c.relname::text, 8), 'YYYYMMDD') as "day!"
           from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent = 'core.pointer_chunk'::regclass and c.relname::text ~ '_\d{8}$' order by 1 desc"#
    );
    Ok(days.fetch_all(pool).await?)
}

/// Page views of a day, at most so many, whose heat is missing or was built from something else than what is there now, and that sent nothing
/// since `quiet_since`. Suspect ones have no heat: a flood must not keep the job busy, and who asks for them gets them computed.
///
/// It goes through the page views of one day, by their primary key, which begins with the day. An index of what was active last would find those
/// that are quiet now with less work, but would have to be written again with each frame, of which there are many more than minutes.
pub async fn unbuilt(
    pool: &PgPool,
    day: NaiveDate,
    site_id: Option<i32>,
    quiet_since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<i64>, QueryError> {
    let (first, last) = ids_of(day);
    // Both sides in the order of their primary keys, and nothing of any other day.
    let ids = sqlx::query_scalar!(
        "select v.page_view_id from core.page_view v
         left join core.heat_view h on h.page_view_id = v.page_view_id and h.day = $1
         where v.page_view_id between $2 and $3 and v.events > 0 and v.suspect = 0 and ($4::int4 is null or v.site_id = $4)
           and v.started_at + v.last_ms * interval '1 millisecond' < $5
           and (h.page_view_id is null or h.form <> $6 or h.events <> v.events or h.outlined <> v.outlined)
         order by v.page_view_id limit $7",
        day,
        first,
        last,
        site_id,
        quiet_since,
        FORM,
        limit
    );
    Ok(ids.fetch_all(pool).await?)
}
