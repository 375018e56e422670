use chrono::Days;

use super::filter::{chips, names};
use super::{HeatmapPage, days};

/// What the page says of a comparison. A is what the address says, B the same but for what it says with `b_`.
impl HeatmapPage {
    pub(super) fn beside_other_side(&self) -> Vec<(&'static str, &str)> {
        let mut asked = names("b_");
        asked.extend(["b_from", "b_to", "compare"].map(str::to_owned));
        self.address.hidden(&asked.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// As `side` or as `difference`; empty where nothing is compared.
    pub(super) fn compare(&self) -> &str {
        self.address.get("compare").unwrap_or_default()
    }

    pub(super) fn url_of_compare(&self, compare: &str) -> String {
        self.address.with("compare", compare).href()
    }

    /// Without the other side. What came later stays: who compared days with those before wants to go on with them.
    pub(super) fn url_alone(&self) -> String {
        let later = |name: &str| self.address.get(&format!("b_{name}")).or(self.address.get(name)).unwrap_or_default().to_owned();
        self.address.with("from", &later("from")).with("to", &later("to")).alone().href()
    }

    /// Comparisons that are one click away.
    pub(super) fn comparisons(&self) -> Vec<(String, &'static str)> {
        let alone = self.address.alone().with("compare", "side");
        let length = Days::new((self.to - self.from).num_days().unsigned_abs() + 1);
        let days = [("b_from", self.from), ("b_to", self.to), ("from", self.from - length), ("to", self.to - length)];
        let before = days.iter().fold(alone.clone(), |address, (name, day)| address.with(name, &day.to_string()));
        let against = |name: &str, a: &str, b: &str| alone.with(name, a).with(&format!("b_{name}"), b).href();
        vec![
            (before.href(), "With the days before"),
            (against("visits", "new", "returning"), "First visits with those who came back"),
            (against("viewport", "0-1279", "1280-"), "Windows below 1280 px with wider ones"),
        ]
    }

    /// A side of the comparison in words: its days, and what it is filtered by.
    pub(super) fn side(&self, prefix: &str) -> String {
        // What B leaves open is as in A.
        let said = names("").into_iter().chain(["from", "to"].map(str::to_owned));
        let address = said.fold(self.address.clone(), |address, name| match self.address.get(&format!("{prefix}{name}")) {
            Some(value) => address.with(&name, value),
            None => address,
        });
        let day = |name: &str, default| address.get(name).and_then(|day| day.parse().ok()).unwrap_or(default);
        let mut parts = vec![days(day("from", self.from), day("to", self.to))];
        parts.extend(chips(&address, "").into_iter().map(|chip| format!("{} {}", chip.name.to_lowercase(), chip.value)));
        parts.join(", ")
    }

    pub(super) fn day_of_b(&self, name: &str) -> &str {
        self.address.get(name).unwrap_or_default()
    }
}
