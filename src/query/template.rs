use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::PgPool;

use super::QueryError;
use crate::event::{Device, PageViewId, Template, Templates};

/// Paths of a site that are looked at: those with the most page views.
const MAX_PATHS: i64 = 50_000;

/// A page of its own, or all pages of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageChoice {
    /// The template, where it is one.
    pub template: Option<Template>,
    /// The path, or the text of the template.
    pub name: String,
    /// Paths that it consists of.
    pub paths: i64,
    /// Page views.
    pub views: i64,
    /// Suspect page views, whether they are among them or not.
    pub suspects: i64,
}

/// A path and how often it was viewed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathCount {
    /// The path.
    pub path: String,
    /// Page views.
    pub views: i64,
    /// Suspect page views, whether they are among them or not.
    pub suspects: i64,
}

/// The templates of a site.
pub async fn templates(pool: &PgPool, site_id: i32) -> Result<Templates, QueryError> {
    let rows = sqlx::query_scalar!("select template from core.page_rule where site_id = $1", site_id).fetch_all(pool).await?;
    Ok(Templates::new(rows.iter().filter_map(|text| Template::parse(text).ok())))
}

/// Templates that are not to be proposed.
pub async fn dismissed_templates(pool: &PgPool, site_id: i32) -> Result<Vec<String>, QueryError> {
    let rows = sqlx::query_scalar!("select template from core.page_rule_dismissed where site_id = $1 order by template", site_id);
    Ok(rows.fetch_all(pool).await?)
}

/// Paths of a template.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MatchingPaths {
    /// Those that it has, by their text.
    pub own: Vec<String>,
    /// How many more it matches that a rule which says more has.
    pub others: usize,
}

/// All pages that belong to a template: those that it matches and that no other rule of the site wins. It need not be a rule itself.
pub async fn page_ids(pool: &PgPool, site_id: i32, template: &Template) -> Result<Vec<i32>, QueryError> {
    let (own, _) = pages_of(pool, site_id, template).await?;
    Ok(own.into_iter().map(|(page_id, _)| page_id).collect())
}

/// The same with their paths, and with what it does not get.
pub async fn matching_paths(pool: &PgPool, site_id: i32, template: &Template) -> Result<MatchingPaths, QueryError> {
    let (own, others) = pages_of(pool, site_id, template).await?;
    Ok(MatchingPaths { own: own.into_iter().map(|(_, path)| path).collect(), others })
}

async fn pages_of(pool: &PgPool, site_id: i32, template: &Template) -> Result<(Vec<(i32, String)>, usize), QueryError> {
    let rules = templates(pool, site_id).await?;
    let all = Templates::new(rules.all().iter().chain([template]).cloned());
    // A regular expression costs microseconds a path, also for tens of thousands of them; the beginning spares most of them even that.
    let rows = sqlx::query!(
        "select page_id, path from core.page where site_id = $1 and starts_with(path, $2) and path ~ $3 order by path",
        site_id,
        template.prefix(),
        template.regex()
    );
    let rows = rows.fetch_all(pool).await?;
    let count = rows.len();
    let own: Vec<_> = rows.into_iter().filter(|row| all.of(&row.path) == Some(template)).map(|row| (row.page_id, row.path)).collect();
    let others = count - own.len();
    Ok((own, others))
}

/// The template that a path belongs to, where there is one.
pub async fn template_of(pool: &PgPool, site_id: i32, path: &str) -> Result<Option<Template>, QueryError> {
    Ok(templates(pool, site_id).await?.of(path).cloned())
}

/// Paths that were viewed on these days (UTC, both included), most viewed first; at most 50,000. `None` for a device: on any.
pub async fn paths_seen(
    pool: &PgPool,
    site_id: i32,
    device: Option<Device>,
    (from, to): (NaiveDate, NaiveDate),
    with_suspects: bool,
) -> Result<Vec<PathCount>, QueryError> {
    let [first, end] =
        [from, to + chrono::Days::new(1)].map(|day| PageViewId::new(day.and_time(chrono::NaiveTime::MIN).and_utc(), 0).get());
    let rows = sqlx::query_as!(
        PathCount,
        r#"select p.path, v.views as "views!", v.suspects as "suspects!"
           from (select page_id, count(*) filter (where $6 or suspect = 0) as views, count(*) filter (where suspect <> 0) as suspects
                 from core.page_view
                 where site_id = $1 and ($2::smallint is null or device = $2) and page_view_id >= $3 and page_view_id < $4 and events > 0
                 group by page_id order by views desc, page_id limit $5) v
           join core.page p on p.page_id = v.page_id order by v.views desc, p.path"#,
        site_id,
        device.map(Device::code),
        first,
        end,
        MAX_PATHS,
        with_suspects
    );
    Ok(rows.fetch_all(pool).await?)
}

/// Puts paths together that a template folds; most viewed first. A template without a path among them is left out.
pub fn fold(paths: &[PathCount], templates: &Templates) -> Vec<PageChoice> {
    let mut places: HashMap<&Template, usize> = HashMap::new();
    let mut out: Vec<PageChoice> = Vec::new();
    for path in paths {
        let template = templates.of(&path.path);
        let place = template.and_then(|template| places.get(template).copied()).unwrap_or(out.len());
        if place == out.len() {
            if let Some(template) = template {
                places.insert(template, place);
            }
            let name = template.map_or_else(|| path.path.clone(), ToString::to_string);
            out.push(PageChoice { template: template.cloned(), name, paths: 0, views: 0, suspects: 0 });
        }
        let choice = &mut out[place];
        choice.paths += 1;
        choice.views += path.views;
        choice.suspects += path.suspects;
    }
    out.sort_by(|one, other| other.views.cmp(&one.views).then_with(|| one.name.cmp(&other.name)));
    out
}

/// The pages of a site that a class of devices viewed on these days, with those of a template in one, most viewed first; at most `limit`.
pub async fn folded_pages(
    pool: &PgPool,
    site_id: i32,
    device: Option<Device>,
    days: (NaiveDate, NaiveDate),
    with_suspects: bool,
    limit: usize,
) -> Result<Vec<PageChoice>, QueryError> {
    let rules = templates(pool, site_id).await?;
    let mut choices = fold(&paths_seen(pool, site_id, device, days, with_suspects).await?, &rules);
    choices.truncate(limit);
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_template_are_one_choice() {
        let templates = Templates::new(["/product/:id", "/product/new"].map(|text| Template::parse(text).unwrap()));
        let path = |path: &str, views| PathCount { path: path.to_owned(), views, suspects: 1 };
        let choices = fold(&[path("/", 9), path("/product/7", 6), path("/product/new", 5), path("/product/8/", 4)], &templates);
        let shown: Vec<_> = choices.iter().map(|choice| (choice.name.as_str(), choice.paths, choice.views, choice.suspects)).collect();
        assert_eq!(shown, [("/product/:id", 2, 10, 2), ("/", 1, 9, 1), ("/product/new", 1, 5, 1)]);
        assert!(choices[0].template.is_some() && choices[1].template.is_none());
    }
}
