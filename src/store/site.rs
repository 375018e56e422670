use chrono::{DateTime, Utc};

use super::{Store, StoreError};

/// Origins that a site may have.
const MAX_ORIGINS: usize = 50;
/// Sites that a list holds at most.
const MAX_SITES: i64 = 1_000;

/// A tracked property.
#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    /// Its number.
    pub site_id: i32,
    /// Stands in the script tag.
    pub public_key: String,
    /// Its name in the UI.
    pub name: String,
    /// Origins whose pages may send; `*` alone allows all.
    pub origins: Vec<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Name and origins of a site, parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSite {
    name: String,
    origins: Vec<String>,
}

/// What is wrong with the description of a site. The text is for people.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidSite {
    /// 1 to 100 characters.
    #[error("A name has 1 to 100 characters.")]
    Name,
    /// At least one is needed.
    #[error("Name at least one origin, such as https://example.com.")]
    NoOrigin,
    /// Not `scheme://host[:port]`.
    #[error("“{0}” is not an origin. Write it as https://example.com or http://localhost:3000, or * alone for every origin.")]
    Origin(String),
    /// More than 50.
    #[error("A site has at most 50 origins.")]
    TooMany,
}

impl NewSite {
    /// Parses a name and its origins; repeated and empty origins are dropped, a trailing slash and the scheme's own port are cut off.
    pub fn parse<'a>(name: &str, origins: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidSite> {
        let name: String = name.trim().chars().filter(|char| !char.is_control()).collect();
        if !(1..=100).contains(&name.chars().count()) {
            return Err(InvalidSite::Name);
        }
        let mut parsed: Vec<String> = Vec::new();
        for text in origins.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
            let origin = parse_origin(text).ok_or_else(|| InvalidSite::Origin(text.chars().take(100).collect()))?;
            if !parsed.contains(&origin) {
                parsed.push(origin);
            }
        }
        match parsed.len() {
            0 => Err(InvalidSite::NoOrigin),
            count if count > MAX_ORIGINS => Err(InvalidSite::TooMany),
            _ => Ok(Self { name, origins: parsed }),
        }
    }
}

/// `scheme://host[:port]` as a browser would write it in `Origin`, or `*`.
pub(super) fn parse_origin(text: &str) -> Option<String> {
    if text == "*" {
        return Some(text.to_owned());
    }
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let own_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let rest = rest.strip_suffix(own_port).unwrap_or(rest);
    // An IPv6 address stands in brackets and has colons of its own.
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let host_is_fine = !host.is_empty() && host.chars().all(|char| char.is_ascii_alphanumeric() || "-._[]:".contains(char));
    let port_is_fine = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number.to_string() == port));
    (host_is_fine && port_is_fine && text.len() <= 255).then(|| format!("{scheme}://{rest}"))
}

impl Store {
    /// Creates a site with a public key of its own.
    pub async fn create_site(&self, site: &NewSite) -> Result<Site, StoreError> {
        let public_key = format!("mt_{:016x}", rand::random::<u64>());
        let row = sqlx::query_as!(
            Site,
            "insert into core.site (public_key, name, origins) values ($1, $2, $3) returning site_id, public_key, name, origins, created_at",
            public_key,
            site.name,
            &site.origins
        );
        Ok(row.fetch_one(&self.admin).await?)
    }

    /// Changes a site's name and origins; false where there is no such site.
    pub async fn update_site(&self, site_id: i32, site: &NewSite) -> Result<bool, StoreError> {
        let changed = sqlx::query!("update core.site set name = $2, origins = $3 where site_id = $1", site_id, site.name, &site.origins);
        Ok(changed.execute(&self.admin).await?.rows_affected() == 1)
    }

    /// All sites that are not disabled, oldest first; the first 1,000.
    pub async fn list_sites(&self) -> Result<Vec<Site>, StoreError> {
        let rows = sqlx::query_as!(
            Site,
            "select site_id, public_key, name, origins, created_at from core.site where disabled_at is null order by site_id limit $1",
            MAX_SITES
        );
        Ok(rows.fetch_all(&self.admin).await?)
    }

    /// The site with this public key, unless it is disabled.
    pub async fn find_site_by_key(&self, public_key: &str) -> Result<Option<Site>, StoreError> {
        let row = sqlx::query_as!(
            Site,
            "select site_id, public_key, name, origins, created_at from core.site where public_key = $1 and disabled_at is null",
            public_key
        );
        Ok(row.fetch_optional(&self.admin).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_the_browser_writes_it() {
        for (text, origin) in [
            ("https://Shop.Example/", "https://shop.example"),
            ("https://shop.example:443", "https://shop.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
            ("*", "*"),
        ] {
            assert_eq!(parse_origin(text).as_deref(), Some(origin), "{text}");
        }
        for wrong in ["shop.example", "ftp://a", "https://", "https://a/b", "https://a:99999", "https://a:", "https://a b", "https://u@a"] {
            assert_eq!(parse_origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_site_needs_a_name_and_an_origin() {
        assert_eq!(NewSite::parse(" ", ["*"]), Err(InvalidSite::Name));
        assert_eq!(NewSite::parse("a", [" ", ""]), Err(InvalidSite::NoOrigin));
        assert_eq!(NewSite::parse("a", ["nonsense"]), Err(InvalidSite::Origin("nonsense".into())));
        let site = NewSite::parse(" Shop ", ["https://a.example", "https://A.example/"]).unwrap();
        assert_eq!(site, NewSite { name: "Shop".into(), origins: vec!["https://a.example".into()] });
    }
}
