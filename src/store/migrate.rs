use super::{PgRole, Server, StoreError};

/// Brings roles, schema and rights up to date, as the owner.
///
/// On a server of somebody else the user of the URL may lack the right to make roles. Then everything runs as that user, and a warning says
/// which statement an administrator can run to change that.
pub async fn migrate(server: &mut Server) -> Result<(), StoreError> {
    let mut owner = server.connect(PgRole::Owner).await?;
    let roles = sqlx::raw_sql(include_str!("roles.sql")).execute(&mut owner).await;
    // A newer collector may have migrated further; its schema still serves this one.
    let mut migrator = sqlx::migrate!();
    migrator.set_ignore_missing(true).run(&mut owner).await?;
    match roles {
        Ok(_) => {
            sqlx::raw_sql(include_str!("grants.sql")).execute(&mut owner).await?;
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
