use std::future::Future;

use anyhow::{Context, bail};

use crate::config::Settings;
use crate::store::{DATABASE, Pools, Server, Store, cluster};

/// The Postgres that a collector with these settings uses. A private one has to be running: the collector runs it.
pub(super) fn server(settings: &Settings) -> anyhow::Result<Server> {
    match &settings.database_url {
        Some(url) => Server::external(url).context("--database-url"),
        None if cluster::is_running(&settings.data_dir) => Ok(Server::private(&settings.data_dir, DATABASE)),
        None => bail!(
            "no collector is running on {}. Start `mousetrail serve` first, or name its directory with --data-dir or its server with --database-url",
            settings.data_dir.display()
        ),
    }
}

/// Runs a command on the store of a running collector.
pub(super) fn with_store<T, F: Future<Output = anyhow::Result<T>>>(
    settings: &Settings,
    command: impl FnOnce(Store) -> F,
) -> anyhow::Result<T> {
    let mut server = server(settings)?;
    actix_web::rt::System::new().block_on(async {
        server.find_roles().await?;
        let store = Store::new(&server, Pools::default());
        let result = command(store.clone()).await;
        store.close().await;
        result
    })
}
