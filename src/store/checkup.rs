use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sqlx::{Connection, PgConnection};

use super::migrate::migrator;
use super::{PgRole, Server, StoreError};
use crate::event::PageViewId;

/// Name of the sites that a checkup makes for its round trip. No list shows them for longer than that takes.
const SITE: &str = "mousetrail doctor";

/// Looks at Postgres with the owner's eyes, for `mousetrail doctor`. Each look stands alone: what one of them can't see doesn't stop the others.
pub struct Checkup {
    owner: PgConnection,
}

/// What Postgres says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct PostgresState {
    /// `server_version_num`, such as 170004.
    pub version: i32,
    /// Settings on which "acknowledged means committed" rests: `on` or `off`.
    pub fsync: String,
    /// The same.
    pub full_page_writes: String,
    /// The same.
    pub data_checksums: String,
    /// Are dead rows cleaned up?
    pub autovacuum: String,
    /// Connections that the server allows, and how many of them are kept for superusers.
    pub max_connections: i64,
    /// See `max_connections`.
    pub reserved_connections: i64,
    /// Connections that are open now.
    pub connections: i64,
    /// Bytes of our database.
    pub database_bytes: i64,
    /// How long the oldest transaction that does nothing has been open, seconds.
    pub idle_in_transaction_s: Option<f64>,
}

/// A role and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleState {
    /// Its name.
    pub name: String,
    /// May it do everything?
    pub is_superuser: bool,
}

/// How far the schema is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SchemaState {
    /// Migrations of this binary that were not run.
    pub missing: Vec<i64>,
    /// Migrations that began and did not end.
    pub failed: Vec<i64>,
    /// Migrations of a newer binary.
    pub newer: Vec<i64>,
}

/// What Postgres refused for what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// How many frames.
    pub frames: i64,
    /// When the last one came.
    pub newest_at: DateTime<Utc>,
    /// Why, as SQLSTATE. The words of Postgres may quote what a visitor sent.
    pub newest_sqlstate: String,
}

/// How the connections of ingest are set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestState {
    /// Waits a commit for the disk? `on`, `off`, `local`, ...
    pub synchronous_commit: String,
    /// After this time a statement is given up; `0` is never.
    pub statement_timeout: String,
    /// The same for waiting for a lock.
    pub lock_timeout: String,
}

impl Checkup {
    /// Connects as the owner.
    pub async fn begin(server: &Server) -> Result<Self, StoreError> {
        Ok(Self { owner: server.connect(PgRole::Owner).await? })
    }

    /// Lets go of Postgres.
    pub async fn end(self) {
        let _ = self.owner.close().await;
    }

    /// What the server is and how it is set up.
    pub async fn postgres(&mut self) -> Result<PostgresState, StoreError> {
        let setting = "current_setting('server_version_num')::int, current_setting('fsync'), current_setting('full_page_writes'),
            current_setting('data_checksums'), current_setting('autovacuum'), current_setting('max_connections')::bigint,
            current_setting('superuser_reserved_connections')::bigint,
            (select count(*) from pg_stat_activity where backend_type = 'client backend'), pg_database_size(current_database()),
            (select extract(epoch from max(now() - state_change))::float8 from pg_stat_activity where state like 'idle in transaction%')";
        type Row = (i32, String, String, String, String, i64, i64, i64, i64, Option<f64>);
        let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!("select {setting}"))).fetch_one(&mut self.owner).await?;
        Ok(PostgresState {
            version: row.0,
            fsync: row.1,
            full_page_writes: row.2,
            data_checksums: row.3,
            autovacuum: row.4,
            max_connections: row.5,
            reserved_connections: row.6,
            connections: row.7,
            database_bytes: row.8,
            idle_in_transaction_s: row.9,
        })
    }

    /// How far the clock of Postgres is ahead of ours. The shortest of three questions bounds the error by half its duration.
    pub async fn clock_ahead(&mut self) -> Result<TimeDelta, StoreError> {
        let mut best: Option<(TimeDelta, TimeDelta)> = None;
        for _ in 0..3 {
            let asked = Utc::now();
            let theirs: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut self.owner).await?;
            let took = Utc::now() - asked;
            if best.is_none_or(|(shortest, _)| took < shortest) {
                best = Some((took, theirs - (asked + took / 2)));
            }
        }
        Ok(best.map(|(_, ahead)| ahead).unwrap_or_default())
    }

    /// The user that we came in as, and which of our roles are there.
    pub async fn roles(&mut self) -> Result<(RoleState, Vec<RoleState>), StoreError> {
        let user: (String, bool) =
            sqlx::query_as("select rolname::text, rolsuper from pg_roles where rolname = current_user").fetch_one(&mut self.owner).await?;
        let names: Vec<_> = [PgRole::Ingest, PgRole::Admin, PgRole::Reader].map(|role| role.name().to_owned()).into();
        let roles: Vec<(String, bool)> = sqlx::query_as("select rolname::text, rolsuper from pg_roles where rolname = any ($1)")
            .bind(names)
            .fetch_all(&mut self.owner)
            .await?;
        let state = |(name, is_superuser)| RoleState { name, is_superuser };
        Ok((state(user), roles.into_iter().map(state).collect()))
    }

    /// Which migrations were run.
    pub async fn schema(&mut self) -> Result<SchemaState, StoreError> {
        let known: Vec<i64> = migrator().iter().map(|migration| migration.version).collect();
        let has_table: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut self.owner).await?;
        if !has_table {
            return Ok(SchemaState { missing: known, ..SchemaState::default() });
        }
        let run: Vec<(i64, bool)> =
            sqlx::query_as("select version, success from _sqlx_migrations order by version").fetch_all(&mut self.owner).await?;
        Ok(SchemaState {
            missing: known.iter().copied().filter(|version| !run.iter().any(|(done, _)| done == version)).collect(),
            failed: run.iter().filter(|(_, success)| !success).map(|(version, _)| *version).collect(),
            newer: run.iter().map(|(version, _)| *version).filter(|version| !known.contains(version)).collect(),
        })
    }

    /// Days of today and tomorrow that have no partition for their chunks.
    pub async fn missing_partitions(&mut self) -> Result<Vec<NaiveDate>, StoreError> {
        let today = Utc::now().date_naive();
        let mut missing = Vec::new();
        for day in [today, today + Days::new(1)] {
            let name = format!("core.pointer_chunk_{}", day.format("%Y%m%d"));
            let is_there: bool = sqlx::query_scalar("select to_regclass($1) is not null").bind(name).fetch_one(&mut self.owner).await?;
            if !is_there {
                missing.push(day);
            }
        }
        Ok(missing)
    }

    /// What is in quarantine.
    pub async fn quarantined(&mut self) -> Result<Option<Quarantined>, StoreError> {
        let newest: Option<(i64, DateTime<Utc>, String)> =
            sqlx::query_as("select count(*) over (), at, sqlstate from core.quarantine order by at desc limit 1")
                .fetch_optional(&mut self.owner)
                .await?;
        Ok(newest.map(|(frames, newest_at, newest_sqlstate)| Quarantined { frames, newest_at, newest_sqlstate }))
    }

    /// Connects as ingest does and looks at what holds for it.
    pub async fn ingest(server: &Server) -> Result<IngestState, StoreError> {
        let mut ingest = server.connect(PgRole::Ingest).await?;
        let sql = "select current_setting('synchronous_commit'), current_setting('statement_timeout'), current_setting('lock_timeout')";
        let (synchronous_commit, statement_timeout, lock_timeout) = sqlx::query_as(sql).fetch_one(&mut ingest).await?;
        let _ = ingest.close().await;
        Ok(IngestState { synchronous_commit, statement_timeout, lock_timeout })
    }

    /// Makes a site for a round trip: (number, key). It takes away what an earlier checkup left behind when it was killed.
    pub async fn make_site(&mut self) -> Result<(i32, String), StoreError> {
        let left: Vec<i32> = sqlx::query_scalar("select site_id from core.site where name = $1 and created_at < now() - interval '1 hour'")
            .bind(SITE)
            .fetch_all(&mut self.owner)
            .await?;
        for site_id in left {
            self.remove_site(site_id).await?;
        }
        let key = format!("doctor_{:016x}", rand::random::<u64>());
        let site_id = sqlx::query_scalar("insert into core.site (public_key, name, origins) values ($1, $2, '{*}') returning site_id")
            .bind(&key)
            .bind(SITE)
            .fetch_one(&mut self.owner)
            .await?;
        Ok((site_id, key))
    }

    /// Takes the site of a round trip away, with whatever came for it.
    pub async fn remove_site(&mut self, site_id: i32) -> Result<(), StoreError> {
        let views: Vec<i64> = sqlx::query_scalar("select page_view_id from core.page_view where site_id = $1")
            .bind(site_id)
            .fetch_all(&mut self.owner)
            .await?;
        for id in views.into_iter().filter_map(PageViewId::from_i64) {
            sqlx::query("select core.forget_page_view($1, $2)")
                .bind(id.get())
                .bind(super::forget::id_hash(id))
                .execute(&mut self.owner)
                .await?;
        }
        for sql in ["delete from core.page where site_id = $1", "delete from core.site where site_id = $1"] {
            sqlx::query(sql).bind(site_id).execute(&mut self.owner).await?;
        }
        Ok(())
    }

    /// Frames of a page view that are stored.
    pub async fn stored_frames(&mut self, id: PageViewId) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("select count(*) from core.pointer_chunk where page_view_id = $1 and day = $2")
            .bind(id.get())
            .bind(id.day())
            .fetch_one(&mut self.owner)
            .await?)
    }

    /// The key under which the collectors of this database sign; `None` where none has run yet.
    pub async fn token_key(&mut self) -> Result<Option<[u8; 32]>, StoreError> {
        let key: Option<Vec<u8>> =
            sqlx::query_scalar("select value from core.secret where name = 'tokens'").fetch_optional(&mut self.owner).await?;
        Ok(key.and_then(|key| key.try_into().ok()))
    }

    /// Nothing of a checkup takes longer.
    pub const LIMIT: Duration = Duration::from_secs(10);
}
