use actix_web::web;
use chrono::{Days, NaiveDate};

use super::{Admin, Error};
use crate::analysis::width::{Breakpoints, LEARN_DAYS};
use crate::analysis::{Proposal, propose};
use crate::event::{Template, Templates};
use crate::query::{self, PageChoice, PathCount, SiteWidth};

/// Pages that are listed at most.
const MAX_LISTED: usize = 50;
/// Proposals that are shown at most.
const MAX_PROPOSED: usize = 12;

/// What the pages of a site are, as page and as JSON: of the page views of the last 28 days.
pub struct Overview {
    /// Each rule with its paths and page views, most viewed first.
    pub rules: Vec<PageChoice>,
    /// Templates that would fold more.
    pub proposals: Vec<Proposal>,
    /// The most viewed pages, folded.
    pub pages: Vec<PageChoice>,
    /// All of them, folded, and all paths.
    pub page_count: usize,
    /// As above.
    pub path_count: usize,
    /// Breakpoints, and the widths that were seen.
    pub width: SiteWidth,
    /// Widths and page views.
    pub widths_seen: Vec<(i32, i64)>,
}

/// A class of widths with its page views.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassCount {
    /// Smallest width.
    pub from: i32,
    /// Largest width; `None` for the last class.
    pub to: Option<i32>,
    /// Page views.
    pub views: i64,
}

impl Overview {
    /// Reads it for the 28 days up to this one.
    pub async fn load(admin: &Admin, site_id: i32, today: NaiveDate) -> Result<Self, Error> {
        let pool = &admin.store.admin;
        let from = today - Days::new(LEARN_DAYS - 1);
        let templates = query::templates(pool, site_id).await?;
        let dismissed = query::dismissed_templates(pool, site_id).await?;
        let paths = query::paths_seen(pool, site_id, None, (from, today), false).await?;
        let width = query::site_width(pool, site_id).await?;
        let widths_seen = query::widths_seen(pool, site_id, from).await?;
        // Tens of thousands of paths take a while: other requests share this thread.
        let folded = web::block(move || Self::fold(&paths, &templates, &dismissed));
        let (rules, proposals, mut pages, path_count) = folded.await.map_err(|_| Error::Internal("pages were not folded"))?;
        let page_count = pages.len();
        pages.truncate(MAX_LISTED);
        Ok(Self { rules, proposals, pages, page_count, path_count, width, widths_seen })
    }

    fn fold(paths: &[PathCount], templates: &Templates, dismissed: &[String]) -> (Vec<PageChoice>, Vec<Proposal>, Vec<PageChoice>, usize) {
        let seen: Vec<PathCount> = paths.iter().filter(|path| path.views > 0).cloned().collect();
        let pages = query::fold(&seen, templates);
        let mut rules: Vec<PageChoice> = pages.iter().filter(|page| page.template.is_some()).cloned().collect();
        let is_seen = |template: &Template| rules.iter().any(|rule| rule.template.as_ref() == Some(template));
        let unseen: Vec<&Template> = templates.all().iter().filter(|template| !is_seen(template)).collect();
        let empty = |template: &Template| PageChoice {
            template: Some(template.clone()),
            name: template.to_string(),
            paths: 0,
            views: 0,
            suspects: 0,
        };
        let unseen: Vec<PageChoice> = unseen.into_iter().map(empty).collect();
        rules.extend(unseen);
        let own = seen.iter().filter(|path| templates.of(&path.path).is_none()).map(|path| (path.path.as_str(), path.views));
        let mut proposals = propose(own);
        proposals.retain(|proposal| !dismissed.contains(&proposal.template.to_string()));
        proposals.truncate(MAX_PROPOSED);
        (rules, proposals, pages, seen.len())
    }

    /// The classes of widths with their page views.
    pub fn classes(&self) -> Vec<ClassCount> {
        classes(&self.width.breakpoints, &self.widths_seen)
    }
}

fn classes(breakpoints: &Breakpoints, seen: &[(i32, i64)]) -> Vec<ClassCount> {
    let count = |class: std::ops::Range<i32>| ClassCount {
        from: class.start,
        to: (class.end < i32::MAX).then(|| class.end - 1),
        views: seen.iter().filter(|(width, _)| class.contains(width)).map(|(_, views)| views).sum(),
    };
    breakpoints.classes().map(count).collect()
}

/// What a template would match among the pages of a site.
pub struct Match {
    /// As it would be kept; as typed where it can't be read.
    pub template: String,
    /// Why it can't be read.
    pub problem: Option<String>,
    /// Paths that it would fold.
    pub paths: usize,
    /// Paths that it matches as well, but that a rule which says more has.
    pub others: usize,
    /// Some of the first.
    pub examples: Vec<String>,
}

impl Match {
    /// Reads a template and looks for its paths.
    pub async fn find(admin: &Admin, site_id: i32, text: &str) -> Result<Self, Error> {
        match Template::parse(text) {
            Err(problem) => {
                Ok(Self { template: text.to_owned(), problem: Some(problem.to_string()), paths: 0, others: 0, examples: Vec::new() })
            }
            Ok(template) => {
                let found = query::matching_paths(&admin.store.admin, site_id, &template).await?;
                let examples = found.own.iter().take(8).cloned().collect();
                Ok(Self { template: template.to_string(), problem: None, paths: found.own.len(), others: found.others, examples })
            }
        }
    }
}
