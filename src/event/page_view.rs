use chrono::{DateTime, Utc};

use super::{Country, Suspect};

/// Largest size or offset that is kept, CSS px; larger ones are clamped.
const MAX_PX: i32 = 1_000_000;

/// 16 bytes that only the client knows: they prove that a repeated `page` message is about its own page view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nonce(pub [u8; 16]);

/// 16 random bytes that one tab of a browser keeps, where site and visitor agree to it: its page views are one session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionKey(pub [u8; 16]);

/// Keyed hash that stands for a visitor on one site and one day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Visitor(pub [u8; 8]);

/// Width and height in CSS px, 0 to 1,000,000.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extent {
    w: i32,
    h: i32,
}

impl Extent {
    /// Clamps what is outside.
    pub fn new(w: f64, h: f64) -> Self {
        Self { w: clamp(w), h: clamp(h) }
    }

    /// Width, px.
    pub fn w(self) -> i32 {
        self.w
    }

    /// Height, px.
    pub fn h(self) -> i32 {
        self.h
    }
}

/// Whole px within bounds; not-a-number is 0.
fn clamp(px: f64) -> i32 {
    if px.is_nan() { 0 } else { px.round().clamp(0.0, f64::from(MAX_PX)) as i32 }
}

/// Where a page is, parsed out of the url that the client gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    host: String,
    path: String,
    query: Option<String>,
}

/// Longest path and longest query kept, bytes.
const MAX_PATH: usize = 2_048;

impl Place {
    /// Splits `scheme://host:port/path?query#fragment`. A url without a scheme has no host.
    ///
    /// The snippet sends of query and fragment only what the site keeps. A kept fragment names a route, so it is part of the path;
    /// the query is not.
    pub fn parse(url: &str) -> Self {
        // First of all, so that a path of nothing else is empty like others.
        let url = &url.replace('\0', "");
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let (host, path) = match url.find("://") {
            Some(scheme) => match url[scheme + 3..].find('/') {
                Some(slash) => url.split_at(scheme + 3 + slash),
                None => (url, "/"),
            },
            None => ("", url),
        };
        let path = if path.is_empty() { "/" } else { path };
        let path = if fragment.is_empty() { storable(path, MAX_PATH) } else { storable(&format!("{path}#{fragment}"), MAX_PATH) };
        Self { host: storable(host, MAX_PATH), path, query: Some(storable(query, MAX_PATH)).filter(|query| !query.is_empty()) }
    }

    /// Scheme, host and port; empty where the url had none.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Path, never empty, with the fragment that the site keeps.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Query that the site keeps, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }
}

/// `text` without U+0000, which Postgres refuses, cut to `max` bytes at a character boundary.
pub(crate) fn storable(text: &str, max: usize) -> String {
    let mut text: String = text.chars().filter(|char| *char != '\0').collect();
    if text.len() > max {
        let end = (0..=max).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// How a page view began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Via {
    /// By loading the page.
    Load,
    /// By a new route of a single-page app.
    Route,
    /// Out of the browser's back/forward cache.
    Restore,
    /// Rendered before the visitor came to it.
    Prerender,
}

impl Via {
    /// As Postgres keeps it.
    pub fn code(self) -> i16 {
        self as i16
    }
}

/// Class of device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Device {
    /// Desktop or laptop.
    Desktop,
    /// Tablet.
    Tablet,
    /// Phone.
    Phone,
}

impl Device {
    /// As Postgres keeps it.
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The class with this code.
    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Desktop, Self::Tablet, Self::Phone].into_iter().find(|device| device.code() == code)
    }

    /// Its name in SQL and in the UI.
    pub fn name(self) -> &'static str {
        ["desktop", "tablet", "phone"][self as usize]
    }
}

/// What a browser says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agent {
    /// Class of device.
    pub device: Device,
    /// Browser and its major version, such as `Firefox 150`.
    pub browser: String,
    /// Operating system.
    pub os: String,
}

/// A page view that has just begun, parsed.
#[derive(Clone, PartialEq, Debug)]
pub struct NewPageView {
    /// The site that it is on.
    pub site_id: i32,
    /// The client's secret name for it.
    pub nonce: Nonce,
    /// When it began, by the collector's clock.
    pub began_at: DateTime<Utc>,
    /// Hashes of the visitor under today's and yesterday's salt: a visit may cross midnight.
    pub visitors: [Visitor; 2],
    /// Key that the tab keeps: page views with the same one are one session.
    pub session_key: Option<SessionKey>,
    /// How it began.
    pub via: Via,
    /// Browser and device.
    pub agent: Agent,
    /// Where.
    pub place: Place,
    /// Title of the document.
    pub title: Option<String>,
    /// Origin and path of the page before.
    pub referrer: Option<String>,
    /// `navigator.language`.
    pub language: Option<String>,
    /// Size of the window's content.
    pub viewport: Extent,
    /// Size of the document.
    pub document: Extent,
    /// Scroll offset at the begin.
    pub scroll: Extent,
    /// Size of the screen.
    pub screen: Option<Extent>,
    /// Device px a CSS px.
    pub pixel_ratio: Option<f32>,
    /// Why it is probably no person's.
    pub suspect: Suspect,
    /// Where the visitor is, as far as that is known.
    pub country: Option<Country>,
}

impl NewPageView {
    /// Parses what a client said of a title, referrer or language: `None` where it said nothing.
    pub fn text(text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| storable(text, max)).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_into_host_path_with_fragment_and_query() {
        for (url, host, path, query) in [
            ("https://shop.example:8443/a/b?c=d", "https://shop.example:8443", "/a/b", Some("c=d")),
            ("https://shop.example/app?a=1&b=2#/checkout?step=2", "https://shop.example", "/app#/checkout?step=2", Some("a=1&b=2")),
            ("https://shop.example/app#/a://b", "https://shop.example", "/app#/a://b", None),
            ("https://shop.example", "https://shop.example", "/", None),
            ("https://shop.example?x", "https://shop.example", "/", Some("x")),
            ("https://shop.example/?#", "https://shop.example", "/", None),
            ("/only/path", "", "/only/path", None),
            ("", "", "/", None),
            ("\0", "", "/", None),
            ("https://shop.example\0?\0#\0", "https://shop.example", "/", None),
        ] {
            let place = Place::parse(url);
            assert_eq!((place.host(), place.path(), place.query()), (host, path, query), "{url}");
        }
    }

    #[test]
    fn text_is_cut_at_a_character_and_loses_its_zeros() {
        assert_eq!(storable("aéb", 2), "a");
        assert_eq!(storable("a\0b", 9), "ab");
    }

    #[test]
    fn sizes_that_make_no_sense_are_clamped() {
        let extent = Extent::new(f64::NAN, 1e12);
        assert_eq!((extent.w(), extent.h()), (0, MAX_PX));
        assert_eq!(Extent::new(-5.0, f64::NEG_INFINITY), Extent::default());
    }
}
