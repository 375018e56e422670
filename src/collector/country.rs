use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use maxminddb::{MaxMindDbError, Reader, path};

use crate::event::Country;

/// Tells the country of an address, from a database that the operator gives; without one, none.
#[derive(Clone, Default)]
pub struct Countries {
    reader: Option<Arc<Reader<Vec<u8>>>>,
}

impl Countries {
    /// Reads a database of countries or cities in the format of MaxMind, whole, into memory.
    pub fn open(file: &Path) -> Result<Self, MaxMindDbError> {
        Ok(Self { reader: Some(Arc::new(Reader::open_readfile(file)?)) })
    }

    /// When the database was made.
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        let seconds = self.reader.as_ref()?.metadata().build_epoch;
        DateTime::from_timestamp(seconds.try_into().ok()?, 0)
    }

    /// The country of an address; `None` where the database doesn't say.
    pub(super) fn of(&self, address: IpAddr) -> Option<Country> {
        let found = self.reader.as_ref()?.lookup(address.to_canonical()).ok()?;
        let code: Option<&str> = found.decode_path(&path!["country", "iso_code"]).ok()?;
        Country::parse(code?)
    }
}
