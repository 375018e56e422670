mod api;
mod asset;
mod auth;
mod error;
mod filters;
mod format;
mod guard;
mod live;
mod page;
mod pages;
mod settings;

pub use error::Error;
pub use live::Live;
pub use settings::{Admin, Settings};

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};

use crate::store::{Store, StoreError};

/// Adds the admin pages, their assets and the JSON API at `/`. Call it last: what nobody else answers gets the admin's 404 page.
pub fn configure(cfg: &mut ServiceConfig, admin: Admin) {
    cfg.service(
        web::scope("")
            .app_data(Data::new(admin))
            .app_data(web::FormConfig::default().limit(16 * 1024))
            // The last one wrapped sees a request first: headers stand on every answer, refused ones and errors, too.
            .wrap(from_fn(guard::origin))
            .wrap(from_fn(error::render))
            .wrap(from_fn(guard::headers))
            .configure(page::routes)
            .configure(api::routes)
            .service(web::resource("/assets/{name}").get(asset::asset))
            .default_service(web::to(|| async { Err::<String, _>(Error::NotFound) })),
    );
}

/// Makes the first owner's one-time link, in place of earlier ones, and returns its path; `None` once there is an account.
pub async fn one_time_owner_link(store: &Store) -> Result<Option<String>, StoreError> {
    Ok(store.create_owner_link().await?.map(|token| link_path(&token.text())))
}

/// Path of a one-time link with this token.
pub fn link_path(token: &str) -> String {
    format!("/welcome/{token}")
}
