use std::fmt::Write as _;

/// What the address of a heatmap can say, in the order in which links say it. The parameters with `b_` are of the other side of a comparison.
const NAMES: [&str; 34] = [
    "page",
    "template",
    "kind",
    "from",
    "to",
    "device",
    "pointer",
    "width",
    "overlay",
    "viewport",
    "browser",
    "country",
    "referrer",
    "tag",
    "visits",
    "clicked",
    "converted",
    "suspect",
    "compare",
    "b_from",
    "b_to",
    "b_viewport",
    "b_browser",
    "b_country",
    "b_referrer",
    "b_tag",
    "b_visits",
    "b_clicked",
    "b_converted",
    "b_suspect",
    "palette",
    "scale",
    "smooth",
    "opacity",
];
/// Parameters that say how a heatmap is drawn, and nothing of what is in it.
const VIEW: [&str; 5] = ["compare", "palette", "scale", "smooth", "opacity"];

/// The address of a heatmap: everything that was chosen, so that it can be kept, sent, and gone back to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    site_id: i32,
    values: Vec<(&'static str, String)>,
}

impl Address {
    /// Of the parameters of a query: those that mean something, the first of each name. An empty field of a form says nothing.
    pub fn new(site_id: i32, query: &[(String, String)]) -> Self {
        let value = |name: &&'static str| query.iter().find(|pair| pair.0 == *name && !pair.1.trim().is_empty());
        let values = NAMES.iter().filter_map(|name| Some((*name, value(name)?.1.trim().to_owned()))).collect();
        Self { site_id, values }
    }

    /// What it says of this.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// The site.
    pub fn site_id(&self) -> i32 {
        self.site_id
    }

    /// The same with another value; without the parameter where the value is empty.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let at = |name: &str| NAMES.iter().position(|known| *known == name);
        let mut new = self.clone();
        new.values.retain(|pair| pair.0 != name);
        if let (Some(place), false) = (at(name), value.is_empty()) {
            let before = new.values.iter().take_while(|pair| at(pair.0) < Some(place)).count();
            new.values.insert(before, (NAMES[place], value.to_owned()));
        }
        new
    }

    /// The same without some parameters.
    pub fn without(&self, names: &[&str]) -> Self {
        let mut new = self.clone();
        new.values.retain(|pair| !names.contains(&pair.0));
        new
    }

    /// The same without the other side of the comparison.
    pub fn alone(&self) -> Self {
        let mut new = self.clone();
        new.values.retain(|pair| pair.0 != "compare" && !pair.0.starts_with("b_"));
        new
    }

    /// Is there another side?
    pub fn is_compared(&self) -> bool {
        self.get("compare").is_some()
    }

    /// What a form has to carry along, besides the fields that it asks for itself.
    pub fn hidden(&self, asked: &[&str]) -> Vec<(&'static str, &str)> {
        self.values.iter().filter(|pair| !asked.contains(&pair.0)).map(|pair| (pair.0, pair.1.as_str())).collect()
    }

    /// The query alone.
    pub fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in &self.values {
            let mark = if query.is_empty() { "" } else { "&" };
            let value = askama::filters::urlencode(value).map(|value| value.to_string()).unwrap_or_default();
            // A plus sign would be read as a space.
            let _ = write!(query, "{mark}{name}={}", value.replace('+', "%2B"));
        }
        query
    }

    /// The page.
    pub fn href(&self) -> String {
        format!("/sites/{}/heatmap?{}", self.site_id, self.query())
    }

    /// Where the JSON API has what this page shows.
    pub fn data_url(&self) -> String {
        format!("/api/v1{}", self.alone().without(&VIEW).href())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(query: &[(&str, &str)]) -> Address {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Address::new(3, &query)
    }

    #[test]
    fn it_keeps_what_it_knows_in_its_own_order() {
        let it = address(&[("kind", "rage"), ("page", "/a&b"), ("nonsense", "1"), ("tag", " "), ("kind", "click")]);
        assert_eq!(it.href(), "/sites/3/heatmap?page=/a%26b&kind=rage");
        assert_eq!(it.with("device", "phone").with("page", "/").href(), "/sites/3/heatmap?page=/&kind=rage&device=phone");
        assert_eq!(it.with("kind", "").href(), "/sites/3/heatmap?page=/a%26b");
        assert_eq!(it.with("nonsense", "1"), it);
    }

    #[test]
    fn the_api_is_asked_for_the_first_side_only_and_not_how_to_draw_it() {
        let it = address(&[("page", "/"), ("compare", "side"), ("b_browser", "Firefox"), ("palette", "grey"), ("browser", "Edge")]);
        assert!(it.is_compared() && !it.alone().is_compared());
        assert_eq!(it.data_url(), "/api/v1/sites/3/heatmap?page=/&browser=Edge");
    }

    #[test]
    fn what_would_be_read_as_something_else_is_written_so_that_it_is_not() {
        assert_eq!(address(&[("page", "/1+1 =?#%<\"ü")]).query(), "page=/1%2B1%20%3D%3F%23%25%3C%22%C3%BC");
    }
}
