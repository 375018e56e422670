use std::time::{Duration, Instant};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection, PgConnection};

use super::{PgRole, Server, StoreError};

/// Collectors that start at once do this one after the other: `grant` fails where two say it at the same moment. Held until the connection ends.
const TURN: &str = "set lock_timeout = '120s'; select pg_advisory_lock(hashtext('core.migrate'))";
/// A migration that waits for a lock makes everybody behind it wait, ingest among them. So it gives up after this time, lets them pass, and
/// tries again. With the statements that it has done by then, ingest pauses for less than 2 s.
///
/// Longer than `deadlock_timeout` (1 s unless somebody changed it), because only then does Postgres end an autovacuum that is in the way: one of a
/// large table takes minutes, and the migration would wait for all of it.
const LOCK_LIMIT: &str = "set lock_timeout = '1250ms'";
/// How long it goes on trying before the start fails.
const LIMIT: Duration = Duration::from_secs(120);
/// For those who waited to pass.
const PAUSE: Duration = Duration::from_millis(500);
/// SQLSTATE of a lock that did not come in time, and of one that could never come: ingest locks tables in another order.
const NO_LOCK: [&str; 2] = ["55P03", "40P01"];

/// The migrations that this binary knows.
pub(super) fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!();
    // A newer collector may have migrated further; its schema still serves this one.
    migrator.set_ignore_missing(true);
    migrator
}

/// Brings roles, schema and rights up to date, as the owner.
///
/// On a server of somebody else the user of the URL may lack the right to make roles. Then everything runs as that user, and a warning says
/// which statement an administrator can run to change that.
pub async fn migrate(server: &mut Server) -> Result<(), StoreError> {
    migrate_with(&migrator(), server).await
}

/// The same with migrations of the caller: checks bring some that this binary doesn't have.
pub async fn migrate_with(migrator: &Migrator, server: &mut Server) -> Result<(), StoreError> {
    let begin = Instant::now();
    loop {
        // A connection of its own for each try: what an earlier one locked for its session ends with it.
        let mut owner = server.connect(PgRole::Owner).await?;
        let done = bring_up_to_date(migrator, server, &mut owner).await;
        let _ = owner.close().await;
        match done {
            Err(error) if lacks_lock(&error) && begin.elapsed() < LIMIT => {
                tracing::warn!(
                    "a migration did not get its lock in time and tries again; `mousetrail doctor` says who is idle in a transaction"
                );
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

async fn bring_up_to_date(migrator: &Migrator, server: &mut Server, owner: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(TURN).execute(&mut *owner).await?;
    sqlx::raw_sql(LOCK_LIMIT).execute(&mut *owner).await?;
    let roles = sqlx::raw_sql(include_str!("roles.sql")).execute(&mut *owner).await;
    migrator.run(&mut *owner).await?;
    match roles {
        Ok(_) => {
            sqlx::raw_sql(include_str!("grants.sql")).execute(owner).await?;
        }
        Err(error) => {
            tracing::warn!(
                %error,
                "this database user can't create roles, so everything runs with its rights; an administrator can run \
                 `alter role <user> createrole` and restart the collector"
            );
            server.without_roles();
        }
    }
    Ok(())
}

fn lacks_lock(error: &StoreError) -> bool {
    let error = match error {
        StoreError::Postgres(error) | StoreError::Migration(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            error
        }
        _ => return false,
    };
    matches!(error, sqlx::Error::Database(error) if error.code().is_some_and(|code| NO_LOCK.contains(&&*code)))
}
