use super::super::Error;
use crate::admin::Admin;
use crate::admin::auth::SignedIn;
use crate::store::{Account, Site};

/// Where in the side bar a page belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// Sessions and replay.
    Sessions,
    /// Heatmaps.
    Heatmaps,
    /// Templates of pages, and classes of widths.
    Pages,
    /// Script tag and origins of a site.
    Setup,
    /// Above the sites.
    Sites,
}

/// What stands around every page of somebody who is signed in.
pub struct Shell {
    account: Account,
    sites: Vec<Site>,
    current: Option<usize>,
    section: Section,
}

impl Shell {
    /// Around a page that belongs to no site.
    pub async fn load(admin: &Admin, account: SignedIn, section: Section) -> Result<Self, Error> {
        let sites = admin.store.list_sites().await?;
        Ok(Self { account: account.0, sites, current: None, section })
    }

    /// Around a page of a site; fails where there is no such site.
    pub async fn of_site(admin: &Admin, account: SignedIn, site_id: i32, section: Section) -> Result<Self, Error> {
        let shell = Self::load(admin, account, section).await?;
        let current = shell.sites.iter().position(|site| site.site_id == site_id).ok_or(Error::NotFound)?;
        Ok(Self { current: Some(current), ..shell })
    }

    /// Who is signed in.
    pub fn email(&self) -> &str {
        &self.account.email
    }

    /// May he change sites?
    pub fn changes_sites(&self) -> bool {
        self.account.role.changes_sites()
    }

    /// All sites.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The site that is looked at.
    pub fn site(&self) -> Option<&Site> {
        self.current.and_then(|index| self.sites.get(index))
    }

    /// Does the side bar stand at this site?
    pub fn is_current(&self, site: &Site) -> bool {
        self.site().is_some_and(|current| current.site_id == site.site_id)
    }

    /// The links of the side bar: path, icon, name, and whether one is there already.
    pub fn links(&self) -> Vec<(String, &'static str, &'static str, bool)> {
        let Some(site) = self.site() else { return Vec::new() };
        let link = |tail, icon, name, section| (format!("/sites/{}{tail}", site.site_id), icon, name, self.section == section);
        vec![
            link("/sessions", "sessions", "Sessions", Section::Sessions),
            link("/heatmap", "heat", "Heatmaps", Section::Heatmaps),
            link("/pages", "page", "Pages", Section::Pages),
            link("", "settings", "Setup", Section::Setup),
        ]
    }

    /// Is this the list of sites?
    pub fn is_sites(&self) -> bool {
        self.section == Section::Sites
    }
}
