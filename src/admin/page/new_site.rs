use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use askama::Template;
use serde::Deserialize;

use super::shell::{Section, Shell};
use super::{html, see};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters};
use crate::store::{InvalidSite, NewSite};

#[derive(Template)]
#[template(path = "sites/new.html")]
struct NewSitePage {
    shell: Shell,
    form: SiteForm,
    problem: Option<InvalidSite>,
}

/// Name and origins, as typed.
#[derive(Deserialize, Default)]
pub struct SiteForm {
    pub name: String,
    /// One a line.
    pub origins: String,
}

impl SiteForm {
    /// Parses what was typed.
    pub fn parse(&self) -> Result<NewSite, InvalidSite> {
        NewSite::parse(&self.name, self.origins.split([' ', ',', '\n', '\r', '\t']))
    }
}

/// `GET /sites/new`
pub async fn form(admin: Data<Admin>, account: SignedIn) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    let shell = Shell::load(&admin, account, Section::Sites).await?;
    html(&NewSitePage { shell, form: SiteForm::default(), problem: None })
}

/// `POST /sites`
pub async fn submit(admin: Data<Admin>, account: SignedIn, form: Form<SiteForm>) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    match form.parse() {
        Ok(site) => {
            let site = admin.store.create_site(&site).await?;
            Ok(see(&format!("/sites/{}", site.site_id)))
        }
        Err(problem) => {
            let shell = Shell::load(&admin, account, Section::Sites).await?;
            let mut response = html(&NewSitePage { shell, form: form.into_inner(), problem: Some(problem) })?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
