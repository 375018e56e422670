use std::ops::Deref;
use std::sync::Arc;

use super::auth::{Passwords, Throttle};
use crate::store::Store;

/// What the admin pages have to know of the collector.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How browsers reach the collector, without a slash at the end: `https://mouse.example.com`.
    pub public_url: String,
    /// Path of the snippet under it: `/mousetrail.js`.
    pub script_path: String,
    /// Are cookies for HTTPS only? True wherever `public_url` is https.
    pub secure_cookies: bool,
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
}

impl Admin {
    /// For one collector: the sign-in throttle is part of it, so make it once, outside the factory that actix calls for each worker.
    pub fn new(store: Store, settings: Settings) -> Self {
        Self(Arc::new(Shared { store, settings, passwords: Passwords::default(), throttle: Throttle::default() }))
    }
}

impl Deref for Admin {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
