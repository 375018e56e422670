use actix_web::web::{Data, Json, Path, Query};
use chrono::Utc;
use serde::{Deserialize, Serialize};

use crate::admin::auth::SignedIn;
use crate::admin::pages::{Match, Overview};
use crate::admin::{Admin, Error};
use crate::query::{PageChoice, WidthOrigin};

/// The pages of a site, from the page views of the last 28 days.
#[derive(Serialize)]
pub struct Pages {
    /// Every template that is a rule, whether something was seen of it or not.
    rules: Vec<Page>,
    /// Templates that would fold more; nothing happens by itself.
    proposals: Vec<Proposed>,
    /// The most viewed pages, with those of a template in one; at most 50.
    pages: Vec<Page>,
    /// All of them, and all paths.
    page_count: usize,
    path_count: usize,
    width: Widths,
}

#[derive(Serialize)]
struct Page {
    /// Path, or text of the template.
    name: String,
    is_template: bool,
    paths: i64,
    views: i64,
}

#[derive(Serialize)]
struct Proposed {
    template: String,
    paths: usize,
    views: i64,
    examples: Vec<String>,
}

#[derive(Serialize)]
struct Widths {
    breakpoints: Vec<i32>,
    /// `default`, `learnt` or `set`.
    origin: &'static str,
    classes: Vec<Class>,
}

#[derive(Serialize)]
struct Class {
    from: i32,
    /// Null for the last one.
    to: Option<i32>,
    views: i64,
}

impl From<PageChoice> for Page {
    fn from(choice: PageChoice) -> Self {
        Self { is_template: choice.template.is_some(), name: choice.name, paths: choice.paths, views: choice.views }
    }
}

/// `GET /api/v1/sites/{site_id}/pages`
pub async fn pages(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>) -> Result<Json<Pages>, Error> {
    admin.find_site(*site_id).await?;
    let overview = Overview::load(&admin, *site_id, Utc::now().date_naive()).await?;
    let classes = overview.classes().into_iter().map(|class| Class { from: class.from, to: class.to, views: class.views }).collect();
    let proposed = overview.proposals.into_iter().map(|proposal| Proposed {
        template: proposal.template.to_string(),
        paths: proposal.paths,
        views: proposal.views,
        examples: proposal.examples,
    });
    let origin = match overview.width.origin {
        WidthOrigin::Default => "default",
        WidthOrigin::Learnt => "learnt",
        WidthOrigin::Set => "set",
    };
    Ok(Json(Pages {
        rules: overview.rules.into_iter().map(Page::from).collect(),
        proposals: proposed.collect(),
        pages: overview.pages.into_iter().map(Page::from).collect(),
        page_count: overview.page_count,
        path_count: overview.path_count,
        width: Widths { breakpoints: overview.width.breakpoints.widths().to_vec(), origin, classes },
    }))
}

/// What is asked for.
#[derive(Deserialize)]
pub struct MatchQuery {
    template: String,
}

/// What a template would do.
#[derive(Serialize)]
pub struct Matching {
    template: String,
    /// Why it can't be read; else null.
    problem: Option<String>,
    /// Paths that it would fold.
    paths: usize,
    /// Paths that it matches, but that another rule has.
    others: usize,
    /// At most 8 of the first.
    examples: Vec<String>,
}

/// `GET /api/v1/sites/{site_id}/pages/match?template=/product/:id`
pub async fn matching(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Query<MatchQuery>) -> Result<Json<Matching>, Error> {
    admin.find_site(*site_id).await?;
    let Match { template, problem, paths, others, examples } = Match::find(&admin, *site_id, &query.template).await?;
    Ok(Json(Matching { template, problem, paths, others, examples }))
}
