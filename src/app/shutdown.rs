use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, timeout_at};

use super::Running;

/// From the signal to the end of waiting. Whatever hangs, the process is gone 10 s after the signal: the rest is for what comes after.
const LIMIT: Duration = Duration::from_millis(9_500);
/// What of it connections get to hear their last acks.
const CONNECTIONS_LIMIT: Duration = Duration::from_secs(7);

impl Running {
    /// The order matters: not ready and no new connections, drain the open ones (each sends its last acks and closes with 1012), settle what
    /// is in the queue, and only then close the store and stop Postgres.
    pub(super) async fn shut_down(self) -> anyhow::Result<()> {
        let begin = Instant::now();
        tracing::info!("stopping: draining connections");
        self.draining.cancel();
        self.connections.close();
        let in_time = timeout_at(begin + CONNECTIONS_LIMIT, self.connections.wait()).await;
        if in_time.is_err() {
            tracing::warn!(connections = self.connections.len(), "connections did not end in time");
        }
        self.handle.stop(false).await;
        self.finish.cancel();
        let settled = timeout_at(begin + LIMIT, self.writer).await;
        let _ = timeout_at(begin + LIMIT, self.jobs).await;
        let _ = timeout_at(begin + LIMIT, self.heat).await;
        let _ = timeout_at(begin + LIMIT, self.store.close()).await;
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(move || cluster.stop()).await?;
        }
        let unsettled = self.counters.in_flight();
        if settled.is_err() {
            bail!("stopped with {unsettled} frames not committed; their clients were not told that they were, and will send them again");
        }
        tracing::info!(duration_ms = begin.elapsed().as_millis() as u64, "stopped");
        Ok(())
    }
}
