use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use askama::Template;
use chrono::Utc;

use super::new_site::SiteForm;
use super::shell::{Section, Shell};
use super::{html, see};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::query::{self, FirstEvent};
use crate::store::{InvalidSite, Site};

#[derive(Template)]
#[template(path = "sites/site.html")]
struct Setup {
    shell: Shell,
    site: Site,
    form: SiteForm,
    problem: Option<InvalidSite>,
    first: Option<FirstEvent>,
    /// The first visitor's path, as in the thumbnail.
    path: String,
    script_url: String,
    /// The same for this very version, and what `integrity` says of its bytes.
    versioned_url: String,
    integrity: String,
    /// What `data-collector` says, where the snippet would not find the collector by itself.
    collector: Option<String>,
    /// Of the collector, for POSTs and for the socket: a policy of the site has to name both.
    origin: String,
    socket_origin: String,
}

impl Setup {
    async fn load(admin: &Admin, account: SignedIn, site_id: i32) -> Result<Self, Error> {
        let shell = Shell::of_site(admin, account, site_id, Section::Setup).await?;
        let site = shell.site().cloned().ok_or(Error::NotFound)?;
        let settings = &admin.settings;
        let first = query::receiving(&admin.store.admin, site_id).await?;
        let path = match &first {
            Some(first) => query::sketches(&admin.store.admin, &[first.session_id]).await?.remove(&first.session_id),
            None => None,
        };
        Ok(Self {
            form: SiteForm { name: site.name.clone(), origins: site.origins.join("\n") },
            problem: None,
            first,
            path: path.map(|sketch| sketch.thumbnail.path).unwrap_or_default(),
            script_url: format!("{}{}", settings.public_url, settings.script_path),
            versioned_url: format!("{}{}", settings.public_url, settings.versioned_path),
            integrity: settings.integrity.clone(),
            collector: settings.collector.clone(),
            origin: settings.origin().to_owned(),
            // https becomes wss, http becomes ws.
            socket_origin: settings.origin().replacen("http", "ws", 1),
            shell,
            site,
        })
    }

    fn origins(&self) -> String {
        match self.site.origins.as_slice() {
            [any] if any == "*" => "every origin may send".to_owned(),
            origins => format::plural(origins.len() as i64, "origin", "origins"),
        }
    }

    fn created(&self) -> String {
        format::ago(self.site.created_at, Utc::now())
    }
}

/// `GET /sites/{site_id}`
pub async fn page(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>) -> Result<HttpResponse, Error> {
    html(&Setup::load(&admin, account, *site_id).await?)
}

/// `POST /sites/{site_id}`: another name, other origins.
pub async fn change(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, form: Form<SiteForm>) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    match form.parse() {
        Ok(site) if admin.store.update_site(*site_id, &site).await? => Ok(see(&format!("/sites/{site_id}"))),
        Ok(_) => Err(Error::NotFound),
        Err(problem) => {
            let page = Setup { form: form.into_inner(), problem: Some(problem), ..Setup::load(&admin, account, *site_id).await? };
            let mut response = html(&page)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
