use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::{Days, NaiveDate, Utc};

use super::html;
use super::range::{HeatmapQuery, Range};
use super::shell::{Section, Shell};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error, filters, format};
use crate::event::Device;
use crate::query::{self, PageCount};

const DEVICES: [Device; 3] = [Device::Desktop, Device::Tablet, Device::Phone];

#[derive(Template)]
#[template(path = "sites/site/heatmap.html")]
struct HeatmapPage {
    shell: Shell,
    site_id: i32,
    range: Range,
    device: Device,
    /// Suspect page views of what is shown, whether they are in it or not.
    suspects: i64,
    /// Pages of the device that is shown, most viewed first.
    pages: Vec<PageCount>,
    /// Page views of each class of device in these days.
    devices: [i64; 3],
    /// Path of the page that is shown; empty where there is none.
    path: String,
    today: NaiveDate,
}

impl HeatmapPage {
    /// This page with another path, kind, range of days or device.
    fn url(&self, path: &str, clicks: bool, from: NaiveDate, to: NaiveDate, device: Device) -> String {
        let path = askama::filters::urlencode_strict(path).map(|path| path.to_string()).unwrap_or_default();
        let kind = if clicks { "click" } else { "movement" };
        let suspects = if self.range.suspects { "&suspect=1" } else { "" };
        format!("/sites/{}/heatmap?page={path}&kind={kind}&from={from}&to={to}&device={}{suspects}", self.site_id, device.name())
    }

    fn url_of_page(&self, path: &str) -> String {
        self.url(path, self.range.clicks, self.range.from, self.range.to, self.device)
    }

    fn url_of_kind(&self, clicks: bool) -> String {
        self.url(&self.path, clicks, self.range.from, self.range.to, self.device)
    }

    /// This page with the suspect page views, or without them again.
    fn url_of_suspects(&self) -> String {
        let url = self.url_of_kind(self.range.clicks);
        if self.range.suspects { url.replace("&suspect=1", "") } else { format!("{url}&suspect=1") }
    }

    fn suspects(&self) -> String {
        format::plural(self.suspects, "suspect page view", "suspect page views")
    }

    fn left_out(&self) -> String {
        format::plural(self.suspects, "suspect page view is", "suspect page views are")
    }

    fn data_url(&self) -> String {
        format!("/api/v1{}", self.url_of_kind(self.range.clicks))
    }

    /// Ranges of days to choose from: url, name, and whether it is the one that is shown.
    fn ranges(&self) -> Vec<(String, &'static str, bool)> {
        let last = |days: u64| self.today - Days::new(days - 1);
        [("Today", last(1)), ("Last 7 days", last(7)), ("Last 28 days", last(28)), ("Last 90 days", last(90))]
            .map(|(name, from)| {
                let is_shown = (from, self.today) == (self.range.from, self.range.to);
                (self.url(&self.path, self.range.clicks, from, self.today, self.device), name, is_shown)
            })
            .into()
    }

    /// A longer range, for where this one has nothing.
    fn last_quarter(&self) -> String {
        self.url(&self.path, self.range.clicks, self.today - Days::new(89), self.today, self.device)
    }

    fn range_name(&self) -> String {
        match self.ranges().into_iter().find(|range| range.2) {
            Some((_, name, _)) => name.to_owned(),
            None if self.range.from == self.range.to => self.range.from.format("%-d %b %Y").to_string(),
            None => format!("{} to {}", self.range.from.format("%-d %b"), self.range.to.format("%-d %b %Y")),
        }
    }

    /// Devices to choose from: url, name, page views, and whether it is the one that is shown.
    fn device_choices(&self) -> Vec<(String, &'static str, String, bool)> {
        DEVICES
            .into_iter()
            .zip(self.devices)
            .filter(|(device, views)| *views > 0 || *device == self.device)
            .map(|(device, views)| {
                let url = self.url(&self.path, self.range.clicks, self.range.from, self.range.to, device);
                (url, title(device), format::number(views), device == self.device)
            })
            .collect()
    }

    fn device_name(&self) -> &'static str {
        title(self.device)
    }

    /// A page or device with something to show, where this one has nothing: url, what, page views.
    fn near(&self) -> Vec<(String, String, String)> {
        let mut near: Vec<_> = self
            .device_choices()
            .into_iter()
            .filter(|(_, _, views, is_shown)| !is_shown && views != "0")
            .map(|(url, name, views, _)| (url, name.to_owned(), views))
            .collect();
        let pages = self.pages.iter().filter(|page| page.path != self.path).take(3);
        near.extend(pages.map(|page| (self.url_of_page(&page.path), page.path.clone(), format::number(page.views))));
        near
    }

    fn is_known(&self) -> bool {
        self.pages.iter().any(|page| page.path == self.path)
    }
}

fn title(device: Device) -> &'static str {
    match device {
        Device::Desktop => "Desktop",
        Device::Tablet => "Tablet",
        Device::Phone => "Phone",
    }
}

/// `GET /sites/{site_id}/heatmap`: the frame and the choices. Heat and wireframe come from the JSON API.
pub async fn page(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, query: Query<HeatmapQuery>) -> Result<HttpResponse, Error> {
    let today = Utc::now().date_naive();
    let range = query.parse(today)?;
    let shell = Shell::of_site(&admin, account, *site_id, Section::Heatmaps).await?;
    let pool = &admin.store.admin;
    let mut pages = Vec::new();
    for device in DEVICES {
        pages.push(query::pages(pool, *site_id, device, (range.from, range.to), range.suspects).await?);
    }
    let count = |device: Device, of: fn(&PageCount) -> i64| -> i64 {
        let is_asked = |page: &&PageCount| query.page.as_ref().is_none_or(|path| page.path == *path);
        pages[device as usize].iter().filter(is_asked).map(of).sum()
    };
    let devices = DEVICES.map(|device| count(device, |page| page.views));
    let device =
        range.device.unwrap_or_else(|| DEVICES.into_iter().rev().max_by_key(|device| devices[*device as usize]).unwrap_or(Device::Desktop));
    let mut pages = pages.swap_remove(device as usize);
    let path = query.page.clone().or_else(|| pages.iter().find(|page| page.views > 0).map(|page| page.path.clone())).unwrap_or_default();
    // Of the page that is shown; of all pages where there is none to show.
    let suspects = pages.iter().filter(|page| path.is_empty() || page.path == path).map(|page| page.suspects).sum();
    pages.retain(|page| page.views > 0);
    html(&HeatmapPage { shell, site_id: *site_id, range, device, suspects, pages, devices, path, today })
}
