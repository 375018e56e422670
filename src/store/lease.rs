use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::time::timeout;

use super::StoreError;

/// Longest that Postgres may work on one statement of ingest. A batch takes milliseconds; a hundred times of that means that something is
/// wrong there, and the queue fills meanwhile.
pub(super) const STATEMENT_LIMIT: Duration = Duration::from_secs(10);
/// Longest wait for a lock, of which somebody else's `alter table` may hold one. Shorter than a statement, so that the log tells the two apart.
pub(super) const LOCK_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for an answer. Postgres gives a statement up by itself after `STATEMENT_LIMIT`; who says nothing 5 s later hangs, or is cut off.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// A connection of a pool for one piece of work. Unless the work comes to its end, the connection is closed instead of given back: one that was
/// left in the middle of a statement may hang, and what comes next must not wait behind that.
pub(super) struct Lease {
    connection: Option<PoolConnection<Postgres>>,
}

impl Lease {
    pub(super) async fn of(pool: &PgPool) -> Result<Self, StoreError> {
        Ok(Self { connection: Some(pool.acquire().await?) })
    }

    /// The work is done, well or badly. The connection goes back, unless the error says that nothing more is to be had from it.
    pub(super) fn end<T>(mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if !result.as_ref().is_err_and(StoreError::spoils_connection) {
            // The pool takes it back when it is dropped, and rolls a transaction back that an error left open.
            drop(self.connection.take());
        }
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Closes the socket at once. A polite end would wait for the one who doesn't answer.
            drop(connection.detach());
        }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("a lease has its connection until it ends")
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("a lease has its connection until it ends")
    }
}

/// Waits for work on a lease, but not for ever.
pub(super) async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(ANSWER_LIMIT, work).await.unwrap_or(Err(StoreError::Silent))
}
