use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use chrono::Utc;

use super::html;
use super::shell::{Section, Shell};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::query;
use crate::store::Site;

#[derive(Template)]
#[template(path = "sites.html")]
struct Sites {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    site: Site,
    sessions: query::Count,
}

impl Row {
    fn origins(&self) -> String {
        match self.site.origins.as_slice() {
            [any] if any == "*" => "every origin".to_owned(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
            [] => String::new(),
        }
    }

    fn sessions(&self) -> String {
        let more = if self.sessions.is_bounded { "more than " } else { "" };
        format!("{more}{}", format::number(self.sessions.value))
    }

    fn created(&self) -> String {
        format::moment(self.site.created_at, Utc::now())
    }
}

/// `GET /sites`
pub async fn list(admin: Data<Admin>, account: SignedIn) -> Result<HttpResponse, Error> {
    let shell = Shell::load(&admin, account, Section::Sites).await?;
    let mut counts = query::count_each(&admin.store.admin).await?;
    let row = |site: &Site| Row { site: site.clone(), sessions: counts.remove(&site.site_id).unwrap_or_default() };
    let rows = shell.sites().iter().map(row).collect();
    html(&Sites { shell, rows })
}
