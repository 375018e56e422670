use rand::RngExt;
use rand::rngs::StdRng;

/// A draw from the standard normal distribution, cut at 3 standard deviations (Box and Muller 1958).
pub fn normal(rng: &mut StdRng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()).clamp(-3.0, 3.0)
}

/// A positive quantity with this median, such as a pause; `spread` is the standard deviation of its logarithm.
pub fn around(rng: &mut StdRng, median: f64, spread: f64) -> f64 {
    median * (spread * normal(rng)).exp()
}

/// One of `items`, each as often as its weight says. `None` where no weight is positive.
pub fn pick<T: Copy>(rng: &mut StdRng, items: impl IntoIterator<Item = (f64, T)>) -> Option<T> {
    let items: Vec<_> = items.into_iter().filter(|(weight, _)| *weight > 0.0).collect();
    let mut left = rng.random::<f64>() * items.iter().map(|(weight, _)| weight).sum::<f64>();
    for (weight, item) in &items {
        left -= weight;
        if left <= 0.0 {
            return Some(*item);
        }
    }
    items.last().map(|(_, item)| *item)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_pick_follows_the_weights() {
        let mut rng = StdRng::seed_from_u64(1);
        let heads = (0..4_000).filter(|_| pick(&mut rng, [(3.0, true), (1.0, false), (0.0, false)]) == Some(true)).count();
        assert!((2_850..3_150).contains(&heads), "{heads}");
        assert_eq!(pick::<u8>(&mut rng, []), None);
    }
}
