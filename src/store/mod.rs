mod account;
mod error;
mod link;
mod login;
mod site;
mod token;

pub use account::{Account, Role};
pub use error::{STATEMENT_TIMEOUT, StoreError, Verdict};
pub use link::Link;
pub use site::{InvalidSite, NewSite, Site};
pub use token::Token;

use sqlx::PgPool;

/// Connections to Postgres, one pool a role, so that a slow page never takes a connection from ingest.
#[derive(Clone, Debug)]
pub struct Store {
    /// Appends page views and chunks.
    pub ingest: PgPool,
    /// Reads for the admin pages and writes settings, accounts and sites.
    pub admin: PgPool,
}
