/// From a value to a place on the ramp.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum How {
    /// Linear near zero, logarithmic above.
    #[default]
    Log,
    /// By the share of the largest value.
    Linear,
    /// By the share of the cells with less.
    Percentile,
}

impl How {
    /// The scale of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [("log", Self::Log), ("linear", Self::Linear), ("percentile", Self::Percentile)]
            .into_iter()
            .find(|known| known.0 == name)
            .map(|known| known.1)
    }
}

/// A scale for these values: that of templates/assets/lib/scale.ts.
pub struct Scale {
    how: How,
    most: f64,
    /// For percentiles: all values above zero, in their order.
    full: Vec<f32>,
}

impl Scale {
    /// For all of these.
    pub fn new(how: How, values: &[f32]) -> Self {
        let most = most(values);
        let mut full: Vec<f32> = Vec::new();
        if how == How::Percentile {
            full.extend(values.iter().filter(|value| **value > 0.0));
            full.sort_unstable_by(f32::total_cmp);
        }
        Self { how, most: if most > 0.0 { most } else { 1.0 }, full }
    }

    /// The largest value; 1 where there is none.
    pub fn most(&self) -> f64 {
        self.most
    }

    /// Place on the ramp, from 0; 1 for the largest value.
    pub fn place(&self, value: f64) -> f64 {
        match self.how {
            How::Linear => value / self.most,
            How::Log => {
                // log(1 + v/k), where k is a fiftieth of the largest value.
                let k = self.most / 50.0;
                (value / k).ln_1p() / (self.most / k).ln_1p()
            }
            How::Percentile if value <= 0.0 => 0.0,
            How::Percentile => {
                let rank = self.full.partition_point(|known| f64::from(*known) < value);
                (rank as f64 / self.full.len().saturating_sub(1).max(1) as f64).min(1.0)
            }
        }
    }
}

/// The largest of them; 0 for none.
fn most(values: &[f32]) -> f64 {
    values.iter().fold(0.0, |most, value| f64::from(*value).max(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_run_from_none_to_the_largest_value_and_never_fall() {
        let values: Vec<f32> = (0..200).map(|step| (step as f32).powi(3)).collect();
        for how in [How::Log, How::Linear, How::Percentile] {
            let scale = Scale::new(how, &values);
            assert_eq!((scale.place(0.0), scale.place(scale.most())), (0.0, 1.0), "{how:?}");
            let places: Vec<f64> = values.iter().map(|value| scale.place(f64::from(*value))).collect();
            assert!(places.is_sorted(), "{how:?}");
        }
        let log = Scale::new(How::Log, &values);
        assert!(log.place(log.most() / 100.0) > 0.1, "a hundredth is seen");
        assert_eq!(Scale::new(How::Percentile, &[]).place(3.0), 0.0);
    }
}
