/// What a connection may do. No role is a superuser, none has a password of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PgRole {
    /// Owns the schema and migrates it.
    Owner,
    /// Appends page views and chunks, and reads no more than their keys.
    Ingest,
    /// Reads for the admin pages; writes sites, accounts and settings.
    Admin,
    /// Reads the public views only.
    Reader,
}

impl PgRole {
    /// Its name in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "mousetrail",
            Self::Ingest => "mousetrail_ingest",
            Self::Admin => "mousetrail_admin",
            Self::Reader => "mousetrail_reader",
        }
    }
}
