use super::address::Address;

/// A filter that is on: what it says, and the page without it.
pub struct Chip {
    /// What is filtered by.
    pub name: &'static str,
    /// By which value. Of an element it is the key: the script knows the element's name.
    pub value: String,
    /// The same page without it.
    pub without: String,
    /// Does the value stand for an element?
    pub is_element: bool,
}

/// A field of the sheet in which filters are chosen.
pub struct Field {
    /// Parameter of the address, with `b_` for the other side.
    pub name: String,
    /// What it says to people.
    pub label: &'static str,
    /// What it has now.
    pub value: String,
    /// What can be typed, as an example.
    pub example: &'static str,
    /// Values and names to choose from; none where it is typed.
    pub choices: &'static [(&'static str, &'static str)],
    /// What is let through, as a regular expression; empty where all is.
    pub pattern: &'static str,
    /// Id of a list of proposals; empty where there is none.
    pub list: &'static str,
    /// Do the choices come with the map?
    pub is_element: bool,
}

const VISITS: [(&str, &str); 2] = [("new", "First visit"), ("returning", "Came back")];

/// Parameter, what it says in the sheet, what it says on a chip, an example, a pattern.
const FILTERS: [(&str, &str, &str, &str, &str); 8] = [
    ("browser", "Browser", "Browser", "Firefox", ""),
    ("country", "Country, two letters", "Country", "DE", "[A-Za-z]{2}"),
    ("referrer", "Came from", "Came from", "example.com, or none", ""),
    ("tag", "Tag", "Tag", "plan:free", ""),
    ("visits", "Visitor", "Visitor", "", ""),
    ("viewport", "Width of the window, px", "Window", "1000-1400", r"\d{1,5}-\d{0,5}"),
    ("clicked", "Clicked", "Clicked", "", ""),
    ("converted", "Viewed in the same session", "Viewed", "/thanks", "/.*"),
];

/// The parameters that the sheet asks for, and with them what is asked for elsewhere but belongs to the other side of a comparison.
pub fn names(prefix: &str) -> Vec<String> {
    FILTERS.iter().map(|filter| format!("{prefix}{}", filter.0)).collect()
}

/// The filters that are on.
pub fn chips(address: &Address, prefix: &str) -> Vec<Chip> {
    let chip = |filter: &(&'static str, &str, &'static str, &str, &str)| {
        let name = format!("{prefix}{}", filter.0);
        let value = address.get(&name)?;
        let shown = match (filter.0, value) {
            ("visits", "new") => "first visit".to_owned(),
            ("visits", "returning") => "came back".to_owned(),
            ("referrer", "none") => "nowhere".to_owned(),
            ("viewport", value) => match value.split_once('-') {
                Some((from, "")) => format!("from {from} px"),
                Some((from, to)) => format!("{from} to {to} px"),
                None => value.to_owned(),
            },
            (_, value) => value.to_owned(),
        };
        Some(Chip { name: filter.2, value: shown, without: address.with(&name, "").href(), is_element: filter.0 == "clicked" })
    };
    FILTERS.iter().filter_map(chip).collect()
}

/// The fields of the sheet.
pub fn fields(address: &Address, prefix: &str) -> Vec<Field> {
    let field = |(name, label, _, example, pattern): &(&'static str, &'static str, &str, &'static str, &'static str)| {
        let parameter = format!("{prefix}{name}");
        let choices: &'static [(&str, &str)] = match *name {
            "visits" => &VISITS,
            _ => &[],
        };
        Field {
            value: address.get(&parameter).unwrap_or_default().to_owned(),
            name: parameter,
            label,
            example,
            choices,
            pattern,
            list: match *name {
                "browser" => "browsers",
                "country" => "countries",
                "referrer" => "referrers",
                "tag" => "tags",
                "converted" => "paths",
                _ => "",
            },
            is_element: *name == "clicked",
        }
    };
    FILTERS.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_filter_is_a_chip_with_a_link_to_the_page_without_it() {
        let query = [("page", "/"), ("visits", "new"), ("viewport", "1000-"), ("b_visits", "returning")];
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let address = Address::new(1, &query);
        let said: Vec<_> = chips(&address, "").into_iter().map(|chip| (chip.name, chip.value, chip.without)).collect();
        let url = |rest: &str| format!("/sites/1/heatmap?page=/&{rest}b_visits=returning");
        assert_eq!(said[0], ("Visitor", "first visit".to_owned(), url("viewport=1000-&")));
        assert_eq!(said[1], ("Window", "from 1000 px".to_owned(), url("visits=new&")));
        assert_eq!(chips(&address, "b_")[0].without, "/sites/1/heatmap?page=/&viewport=1000-&visits=new");
    }
}
