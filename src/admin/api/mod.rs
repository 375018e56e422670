mod heatmap;
mod live;
mod pages;
mod receiving;
mod replay;
mod sessions;
mod wire;

use actix_web::web::{self, ServiceConfig};

/// The JSON API and where it is. Its errors are problems (RFC 9457).
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/api/v1/sites").get(sessions::sites))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/receiving").get(receiving::receiving))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/sessions").get(sessions::sessions))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/sessions/{session_id:\d+}/replay").get(replay::replay))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/heatmap").get(heatmap::heatmap))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/heatmap.png").get(heatmap::picture))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/heatmap/elements.csv").get(heatmap::elements))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/heatmap/sessions").get(heatmap::sessions))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/heatmap/difference").get(heatmap::difference))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/pages").get(pages::pages))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/pages/match").get(pages::matching))
        .service(web::resource(r"/api/v1/sites/{site_id:\d+}/live").get(live::live));
}
