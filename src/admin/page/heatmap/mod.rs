mod address;
mod compare;
mod filter;
mod kind;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::{Days, NaiveDate, Utc};

use self::address::Address;
use self::filter::{Chip, Field, chips, fields, names};
use self::kind::{KindWords, words};
use super::html;
use super::range::{days_of, is_one};
use super::shell::{Section, Shell};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::analysis::heat::HeatKind;
use crate::event::{Device, Template as PageTemplate};
use crate::query::{self, Choices, PageChoice, PathCount};

const DEVICES: [Device; 3] = [Device::Desktop, Device::Tablet, Device::Phone];
/// Pages that the menu lists at most.
const MAX_PAGES: usize = 200;
/// What belongs to one page as it is drawn at one width, and to no other.
const OF_PAGE: [&str; 6] = ["page", "template", "width", "overlay", "clicked", "b_clicked"];

#[derive(Template)]
#[template(path = "sites/site/heatmap.html")]
struct HeatmapPage {
    shell: Shell,
    /// All that was chosen, and what was chosen for the reader where the url leaves it open.
    address: Address,
    kind: HeatKind,
    from: NaiveDate,
    to: NaiveDate,
    device: Device,
    /// Suspect page views of what is shown, whether they are in it or not.
    suspects: i64,
    with_suspects: bool,
    /// Pages and templates of the device that is shown, most viewed first.
    pages: Vec<PageChoice>,
    /// Is there a page view to show?
    is_known: bool,
    /// What can be filtered by.
    choices: Choices,
    /// Page views of each class of device in these days.
    devices: [i64; 3],
    /// Path or template of the page that is shown; empty where there is none.
    path: String,
    today: NaiveDate,
}

/// A choice of a menu: url, name, count, and whether it is the one that is shown.
type Choice = (String, String, String, bool);

impl HeatmapPage {
    fn url_of_page(&self, page: &PageChoice) -> String {
        let name = if page.template.is_some() { "template" } else { "page" };
        self.address.without(&OF_PAGE).with(name, &page.name).href()
    }

    fn is_shown(&self, page: &PageChoice) -> bool {
        page.name == self.path && page.template.is_some() == self.address.get("template").is_some()
    }

    /// How many pages a template stands for; empty for a page.
    fn paths(&self, page: &PageChoice) -> String {
        if page.template.is_some() { format::plural(page.paths, "page", "pages") } else { String::new() }
    }

    /// Kinds to choose from: url, words, and whether it is the one that is shown.
    fn kinds(&self) -> Vec<(String, KindWords, bool)> {
        let address = self.address.without(&["scale", "opacity"]);
        HeatKind::all().map(|kind| (address.with("kind", kind.name()).href(), words(kind), kind == self.kind)).collect()
    }

    fn words(&self) -> KindWords {
        words(self.kind)
    }

    /// This page with the suspect page views, or without them again.
    fn url_of_suspects(&self) -> String {
        self.address.with("suspect", if self.with_suspects { "" } else { "1" }).href()
    }

    fn suspects(&self) -> String {
        format::plural(self.suspects, "suspect page view", "suspect page views")
    }

    fn left_out(&self) -> String {
        format::plural(self.suspects, "suspect page view is", "suspect page views are")
    }

    /// Ranges of days to choose from.
    fn ranges(&self) -> Vec<Choice> {
        [("Today", 1), ("Last 7 days", 7), ("Last 28 days", 28), ("Last 90 days", 90)]
            .map(|(name, days)| {
                let from = self.today - Days::new(days - 1);
                let is_shown = (from, self.today) == (self.from, self.to);
                (self.url_of_days(from, self.today), name.to_owned(), String::new(), is_shown)
            })
            .into()
    }

    fn url_of_days(&self, from: NaiveDate, to: NaiveDate) -> String {
        self.address.with("from", &from.to_string()).with("to", &to.to_string()).href()
    }

    /// A longer range, for where this one has nothing.
    fn last_quarter(&self) -> String {
        self.url_of_days(self.today - Days::new(89), self.today)
    }

    fn range_name(&self) -> String {
        match self.ranges().into_iter().find(|range| range.3) {
            Some((_, name, ..)) => name,
            None => days(self.from, self.to),
        }
    }

    /// Devices to choose from.
    fn device_choices(&self) -> Vec<Choice> {
        DEVICES
            .into_iter()
            .zip(self.devices)
            .filter(|(device, views)| *views > 0 || *device == self.device)
            .map(|(device, views)| {
                let address = self.address.without(&["width", "overlay", "pointer"]);
                (address.with("device", device.name()).href(), title(device).to_owned(), format::number(views), device == self.device)
            })
            .collect()
    }

    fn device_name(&self) -> &'static str {
        title(self.device)
    }

    /// A page or device with something to show, where this one has nothing.
    fn near(&self) -> Vec<Choice> {
        let mut near: Vec<_> = self.device_choices().into_iter().filter(|choice| !choice.3 && choice.2 != "0").collect();
        let pages = self.pages.iter().filter(|page| !self.is_shown(page)).take(3);
        near.extend(pages.map(|page| (self.url_of_page(page), page.name.clone(), format::number(page.views), false)));
        near
    }

    /// What the fields of the filters propose: id of the list, and what is in it.
    fn proposals(&self) -> [(&'static str, &[query::Choice]); 4] {
        let Choices { browsers, countries, referrers, tags } = &self.choices;
        [("browsers", browsers), ("countries", countries), ("referrers", referrers), ("tags", tags)]
    }

    fn chips(&self, prefix: &str) -> Vec<Chip> {
        chips(&self.address, prefix)
    }

    fn fields(&self, prefix: &str) -> Vec<Field> {
        fields(&self.address, prefix)
    }

    /// What the form of filters has to carry along.
    fn beside_filters(&self) -> Vec<(&'static str, &str)> {
        let asked = names("");
        self.address.hidden(&asked.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn beside_days(&self) -> Vec<(&'static str, &str)> {
        self.address.hidden(&["from", "to"])
    }
}

fn days(from: NaiveDate, to: NaiveDate) -> String {
    if from == to {
        return from.format("%-d %b %Y").to_string();
    }
    format!("{} to {}", from.format("%-d %b"), to.format("%-d %b %Y"))
}

fn title(device: Device) -> &'static str {
    match device {
        Device::Desktop => "Desktop",
        Device::Tablet => "Tablet",
        Device::Phone => "Phone",
    }
}

/// `GET /sites/{site_id}/heatmap`: the frame and the choices. Heat and wireframe come from the JSON API.
pub async fn page(
    admin: Data<Admin>,
    account: SignedIn,
    site_id: Path<i32>,
    query: Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let today = Utc::now().date_naive();
    let address = Address::new(*site_id, &query);
    let kind = match address.get("kind") {
        None => HeatKind::Movement,
        Some(name) => HeatKind::from_name(name).ok_or(Error::Invalid("There is no heatmap of this kind."))?,
    };
    if !matches!(address.get("compare"), None | Some("side" | "difference")) {
        return Err(Error::Invalid("A comparison is shown side by side (side) or as a difference."));
    }
    let (from, to) = days_of(address.get("from"), address.get("to"), today)?;
    let asked = parse_device(address.get("device"))?;
    let with_suspects = is_one(query.iter().find(|pair| pair.0 == "suspect").map(|pair| pair.1.as_str()))?;
    let shell = Shell::of_site(&admin, account, *site_id, Section::Heatmaps).await?;
    let pool = &admin.store.admin;
    let (rules, choices) = tokio::try_join!(query::templates(pool, *site_id), query::choices(pool, *site_id, (from, to)))?;
    let mut paths = Vec::new();
    for device in DEVICES {
        paths.push(query::paths_seen(pool, *site_id, Some(device), (from, to), with_suspects).await?);
    }
    let (page, template) = (address.get("page").map(str::to_owned), address.get("template").map(str::to_owned));
    let is_asked = |seen: &&PathCount| match (&template, &page) {
        (Some(template), _) => rules.of(&seen.path).is_some_and(|of| of.to_string() == *template) || is_of(template, &seen.path),
        (None, Some(page)) => seen.path == *page,
        (None, None) => true,
    };
    let devices = DEVICES.map(|device| paths[device as usize].iter().filter(is_asked).map(|seen| seen.views).sum::<i64>());
    let most = || DEVICES.into_iter().rev().max_by_key(|device| devices[*device as usize]).unwrap_or(Device::Desktop);
    let device = asked.unwrap_or_else(most);
    let paths = paths.swap_remove(device as usize);
    let mut pages = query::fold(&paths, &rules);
    let first = pages.iter().find(|page| page.views > 0).cloned();
    // Of the page that is shown; of all pages where there is none to show.
    let (mut suspects, mut is_known) =
        (paths.iter().filter(is_asked).map(|seen| seen.suspects).sum(), devices[device as usize] > 0 || address.is_compared());
    let shown = address.with("kind", kind.name()).with("from", &from.to_string()).with("to", &to.to_string()).with("device", device.name());
    let (address, path) = match (template, page, first) {
        (Some(template), ..) => (shown.without(&["page"]), template),
        (None, Some(page), _) => (shown, page),
        (None, None, Some(first)) => {
            suspects = first.suspects;
            is_known = true;
            (shown.with(if first.template.is_some() { "template" } else { "page" }, &first.name), first.name)
        }
        (None, None, None) => (shown, String::new()),
    };
    pages.retain(|page| page.views > 0);
    pages.truncate(MAX_PAGES);
    html(&HeatmapPage { shell, address, kind, from, to, device, suspects, with_suspects, pages, is_known, choices, devices, path, today })
}

/// Is it a page of a template that is no rule of the site, but was written into the address?
fn is_of(template: &str, path: &str) -> bool {
    PageTemplate::parse(template).is_ok_and(|template| template.matches(path))
}

fn parse_device(name: Option<&str>) -> Result<Option<Device>, Error> {
    let Some(name) = name else { return Ok(None) };
    let known = DEVICES.into_iter().find(|device| device.name() == name);
    Ok(Some(known.ok_or(Error::Invalid("A device is desktop, tablet or phone."))?))
}
