use std::ops::Deref;
use std::sync::Arc;

use super::auth::{Passwords, Throttle};
use super::{Error, Live};
use crate::store::{Site, Store};

/// What the admin pages have to know of the collector.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How browsers reach the collector, without a slash at the end: `https://mouse.example.com`.
    pub public_url: String,
    /// Path of the snippet under it: `/mousetrail.js`.
    pub script_path: String,
    /// Path of this very version of the snippet, whose bytes never change, and what `integrity` says of them.
    pub versioned_path: String,
    /// As above.
    pub integrity: String,
    /// What `data-collector` says in the script tag; `None` where the snippet finds the collector by itself.
    pub collector: Option<String>,
    /// Are cookies for HTTPS only? True wherever `public_url` is https.
    pub secure_cookies: bool,
}

impl Settings {
    /// Scheme, host and port of the public url: what browsers call the origin of these pages, whatever path a proxy puts before them.
    pub fn origin(&self) -> &str {
        let url = &self.public_url;
        let host = url.find("://").map_or(0, |scheme| scheme + 3);
        url[host..].find('/').map_or(url, |slash| &url[..host + slash])
    }
}

/// All that the pages share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Admin(Arc<Shared>);

/// See `Admin`.
#[derive(Debug)]
pub struct Shared {
    /// Postgres.
    pub(super) store: Store,
    /// As given.
    pub(super) settings: Settings,
    /// Hashes and compares passwords, two at a time.
    pub(super) passwords: Passwords,
    /// Counts failed and other tries to sign in.
    pub(super) throttle: Throttle,
    /// Who watches live.
    pub(super) live: Live,
}

impl Admin {
    /// For one collector: the sign-in throttle is part of it, so make it once, outside the factory that actix calls for each worker.
    pub fn new(store: Store, settings: Settings, live: Live) -> Self {
        Self(Arc::new(Shared { store, settings, passwords: Passwords::default(), throttle: Throttle::default(), live }))
    }
}

impl Shared {
    /// The site with this number; an error that says 404 where there is none.
    pub(super) async fn find_site(&self, site_id: i32) -> Result<Site, Error> {
        self.store.list_sites().await?.into_iter().find(|site| site.site_id == site_id).ok_or(Error::NotFound)
    }
}

impl Deref for Admin {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_has_no_path() {
        for (public_url, origin) in [
            ("https://mouse.example.com", "https://mouse.example.com"),
            ("https://example.com:8443/mouse/trail", "https://example.com:8443"),
        ] {
            let settings = Settings { public_url: public_url.into(), ..Settings::default() };
            assert_eq!(settings.origin(), origin);
        }
    }
}
