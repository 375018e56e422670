mod change;
mod chart;

pub use change::{change, change_widths};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use self::chart::Chart;
use super::html;
use super::shell::{Section, Shell};
use crate::admin::auth::SignedIn;
use crate::admin::pages::{ClassCount, Match, Overview};
use crate::admin::{Admin, Error, filters, format};
use crate::analysis::width::is_enough;
use crate::analysis::{InvalidBreakpoints, Proposal};
use crate::query::WidthOrigin;

#[derive(Template)]
#[template(path = "sites/site/pages.html")]
struct PagesPage {
    shell: Shell,
    site_id: i32,
    overview: Overview,
    classes: Vec<ClassCount>,
    chart: Chart,
    /// What the template in the form would match, where it was asked for.
    tried: Option<Match>,
    /// Breakpoints as typed, and what is wrong with them.
    widths: String,
    problem: Option<InvalidBreakpoints>,
}

/// What somebody typed that could not be kept.
pub enum Tried {
    /// Nothing.
    Nothing,
    /// A template.
    Template(String),
    /// Breakpoints.
    Widths(String, InvalidBreakpoints),
}

/// What the url says.
#[derive(Deserialize)]
pub struct PagesQuery {
    /// A template to try.
    template: Option<String>,
}

impl PagesPage {
    fn summary(&self) -> String {
        let paths = format::plural(self.overview.path_count as i64, "path", "paths");
        let pages = format::plural(self.overview.page_count as i64, "page", "pages");
        format!("{paths}, {pages}, last 28 days")
    }

    /// The heatmap of a template or path.
    fn heatmap(&self, name: &str, is_template: bool) -> String {
        let name = askama::filters::urlencode_strict(name).map(|name| name.to_string()).unwrap_or_default();
        format!("/sites/{}/heatmap?{}={name}", self.site_id, if is_template { "template" } else { "page" })
    }

    fn typed(&self) -> &str {
        self.tried.as_ref().map_or("", |tried| &tried.template)
    }

    fn views(&self) -> i64 {
        self.classes.iter().map(|class| class.views).sum()
    }

    /// Share of the page views, in percent.
    fn percent(&self, class: &ClassCount) -> String {
        match (class.views, class.views as f64 * 100.0 / self.views().max(1) as f64) {
            (0, _) => "0 %".to_owned(),
            (_, percent) if percent < 1.0 => "< 1 %".to_owned(),
            (_, percent) => format!("{percent:.0} %"),
        }
    }

    /// The same for an attribute of an SVG.
    fn bar(&self, class: &ClassCount) -> String {
        format!("{:.1}%", class.views as f64 * 100.0 / self.views().max(1) as f64)
    }

    fn origin(&self) -> &'static str {
        match self.overview.width.origin {
            WidthOrigin::Default => "the usual ones",
            WidthOrigin::Learnt => "learnt",
            WidthOrigin::Set => "set by hand",
        }
    }

    /// Can they be learnt, and are they not?
    fn is_learnable(&self) -> bool {
        self.overview.width.origin != WidthOrigin::Learnt && (self.is_set() || is_enough(&self.overview.widths_seen))
    }

    fn is_set(&self) -> bool {
        self.overview.width.origin == WidthOrigin::Set
    }

    fn size(&self, proposal: &Proposal) -> String {
        format!("{}, {}", format::plural(proposal.paths as i64, "path", "paths"), format::plural(proposal.views, "view", "views"))
    }

    /// What a template would match, in words.
    fn found(&self, tried: &Match) -> String {
        let others = match tried.others {
            0 => String::new(),
            others => format!("; {} more where another template says more", format::plural(others as i64, "path", "paths")),
        };
        match tried.paths {
            0 => format!("Nothing that was seen so far{others}"),
            paths => format!("{}{others}", format::plural(paths as i64, "path", "paths")),
        }
    }
}

/// `GET /sites/{site_id}/pages`
pub async fn page(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, query: Query<PagesQuery>) -> Result<HttpResponse, Error> {
    let tried = match query.into_inner().template {
        Some(template) => Tried::Template(template),
        None => Tried::Nothing,
    };
    let is_question = !matches!(tried, Tried::Nothing);
    let mut response = show(&admin, account, *site_id, tried).await?;
    if is_question {
        *response.status_mut() = StatusCode::OK;
    }
    Ok(response)
}

/// The page, with what somebody typed and why it was not kept.
async fn show(admin: &Admin, account: SignedIn, site_id: i32, tried: Tried) -> Result<HttpResponse, Error> {
    let shell = Shell::of_site(admin, account, site_id, Section::Pages).await?;
    let overview = Overview::load(admin, site_id, Utc::now().date_naive()).await?;
    let (classes, chart) = (overview.classes(), Chart::new(&overview.widths_seen, &overview.width.breakpoints));
    let known: Vec<String> = overview.width.breakpoints.widths().iter().map(ToString::to_string).collect();
    let mut page = PagesPage { shell, site_id, overview, classes, chart, tried: None, widths: known.join(", "), problem: None };
    let status = match tried {
        Tried::Nothing => StatusCode::OK,
        Tried::Template(text) => {
            page.tried = Some(Match::find(admin, site_id, &text).await?);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Tried::Widths(text, problem) => {
            (page.widths, page.problem) = (text, Some(problem));
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let mut response = html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}
