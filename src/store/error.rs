/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres or the way to it failed.
    #[error("Postgres: {0}")]
    Postgres(#[from] sqlx::Error),
    /// It didn't answer in time. Whether it did what it was asked for is not known.
    #[error("Postgres does not answer")]
    Silent,
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
            // A row without a partition is no fault of the row, though Postgres says so.
            Self::Postgres(sqlx::Error::Database(error)) if !self.misses_partition() => {
                verdict(error.code().as_deref().unwrap_or_default())
            }
            Self::Postgres(sqlx::Error::Encode(_)) => Verdict::Data,
            _ => Verdict::Retry,
        }
    }

    /// Is nothing more to be had from the connection that brought this? A session that a failover left on a standby stays there, and one that
    /// Postgres is ending, or that broke, ends.
    pub(super) fn spoils_connection(&self) -> bool {
        match self {
            Self::Postgres(sqlx::Error::Database(error)) => spoils(error.code().as_deref().unwrap_or_default()),
            Self::Postgres(sqlx::Error::Encode(_) | sqlx::Error::RowNotFound) => false,
            Self::Postgres(_) | Self::Silent => true,
            _ => false,
        }
    }

    /// Is it a chunk without a partition for its day? Postgres counts that as a violated check, but one without a name.
    pub(super) fn misses_partition(&self) -> bool {
        matches!(self, Self::Postgres(sqlx::Error::Database(error)) if error.code().as_deref() == Some("23514") && error.constraint().is_none())
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

/// Data exceptions and violated constraints are the data's fault. Everything else passes: lost connections (08), resources that ran out (53),
/// an operator's intervention (57), serialisation, deadlocks, locks that were not to be had, a server that only reads.
fn verdict(sqlstate: &str) -> Verdict {
    match sqlstate.get(..2) {
        Some("22" | "23") => Verdict::Data,
        _ => Verdict::Retry,
    }
}

/// The states after which a connection is not used again: connection exceptions, a server that ends or begins, a standby, and a transaction that
/// Postgres ended together with its session. A cancelled statement (57014) leaves its connection as good as it was.
fn spoils(sqlstate: &str) -> bool {
    sqlstate.starts_with("08") || sqlstate.starts_with("57P") || matches!(sqlstate, "25006" | "25P03" | "25P04")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sqlstate_has_its_verdict_and_says_whether_the_connection_is_still_good() {
        use Verdict::{Data, Retry};
        for (sqlstate, what, is_good) in [
            ("08000", Retry, false),
            ("08003", Retry, false),
            ("08006", Retry, false),
            ("53000", Retry, true),
            ("53100", Retry, true),
            ("53200", Retry, true),
            ("53300", Retry, true),
            ("57014", Retry, true),
            ("57P01", Retry, false),
            ("57P02", Retry, false),
            ("57P03", Retry, false),
            ("57P05", Retry, false),
            ("40001", Retry, true),
            ("40P01", Retry, true),
            ("55P03", Retry, true),
            ("25006", Retry, false),
            ("25P03", Retry, false),
            ("25P04", Retry, false),
            // What nobody thought of: a table that is gone, a right that is missing, an error inside Postgres.
            ("42P01", Retry, true),
            ("42501", Retry, true),
            ("XX000", Retry, true),
            ("", Retry, true),
            ("22003", Data, true),
            ("22021", Data, true),
            ("22P02", Data, true),
            ("22P05", Data, true),
            ("23502", Data, true),
            ("23505", Data, true),
            ("23514", Data, true),
        ] {
            assert_eq!((verdict(sqlstate), !spoils(sqlstate)), (what, is_good), "{sqlstate}");
        }
    }

    #[test]
    fn silence_and_a_broken_line_are_tried_again_on_another_connection() {
        for error in [
            StoreError::Silent,
            StoreError::Postgres(sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into())),
            StoreError::Postgres(sqlx::Error::Protocol("?".into())),
            StoreError::Postgres(sqlx::Error::PoolTimedOut),
            StoreError::Postgres(sqlx::Error::WorkerCrashed),
        ] {
            assert_eq!((error.verdict(), error.spoils_connection()), (Verdict::Retry, true), "{error}");
        }
        let refused = StoreError::refusal();
        assert_eq!((refused.verdict(), refused.spoils_connection()), (Verdict::Data, false));
    }
}
