use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::new_site::SiteForm;
use super::shell::{Section, Shell};
use super::{html, see};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::query::{self, FirstEvent};
use crate::store::{IgnoredNetwork, InvalidNetwork, InvalidSite, NewIgnoredNetwork, Site};

#[derive(Template)]
#[template(path = "sites/site.html")]
struct Setup {
    shell: Shell,
    site: Site,
    form: SiteForm,
    problem: Option<InvalidSite>,
    ignored: Vec<IgnoredNetwork>,
    network: NetworkForm,
    network_problem: Option<InvalidNetwork>,
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

/// A network whose visits are not wanted, as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NetworkForm {
    network: String,
    note: String,
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
            ignored: admin.store.list_ignored_networks(site_id).await?,
            network: NetworkForm::default(),
            network_problem: None,
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

    /// A page on which the visitor's own wish can be said. `*` is no address to open.
    fn own_page(&self) -> &str {
        self.site.origins.iter().map(String::as_str).find(|origin| *origin != "*").unwrap_or("https://your-site.example")
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
            refused(&Setup { form: form.into_inner(), problem: Some(problem), ..Setup::load(&admin, account, *site_id).await? })
        }
    }
}

/// `POST /sites/{site_id}/ignored`: visits of a network are not recorded any more.
pub async fn ignore(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, form: Form<NetworkForm>) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    admin.find_site(*site_id).await?;
    let added = match NewIgnoredNetwork::parse(&form.network, &form.note) {
        Ok(network) => admin.store.ignore_network(*site_id, &network).await?,
        Err(problem) => Err(problem),
    };
    match added {
        Ok(()) => Ok(see(&format!("/sites/{site_id}#ignored"))),
        Err(problem) => {
            let page = Setup::load(&admin, account, *site_id).await?;
            refused(&Setup { network: form.into_inner(), network_problem: Some(problem), ..page })
        }
    }
}

/// `POST /sites/{site_id}/ignored/remove`: they are recorded again.
pub async fn unignore(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, form: Form<NetworkForm>) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    // What is not there any more, or never could be, is gone as it should be.
    let _ = admin.store.unignore_network(*site_id, &form.network).await?;
    Ok(see(&format!("/sites/{site_id}#ignored")))
}

fn refused(page: &Setup) -> Result<HttpResponse, Error> {
    let mut response = html(page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
