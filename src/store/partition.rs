use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use chrono::{Days, NaiveDate, Utc};

use super::{Store, StoreError};

/// The days whose partitions are known to exist.
#[derive(Clone, Debug, Default)]
pub(super) struct Partitions {
    known: Arc<Mutex<HashSet<NaiveDate>>>,
}

impl Partitions {
    fn has(&self, day: NaiveDate) -> bool {
        self.known.lock().is_ok_and(|known| known.contains(&day))
    }

    fn add(&self, day: NaiveDate) {
        if let Ok(mut known) = self.known.lock() {
            known.insert(day);
        }
    }
}

impl Store {
    /// Makes the partitions of these days where they are missing.
    pub async fn ensure_partitions(&self, days: impl IntoIterator<Item = NaiveDate>) -> Result<(), StoreError> {
        for day in days {
            if !self.partitions.has(day) {
                sqlx::query!("select core.ensure_partition($1)", day).fetch_one(&self.ingest).await?;
                self.partitions.add(day);
            }
        }
        Ok(())
    }

    /// Makes the partitions of yesterday to three days ahead, so that no batch waits for one.
    pub async fn ensure_coming_partitions(&self) -> Result<(), StoreError> {
        let yesterday = Utc::now().date_naive().pred_opt().unwrap_or_default();
        self.ensure_partitions((0..5).map(|ahead| yesterday + Days::new(ahead))).await
    }
}
