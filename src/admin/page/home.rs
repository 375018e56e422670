use actix_web::HttpResponse;
use actix_web::web::Data;

use super::see;
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};

/// `GET /`: the first site's sessions, or a first site.
pub async fn home(admin: Data<Admin>, _: SignedIn) -> Result<HttpResponse, Error> {
    Ok(match admin.store.list_sites().await?.first() {
        Some(site) => see(&format!("/sites/{}/sessions", site.site_id)),
        None => see("/sites"),
    })
}
