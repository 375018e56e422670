//! Checks of the catalogue that need no process of their own to kill: each is one test, named by its id.

mod conflict;
mod deadlock;
mod direct;
mod midnight;
mod partition;
mod poison;
mod resend;

use mousetrail::config::Limits;

use super::app::{TestApp, new_database, settings, spawn_app_with};

/// A collector that paces nobody and waits for no batch to fill.
async fn spawn_eager() -> TestApp {
    let mut settings = settings();
    eager(&mut settings.limits);
    spawn_app_with(new_database().await, &settings).await
}

fn eager(limits: &mut Limits) {
    (limits.frames_per_second, limits.frames_burst) = (1_000_000, 1_000_000);
    limits.page_views_per_minute = 1_000_000;
    limits.batch_ms = 5;
}
