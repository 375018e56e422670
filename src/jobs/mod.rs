/// Heat of page views and of days, built from chunks.
pub mod heat;
mod width;

pub use width::{LearnError, learn_width, learn_widths};

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_secs(3_600);

/// Does what has to be done every hour, now and until `stop` fires. A failure is logged and tried again an hour later.
pub async fn run(store: Store, clock: Clock, stop: CancellationToken) {
    let mut learnt_on = None;
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = hourly(&store, &clock).await {
            tracing::error!(%error, "the hourly work failed and will be tried again in an hour");
        }
        let today = clock.now().date_naive();
        if learnt_on != Some(today) {
            match learn_widths(&store, today).await {
                Ok(()) => learnt_on = Some(today),
                Err(error) => tracing::error!(%error, "classes of widths were not learnt and will be in an hour"),
            }
        }
    }
}

/// Makes the partitions of the coming days and throws old visitor salts away.
pub async fn hourly(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    let today = clock.now().date_naive();
    store.ensure_coming_partitions(today).await?;
    store.forget_salts(today).await
}
