/// Postgres did not answer a read, or answered something else than was asked for.
#[derive(Debug, thiserror::Error)]
#[error("Postgres: {0}")]
pub struct QueryError(#[from] sqlx::Error);
