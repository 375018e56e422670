use actix_web::web;

use crate::config::Settings;
use crate::store::Store;

#[derive(Clone)]
pub(super) struct Shop;

impl Shop {
    pub(super) async fn open(_store: &Store, _settings: &Settings) -> anyhow::Result<Option<Self>> {
        Ok(None)
    }
}

pub(super) fn configure(_shop: Option<Shop>, _config: &mut web::ServiceConfig) {}
