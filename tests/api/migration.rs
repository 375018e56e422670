//! F15: a migration that doesn't get its lock lets those pass who wait behind it.

use std::time::{Duration, Instant};

use mousetrail::store::{PgRole, migrate};
use sqlx::{Connection, Executor, PgConnection};

use super::app::new_database;

#[actix_web::test]
async fn f15_a_migration_waits_two_seconds_for_a_lock_lets_others_pass_and_tries_again() {
    let server = new_database().await;
    let mut holder = server.connect(PgRole::Owner).await.unwrap();
    let mut watcher = server.connect(PgRole::Owner).await.unwrap();
    holder.execute("begin; lock table _sqlx_migrations in access exclusive mode").await.unwrap();
    let mut migrating = server.clone();
    let migration = actix_web::rt::spawn(async move { migrate(&mut migrating).await });
    wait_for(&mut watcher, 1).await;
    let begin = Instant::now();
    wait_for(&mut watcher, 0).await;
    assert!(begin.elapsed() < Duration::from_secs(4), "it made others wait for {:?}", begin.elapsed());
    wait_for(&mut watcher, 1).await;
    holder.execute("commit").await.unwrap();
    migration.await.unwrap().unwrap();
    holder.close().await.unwrap();
}

/// Until so many sessions of this database wait for a lock.
async fn wait_for(watcher: &mut PgConnection, waiting: i64) {
    let begin = Instant::now();
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *watcher).await.unwrap() != waiting {
        assert!(begin.elapsed() < Duration::from_secs(20), "not {waiting} waiting sessions");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
