mod account;
mod audit;
mod checkup;
mod chunk;
/// A private Postgres, started and watched by the collector.
pub mod cluster;
mod demo_site;
mod error;
mod forget;
mod heat;
mod ignored;
mod ingest_site;
mod lease;
mod link;
mod login;
mod migrate;
mod page_rule;
mod page_view;
mod partition;
mod pg_role;
mod recording;
mod secret;
mod server;
mod session_note;
mod site;
mod site_replay;
mod site_width;
mod suspect;
mod token;

pub use account::{Account, Role};
pub use audit::Deed;
pub use checkup::{Checkup, IngestState, PostgresState, Quarantined, RoleState, SchemaState};
pub use chunk::{ChunkKey, Inserted, NewChunk, digest};
pub use demo_site::DEMO_KEY;
pub use error::{StoreError, Verdict};
pub use heat::{HeatColumns, HeatDayKey, HeatTurn, NewHeatDay, NewHeatView};
pub use ignored::{IgnoredNetwork, InvalidNetwork, NewIgnoredNetwork};
pub use ingest_site::IngestSite;
pub use link::Link;
pub use migrate::{migrate, migrate_with};
pub use page_view::{Found, OpenPageView};
pub use pg_role::PgRole;
pub use recording::{Kept, NewPart};
pub use server::{DATABASE, Server};
pub use session_note::{InvalidNote, NewNote};
pub use site::{InvalidSite, NewSite, Site};
pub use site_replay::{InvalidReplay, SiteReplay};
pub use token::Token;

use sqlx::PgPool;

use lease::{Lease, in_time};
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

/// How many connections each pool may have.
#[derive(Clone, Copy, Debug)]
pub struct Pools {
    /// Of ingest.
    pub ingest: u32,
    /// Of the admin pages.
    pub admin: u32,
    /// Of uploads.
    pub upload: u32,
}

impl Default for Pools {
    fn default() -> Self {
        Self { ingest: 8, admin: 8, upload: 2 }
    }
}

impl Store {
    /// Pools for a server whose schema is up to date. They connect when they are first used.
    pub fn new(server: &Server, pools: Pools) -> Self {
        let [ingest, admin] = [(PgRole::Ingest, pools.ingest), (PgRole::Admin, pools.admin)].map(|(role, size)| server.pool(role, size));
        let upload = server.pool(PgRole::Ingest, pools.upload);
        Self { ingest, admin, upload, partitions: Partitions::default() }
    }

    /// Does Postgres answer?
    pub async fn ping(&self) -> Result<(), StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let answer = sqlx::query_scalar!("select 1 as one").fetch_one(&mut *lease).await;
            lease.end(answer.map(|_| ()).map_err(StoreError::from))
        })
        .await
    }

    /// A connection of the ingest pool. All that ingest does goes through one, within `in_time`.
    async fn lease(&self) -> Result<Lease, StoreError> {
        Lease::of(&self.ingest).await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.ingest.close().await;
        self.admin.close().await;
        self.upload.close().await;
    }
}
