use actix_web::{HttpResponse, web};
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::ingest::{Pressure, Queue};
use crate::store::Store;
use crate::telemetry;

/// What the health routes look at.
pub(super) struct Health {
    registry: Registry,
    store: Store,
    queue: Queue,
    draining: CancellationToken,
    /// Tells `mousetrail doctor` whether this is the collector that it means.
    installation: String,
}

impl Health {
    pub(super) fn new(registry: Registry, store: Store, queue: Queue, draining: CancellationToken, installation: String) -> Self {
        Self { registry, store, queue, draining, installation }
    }
}

pub(super) fn configure(health: web::Data<Health>, config: &mut web::ServiceConfig) {
    config
        .app_data(health)
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready))
        .route("/metrics", web::get().to(metrics));
}

/// The process answers. It does so while Postgres is down: restarting it would help nobody.
async fn live(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("mousetrail-installation", health.installation.as_str())).body("live\n")
}

/// New connections are welcome.
async fn ready(health: web::Data<Health>) -> HttpResponse {
    let reason = if health.draining.is_cancelled() {
        "stopping"
    } else if health.queue.pressure() >= Pressure::Stop {
        "queue full"
    } else if health.store.ping().await.is_err() {
        "no answer from Postgres"
    } else {
        return HttpResponse::Ok().body("ready\n");
    };
    HttpResponse::ServiceUnavailable().body(reason)
}

async fn metrics(health: web::Data<Health>) -> HttpResponse {
    match telemetry::render(&health.registry) {
        Ok(text) => HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
