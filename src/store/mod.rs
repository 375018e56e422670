mod account;
mod chunk;
/// A private Postgres, started and watched by the collector.
pub mod cluster;
mod demo_site;
mod error;
mod forget;
mod ingest_site;
mod link;
mod login;
mod migrate;
mod page_view;
mod partition;
mod pg_role;
mod recording;
mod secret;
mod server;
mod site;
mod token;

pub use account::{Account, Role};
pub use chunk::{ChunkKey, Inserted, NewChunk};
pub use demo_site::DEMO_KEY;
pub use error::{StoreError, Verdict};
pub use ingest_site::IngestSite;
pub use link::Link;
pub use migrate::migrate;
pub use page_view::{Found, OpenPageView};
pub use pg_role::PgRole;
pub use recording::{Kept, NewPart};
pub use server::{DATABASE, Server};
pub use site::{InvalidSite, NewSite, Site};
pub use token::Token;

use sqlx::PgPool;

use partition::Partitions;

/// Connections to Postgres, one pool a role, so that a slow page never takes a connection from ingest.
#[derive(Clone, Debug)]
pub struct Store {
    /// Appends page views and chunks.
    pub ingest: PgPool,
    /// Reads for the admin pages and writes settings, accounts and sites.
    pub admin: PgPool,
    /// Stores recordings, which are big: small, so that they never keep Postgres from taking frames.
    pub upload: PgPool,
    partitions: Partitions,
}

impl Store {
    /// Pools for a server whose schema is up to date. They connect when they are first used.
    pub fn new(server: &Server) -> Self {
        Self {
            ingest: server.pool(PgRole::Ingest, 8),
            admin: server.pool(PgRole::Admin, 8),
            upload: server.pool(PgRole::Ingest, 2),
            partitions: Partitions::default(),
        }
    }

    /// Does Postgres answer?
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query_scalar!("select 1 as one").fetch_one(&self.ingest).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.ingest.close().await;
        self.admin.close().await;
        self.upload.close().await;
    }
}
