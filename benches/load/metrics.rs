use std::collections::BTreeMap;

/// What `/metrics` said at one moment.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    /// Reads the text format. Lines that it doesn't understand are left out.
    pub fn parse(text: &str) -> Self {
        Self { samples: text.lines().filter(|line| !line.starts_with('#')).filter_map(sample).collect() }
    }

    /// Is there a sample of this name?
    pub fn has(&self, name: &str) -> bool {
        self.samples.iter().any(|sample| sample.name == name)
    }

    /// Sum over all labels; 0 where there is none.
    pub fn sum(&self, name: &str) -> f64 {
        self.sum_where(name, &[])
    }

    /// Sum of the samples that have these labels.
    pub fn sum_where(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            sample.name == name && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|is| is == value))
        };
        self.samples.iter().filter(has).map(|sample| sample.value).sum()
    }

    /// The values that a label has anywhere.
    pub fn values_of(&self, label: &str) -> Vec<String> {
        let mut values: Vec<_> = self.samples.iter().filter_map(|sample| sample.labels.get(label).cloned()).collect();
        values.sort();
        values.dedup();
        values
    }

    /// Upper bound of the bucket that holds this share of a histogram's observations; NaN without any.
    pub fn quantile(&self, name: &str, share: f64) -> f64 {
        let bucket = format!("{name}_bucket");
        let mut counts = BTreeMap::<u64, (f64, f64)>::new();
        for sample in self.samples.iter().filter(|sample| sample.name == bucket) {
            let Some(bound) = sample.labels.get("le").and_then(|le| le.replace("+Inf", "inf").parse::<f64>().ok()) else { continue };
            counts.entry(bound.to_bits()).or_insert((bound, 0.0)).1 += sample.value;
        }
        let total = counts.values().map(|(_, count)| *count).fold(0.0, f64::max);
        if total == 0.0 {
            return f64::NAN;
        }
        counts.values().find(|(_, count)| *count >= share * total).map_or(f64::INFINITY, |(bound, _)| *bound)
    }

    /// Received less all that became of it: 0 when nothing disappeared.
    pub fn missing(&self, labels: &[(&str, &str)]) -> f64 {
        let sum = |name: &str| self.sum_where(name, labels);
        sum("mousetrail_frames_received_total")
            - sum("mousetrail_frames_committed_total")
            - sum("mousetrail_frames_duplicate_total")
            - sum("mousetrail_frames_rejected_total")
            - sum("mousetrail_frames_in_flight")
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (key, value) = match line.rsplit_once('}') {
        Some((key, value)) => (key, value),
        None => line.split_once(' ')?,
    };
    let value = value.split_whitespace().next()?.parse().ok()?;
    let (name, labels) = key.split_once('{').unwrap_or((key, ""));
    let labels = labels
        .split(',')
        .filter_map(|label| label.split_once('='))
        .map(|(label, value)| (label.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect();
    Some(Sample { name: name.to_owned(), labels, value })
}
