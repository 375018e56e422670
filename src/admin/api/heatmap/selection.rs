use std::collections::HashMap;
use std::ops::Range;

use chrono::NaiveDate;

use crate::admin::Error;
use crate::admin::page::{days_of, is_one};
use crate::analysis::heat::{ElementKey, HeatKind, PointerClass};
use crate::event::Device;
use crate::query::{Referrer, Segment, Visits, Width};

/// Longest text to filter by, bytes.
const MAX_TEXT: usize = 2_048;
/// Keys of elements have 48 bits.
const MAX_KEY: i64 = (1 << 48) - 1;

/// Parameters of an url: what is left out has a default, and so has what is empty, because forms send empty fields.
pub struct Parameters(HashMap<String, String>);

/// The pages of a map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Of {
    /// The page with this path.
    Page(String),
    /// The pages of this template.
    Template(String),
}

impl Parameters {
    /// Of several values of a name the first counts. What has no meaning here is not looked at: pages keep other things in their urls.
    pub fn new(pairs: Vec<(String, String)>) -> Result<Self, Error> {
        if pairs.iter().any(|(_, value)| value.contains('\0') || value.len() > MAX_TEXT) {
            return Err(Error::Invalid("A value has at most 2048 bytes, and none of them is zero."));
        }
        let mut values = HashMap::new();
        for (name, value) in pairs {
            values.entry(name).or_insert(value);
        }
        Ok(Self(values))
    }

    /// The same as the other side of a comparison says it: by names with `b_` before them, and as the first side where it says nothing.
    pub fn other_side(&self) -> Self {
        let mut values = self.0.clone();
        for (name, value) in &self.0 {
            if let Some(name) = name.strip_prefix("b_") {
                values.insert(name.to_owned(), value.clone());
            }
        }
        Self(values)
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Page or template.
    pub fn of(&self) -> Result<Of, Error> {
        match (self.get("page"), self.get("template")) {
            (Some(path), None) => Ok(Of::Page(path.to_owned())),
            (None, Some(template)) => Ok(Of::Template(template.to_owned())),
            (None, None) => Err(Error::Invalid("A heatmap needs a page: its path, or a template such as /product/:id.")),
            (Some(_), Some(_)) => Err(Error::Invalid("A heatmap shows a page or a template: leave one of the two out.")),
        }
    }

    /// What is shown.
    pub fn kind(&self) -> Result<HeatKind, Error> {
        const WRONG: Error = Error::Invalid("A heatmap shows movement, attention, click, first_click, rage, dead, hesitation or reach.");
        self.get("kind").map_or(Ok(HeatKind::Movement), |name| HeatKind::from_name(name).ok_or(WRONG))
    }

    /// Class of device.
    pub fn device(&self) -> Result<Device, Error> {
        let Some(name) = self.get("device") else { return Ok(Device::Desktop) };
        let known = [Device::Desktop, Device::Tablet, Device::Phone].into_iter().find(|device| device.name() == name);
        known.ok_or(Error::Invalid("A device is desktop, tablet or phone."))
    }

    /// Class of pointers.
    pub fn pointer(&self) -> Result<Option<PointerClass>, Error> {
        let pointer = |name| PointerClass::from_name(name).ok_or(Error::Invalid("A pointer is mouse, touch or pen."));
        self.get("pointer").map(pointer).transpose()
    }

    /// One of the site's classes of widths, or all.
    pub fn width(&self, classes: &[Range<i32>]) -> Result<Width, Error> {
        let Some(text) = self.get("width") else { return Ok(Width::Busiest) };
        if text == "all" {
            return Ok(Width::All);
        }
        let class = range(text).and_then(|(from, to)| classes.iter().find(|class| (class.start, last(class)) == (from, to)));
        let wrong =
            Error::Invalid("A width is all, or a class of widths of this site as the answer lists them, such as 768-1023 or 1536-.");
        class.map(|class| Width::Class(class.clone())).ok_or(wrong)
    }

    /// Key of an element.
    pub fn key(&self, name: &str) -> Result<Option<ElementKey>, Error> {
        let key = |text: &str| {
            let number = text.parse().ok().filter(|number| (1..=MAX_KEY).contains(number));
            number.map(ElementKey).ok_or(Error::Invalid("An element or overlay is given by its id, a number that the heatmap lists."))
        };
        self.get(name).map(key).transpose()
    }

    /// A number of px from 0 on.
    pub fn px(&self, name: &str) -> Result<Option<f64>, Error> {
        let px = |text: &str| {
            let number = text.parse::<f64>().ok().filter(|number| (0.0..=1e6).contains(number));
            number.ok_or(Error::Invalid("A place is given in CSS px from the left and from the top of the map, such as x=200&y=1400."))
        };
        self.get(name).map(px).transpose()
    }

    /// Which page views; `converted` is left open, because only the store knows pages.
    pub fn segment(&self, today: NaiveDate) -> Result<Segment, Error> {
        let (from, to) = days_of(self.get("from"), self.get("to"), today)?;
        Ok(Segment {
            viewport: self.viewport()?,
            browser: self.get("browser").map(str::to_owned),
            country: self.country()?,
            referrer: self.referrer()?,
            tag: self.tag()?,
            visits: self.visits()?,
            clicked: self.key("clicked")?,
            suspects: is_one(self.get("suspect"))?,
            ..Segment::of_days(from, to)
        })
    }

    /// Path or template that sessions have to have viewed.
    pub fn converted(&self) -> Result<Option<&str>, Error> {
        match self.get("converted") {
            Some(path) if !path.starts_with('/') => {
                Err(Error::Invalid("Converted names a page by its path, such as /thanks, or a template."))
            }
            path => Ok(path),
        }
    }

    fn viewport(&self) -> Result<Option<(i32, i32)>, Error> {
        let wrong = || Error::Invalid("A viewport is a range of widths in px, such as 1000-1400, 1280- or 0-767.");
        self.get("viewport").map(|text| range(text).filter(|(from, to)| from <= to).ok_or_else(wrong)).transpose()
    }

    fn country(&self) -> Result<Option<String>, Error> {
        let Some(text) = self.get("country") else { return Ok(None) };
        if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(Error::Invalid("A country is given by its two letters, such as DE."));
        }
        Ok(Some(text.to_ascii_uppercase()))
    }

    fn referrer(&self) -> Result<Option<Referrer>, Error> {
        match self.get("referrer") {
            None => Ok(None),
            Some("none") => Ok(Some(Referrer::Direct)),
            Some(host) if host.contains(['/', ' ']) => Err(Error::Invalid("A referrer is a host such as example.com, or none.")),
            Some(host) => Ok(Some(Referrer::Host(host.to_owned()))),
        }
    }

    fn tag(&self) -> Result<Option<(String, Option<String>)>, Error> {
        let Some(text) = self.get("tag") else { return Ok(None) };
        let (name, value) = text.split_once(':').map_or((text, None), |(name, value)| (name, Some(value)));
        if name.is_empty() {
            return Err(Error::Invalid("A tag is given by its name, or by name:value."));
        }
        Ok(Some((name.to_owned(), value.map(str::to_owned))))
    }

    fn visits(&self) -> Result<Option<Visits>, Error> {
        self.get("visits").map(|name| Visits::from_name(name).ok_or(Error::Invalid("Visits are new or returning."))).transpose()
    }
}

/// The last width of a class; `i32::MAX` for the last one.
pub fn last(class: &Range<i32>) -> i32 {
    if class.end == i32::MAX { i32::MAX } else { class.end - 1 }
}

/// `from-to`, or `from-` without an end.
fn range(text: &str) -> Option<(i32, i32)> {
    let number = |text: &str| text.parse::<i32>().ok().filter(|number| *number >= 0);
    let (from, to) = text.split_once('-')?;
    Some((number(from)?, if to.is_empty() { i32::MAX } else { number(to)? }))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike as _, Days};

    use super::*;

    fn parameters(query: &[(&str, &str)]) -> Parameters {
        Parameters::new(query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).unwrap()
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 28).unwrap()
    }

    #[test]
    fn what_is_left_out_or_empty_has_a_default() {
        let it = parameters(&[("browser", ""), ("page", "/a")]);
        assert_eq!(it.segment(today()).unwrap(), Segment::of_days(today() - Days::new(27), today()));
        assert_eq!((it.kind().unwrap(), it.device().unwrap(), it.pointer().unwrap()), (HeatKind::Movement, Device::Desktop, None));
        assert_eq!((it.of().unwrap(), it.width(&[]).unwrap()), (Of::Page("/a".to_owned()), Width::Busiest));
    }

    #[test]
    fn every_filter_is_read() {
        let it = parameters(&[
            ("from", "2026-11-01"),
            ("to", "2026-11-02"),
            ("viewport", "1000-"),
            ("browser", "Firefox 141"),
            ("country", "de"),
            ("referrer", "none"),
            ("tag", "plan:a:b"),
            ("visits", "returning"),
            ("clicked", "77"),
            ("suspect", "1"),
        ]);
        let segment = it.segment(today()).unwrap();
        assert_eq!((segment.from.day(), segment.to.day(), segment.viewport), (1, 2, Some((1_000, i32::MAX))));
        assert_eq!((segment.browser.as_deref(), segment.country.as_deref()), (Some("Firefox 141"), Some("DE")));
        assert_eq!(segment.referrer, Some(Referrer::Direct));
        assert_eq!(segment.tag, Some(("plan".to_owned(), Some("a:b".to_owned()))));
        assert_eq!((segment.visits, segment.clicked, segment.suspects), (Some(Visits::Returning), Some(ElementKey(77)), true));
    }

    #[test]
    fn the_other_side_is_the_first_one_but_for_what_it_says() {
        let it = parameters(&[("browser", "Edge"), ("country", "DE"), ("b_browser", "Firefox"), ("b_country", ""), ("visits", "new")]);
        let other = it.other_side().segment(today()).unwrap();
        assert_eq!((other.browser.as_deref(), other.country, other.visits), (Some("Firefox"), None, Some(Visits::New)));
    }

    #[test]
    fn a_width_is_one_of_the_classes() {
        let classes = [0..480, 480..i32::MAX];
        let width = |text| parameters(&[("width", text)]).width(&classes);
        assert_eq!(width("0-479").unwrap(), Width::Class(0..480));
        assert_eq!(width("480-").unwrap(), Width::Class(480..i32::MAX));
        assert_eq!(width("all").unwrap(), Width::All);
        for wrong in ["0-480", "480", "wide", "-", "480-479", "99999999999-"] {
            assert!(width(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_would() {
        for (name, value) in [
            ("from", "yesterday"),
            ("from", "2026-12-01"),
            ("to", "-200000-01-01"),
            ("viewport", "wide"),
            ("viewport", "1400-1000"),
            ("country", "Germany"),
            ("referrer", "https://example.com/"),
            ("tag", ":x"),
            ("visits", "old"),
            ("clicked", "0"),
            ("clicked", "281474976710656"),
            ("suspect", "yes"),
        ] {
            assert!(matches!(parameters(&[(name, value)]).segment(today()), Err(Error::Invalid(_))), "{name}={value}");
        }
        assert!(parameters(&[]).of().is_err() && parameters(&[("page", "/"), ("template", "/*")]).of().is_err());
        assert!(parameters(&[("kind", "anger")]).kind().is_err() && parameters(&[("device", "watch")]).device().is_err());
        assert!(parameters(&[("pointer", "nose")]).pointer().is_err() && parameters(&[("x", "NaN")]).px("x").is_err());
        assert!(parameters(&[("converted", "thanks")]).converted().is_err());
        assert!(Parameters::new(vec![("browser".to_owned(), "a\0b".to_owned())]).is_err());
    }
}
