use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::token;
use crate::admin::{Admin, Error};
use crate::store::Account;

/// Proof that the request comes from somebody who is signed in. A handler that takes it can't forget to ask.
pub struct SignedIn(pub Account);

impl SignedIn {
    /// Fails where the role may not change sites.
    pub fn changes_sites(&self) -> Result<(), Error> {
        if self.role.changes_sites() { Ok(()) } else { Err(Error::Forbidden) }
    }
}

impl Deref for SignedIn {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.0
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let admin = request.app_data::<Data<Admin>>().ok_or(Error::Internal("admin is not configured"))?;
            let token = token(&admin.settings, &request).ok_or(Error::SignedOut)?;
            admin.store.find_login(&token).await?.map(Self).ok_or(Error::SignedOut)
        })
    }
}
