use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use chrono::{Days, NaiveDate};

use super::lease::in_time;
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

    pub(super) fn forget(&self, days: impl IntoIterator<Item = NaiveDate>) {
        if let Ok(mut known) = self.known.lock() {
            for day in days {
                known.remove(&day);
            }
        }
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
                in_time(async {
                    let mut lease = self.lease().await?;
                    let made = sqlx::query!("select core.ensure_partition($1)", day).fetch_one(&mut *lease).await;
                    lease.end(made.map(|_| ()).map_err(StoreError::from))
                })
                .await?;
                self.partitions.add(day);
            }
        }
        Ok(())
    }

    /// Makes the partitions of yesterday to three days ahead, so that no batch waits for one.
    pub async fn ensure_coming_partitions(&self, today: NaiveDate) -> Result<(), StoreError> {
        let yesterday = today.pred_opt().unwrap_or_default();
        self.ensure_partitions((0..5).map(|ahead| yesterday + Days::new(ahead))).await
    }
}
