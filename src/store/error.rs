/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres or the way to it failed.
    #[error("Postgres: {0}")]
    Postgres(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A name, address or key is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// There is no such thing.
    #[error("no such {0}")]
    Missing(&'static str),
}

/// What a failed write means for the data that it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Postgres could not just now: try the same again, for ever.
    Retry,
    /// It will never take this data: find the row that is to blame.
    Data,
}

impl StoreError {
    /// Tells an outage from bad data. What is unknown counts as an outage: retrying loses nothing.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Postgres(sqlx::Error::Database(error)) => match error.code().as_deref() {
                Some(code) if code.starts_with("22") || code.starts_with("23") => Verdict::Data,
                _ => Verdict::Retry,
            },
            Self::Postgres(sqlx::Error::Encode(_)) => Verdict::Data,
            _ => Verdict::Retry,
        }
    }

    /// Bad data, for tests of what happens then.
    #[cfg(test)]
    pub(crate) fn refusal() -> Self {
        Self::Postgres(sqlx::Error::Encode("refused".into()))
    }

    /// SQLSTATE, where Postgres gave one.
    pub fn sqlstate(&self) -> Option<String> {
        match self {
            Self::Postgres(sqlx::Error::Database(error)) => error.code().map(|code| code.into_owned()),
            _ => None,
        }
    }

    /// Turns the violation of a named constraint into `Taken`.
    pub fn taken(error: sqlx::Error, constraint: &str, what: &'static str) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.constraint() == Some(constraint) => Self::Taken(what),
            _ => Self::Postgres(error),
        }
    }
}
