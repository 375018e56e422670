//! Rights, partitions, salts.

use chrono::{Days, NaiveDate, Utc};
use mousetrail::store::{PgRole, Pools, Store};
use sqlx::Executor;

use super::app::new_database;

#[tokio::test]
async fn no_role_can_do_more_than_its_work() {
    let server = new_database().await;
    for (role, denied) in [
        (PgRole::Reader, "select 1 from core.pointer_chunk"),
        (PgRole::Reader, "select 1 from core.account"),
        (PgRole::Reader, "create table public.mine (n int)"),
        (PgRole::Reader, "delete from core.session"),
        (PgRole::Ingest, "select x from core.pointer_chunk"),
        (PgRole::Ingest, "delete from core.pointer_chunk"),
        (PgRole::Ingest, "select password_hash from core.account"),
        (PgRole::Ingest, "update core.page_view set started_at = now()"),
        (PgRole::Ingest, "create table core.mine (n int)"),
        (PgRole::Admin, "delete from core.pointer_chunk"),
        (PgRole::Admin, "drop view public.session"),
    ] {
        let mut connection = server.connect(role).await.unwrap();
        let error = connection.execute(denied).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert!(matches!(code.as_deref(), Some("42501" | "25006")), "{role:?} {denied}: {error}");
    }
    for role in [PgRole::Owner, PgRole::Ingest, PgRole::Admin, PgRole::Reader] {
        let mut connection = server.connect(role).await.unwrap();
        let is_super: String = sqlx::query_scalar("select current_setting('is_superuser')").fetch_one(&mut connection).await.unwrap();
        // On a server of somebody else the owner is whoever the URL names.
        assert!(is_super == "off" || (role == PgRole::Owner && std::env::var_os("DATABASE_URL").is_some()), "{role:?}");
    }
}

#[tokio::test]
async fn the_reader_reads_every_view() {
    let server = new_database().await;
    let mut reader = server.connect(PgRole::Reader).await.unwrap();
    for view in ["site", "session", "page_view", "pointer_event", "frame", "element", "click", "tag", "custom_event"] {
        reader.execute(sqlx::AssertSqlSafe(format!("select * from {view}"))).await.unwrap();
    }
}

#[tokio::test]
async fn partitions_are_made_ahead_and_on_demand() {
    let server = new_database().await;
    let store = Store::new(&server, Pools::default());
    store.ensure_coming_partitions(Utc::now().date_naive()).await.unwrap();
    let long_ago = NaiveDate::from_ymd_opt(2025, 1, 31).unwrap();
    store.ensure_partitions([long_ago, long_ago]).await.unwrap();
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    let tables: Vec<String> =
        sqlx::query_scalar("select relname::text from pg_class where relname like 'pointer_chunk_2%' and relkind = 'r' order by 1")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let coming = Utc::now().date_naive() + Days::new(3);
    assert!(tables.contains(&format!("pointer_chunk_{}", coming.format("%Y%m%d"))), "{tables:?}");
    assert!(tables.contains(&"pointer_chunk_20250131".to_owned()), "{tables:?}");
}

#[tokio::test]
async fn salts_are_shared_and_thrown_away() {
    let server = new_database().await;
    let (one, other) = (Store::new(&server, Pools::default()), Store::new(&server, Pools::default()));
    let today = Utc::now().date_naive();
    let old = today - Days::new(2);
    assert_eq!(one.visitor_salt(today).await.unwrap(), other.visitor_salt(today).await.unwrap());
    let salt = one.visitor_salt(old).await.unwrap();
    one.forget_salts(today).await.unwrap();
    assert_ne!(one.visitor_salt(old).await.unwrap(), salt, "the old one is gone");
    assert_eq!(one.secret("tokens").await.unwrap(), other.secret("tokens").await.unwrap());
}
