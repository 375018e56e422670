use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

use super::cluster;
use super::lease::{ANSWER_LIMIT, LOCK_LIMIT, STATEMENT_LIMIT};
use super::{PgRole, StoreError};

/// Database of the private cluster.
pub const DATABASE: &str = "mousetrail";

/// How long a server may take to let us in.
const CONNECT_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Which Postgres, and how a role gets in.
#[derive(Clone, Debug)]
pub struct Server {
    options: PgConnectOptions,
    /// A private cluster lets each role in by its name. Elsewhere we come in as the user of the URL and step down to the role.
    by_name: bool,
    /// False where the user of the URL may not make roles: then everything runs as that user.
    has_roles: bool,
}

impl Server {
    /// A server that somebody else runs.
    pub fn external(url: &str) -> Result<Self, StoreError> {
        Ok(Self { options: PgConnectOptions::from_str(url)?.application_name("mousetrail"), by_name: false, has_roles: true })
    }

    /// The private cluster of this data directory, with this database.
    pub fn private(data_dir: &Path, database: &str) -> Self {
        let options = cluster::options(data_dir).database(database).application_name("mousetrail");
        Self { options, by_name: true, has_roles: true }
    }

    /// The same server with another database.
    pub fn with_database(&self, database: &str) -> Self {
        Self { options: self.options.clone().database(database), ..self.clone() }
    }

    /// One connection with the rights of a role.
    pub async fn connect(&self, role: PgRole) -> Result<PgConnection, StoreError> {
        let options = self.options_for(role);
        // A host that swallows packets would hold us up for minutes.
        let connecting = tokio::time::timeout(CONNECT_LIMIT, PgConnection::connect_with(&options)).await;
        let mut connection = connecting.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
        if let Some(step) = self.step_down(role) {
            sqlx::raw_sql(step).execute(&mut connection).await?;
        }
        Ok(connection)
    }

    /// A pool with the rights of a role. It connects when it is first used.
    pub fn pool(&self, role: PgRole, size: u32) -> PgPool {
        let step = self.step_down(role);
        PgPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(Duration::from_secs(2))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if let Some(step) = step {
                        sqlx::raw_sql(step).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(self.options_for(role))
    }

    /// Everything runs as the user of the URL from now on.
    pub(super) fn without_roles(&mut self) {
        self.has_roles = false;
    }

    /// Finds out whether the collector on this server steps down to its roles, or had to do without them.
    pub async fn find_roles(&mut self) -> Result<(), StoreError> {
        if !self.by_name {
            let mut owner = self.connect(PgRole::Owner).await?;
            self.has_roles = sqlx::query_scalar(
                "select count(*) = 3 from pg_roles where rolname like 'mousetrail\\_%' and pg_has_role(current_user, oid, 'member')",
            )
            .fetch_one(&mut owner)
            .await?;
        }
        Ok(())
    }

    /// Does a role have rights of its own here?
    pub fn has_roles(&self) -> bool {
        self.has_roles
    }

    /// Makes the owner and the database of a private cluster where they are missing. Needs the cluster's superuser.
    pub async fn bootstrap(&self, database: &str) -> Result<(), StoreError> {
        let superuser = self.options.clone().username(cluster::SUPERUSER).database("postgres");
        let mut connection = PgConnection::connect_with(&superuser).await?;
        let has_owner: Option<i32> = sqlx::query_scalar("select 1 from pg_roles where rolname = $1")
            .bind(PgRole::Owner.name())
            .fetch_optional(&mut connection)
            .await?;
        if has_owner.is_none() {
            sqlx::raw_sql("create role mousetrail login createrole createdb").execute(&mut connection).await?;
        }
        let has_database: Option<i32> =
            sqlx::query_scalar("select 1 from pg_database where datname = $1").bind(database).fetch_optional(&mut connection).await?;
        if has_database.is_none() {
            // The name is a constant of ours or of a test, never input; `create database` takes no parameters.
            let create = format!("create database \"{database}\" owner mousetrail");
            sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await?;
        }
        connection.close().await?;
        Ok(())
    }

    fn options_for(&self, role: PgRole) -> PgConnectOptions {
        let options = self.options.clone();
        let options = if self.by_name { options.username(role.name()) } else { options };
        match role {
            PgRole::Ingest => options.options([
                ("statement_timeout", milliseconds(STATEMENT_LIMIT)),
                ("lock_timeout", milliseconds(LOCK_LIMIT)),
                // A collector that vanished without a word must not keep its locks.
                ("idle_in_transaction_session_timeout", milliseconds(ANSWER_LIMIT)),
                ("synchronous_commit", "on".to_owned()),
            ]),
            PgRole::Admin => options.options([("statement_timeout", "30s")]),
            PgRole::Reader => options.options([("statement_timeout", "60s"), ("default_transaction_read_only", "on")]),
            PgRole::Owner => options,
        }
    }

    fn step_down(&self, role: PgRole) -> Option<&'static str> {
        if self.by_name || !self.has_roles {
            return None;
        }
        match role {
            PgRole::Owner => None,
            PgRole::Ingest => Some("set role mousetrail_ingest"),
            PgRole::Admin => Some("set role mousetrail_admin"),
            PgRole::Reader => Some("set role mousetrail_reader"),
        }
    }
}

/// As Postgres reads a setting.
fn milliseconds(limit: Duration) -> String {
    format!("{}ms", limit.as_millis())
}
