use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Tries at once for one account, and how long each takes to come back.
const PER_ACCOUNT: (NonZeroU32, Duration) = (NonZeroU32::new(5).unwrap(), Duration::from_secs(30));
/// The same for one network, behind which several people may sit.
const PER_NETWORK: (NonZeroU32, Duration) = (NonZeroU32::new(20).unwrap(), Duration::from_secs(6));
/// Keys that are remembered before those that have recovered are swept.
const SWEEP_AT: usize = 4_096;

/// Bounds the tries to sign in, by account and by network.
pub struct Throttle {
    accounts: DefaultKeyedRateLimiter<u64>,
    networks: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        let quota =
            |(burst, each): (NonZeroU32, Duration)| Quota::with_period(each).unwrap_or_else(|| Quota::per_minute(burst)).allow_burst(burst);
        Self { accounts: RateLimiter::keyed(quota(PER_ACCOUNT)), networks: RateLimiter::keyed(quota(PER_NETWORK)) }
    }
}

impl Throttle {
    /// Counts a try; how long to wait where there were too many.
    pub fn try_sign_in(&self, email: &str, from: Option<IpAddr>) -> Result<(), Duration> {
        if self.accounts.len() + self.networks.len() > SWEEP_AT {
            self.accounts.retain_recent();
            self.networks.retain_recent();
        }
        let mut hasher = DefaultHasher::new();
        email.to_lowercase().hash(&mut hasher);
        let wait = |until: governor::NotUntil<_>| until.wait_time_from(DefaultClock::default().now());
        if let Some(address) = from {
            self.networks.check_key(&network(address)).map_err(wait)?;
        }
        self.accounts.check_key(&hasher.finish()).map_err(wait)
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

/// The /24 or /64 of an address: who has one address of it usually has them all.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            [a, b, c, 0].into()
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_for_an_account_has_to_wait_and_others_do_not() {
        let throttle = Throttle::default();
        let from = |host: u8| Some(IpAddr::from([192, 0, host, 7]));
        for host in 0..5 {
            assert_eq!(throttle.try_sign_in("a@example.com", from(host)), Ok(()));
        }
        let wait = throttle.try_sign_in("A@example.com", from(9)).unwrap_err();
        assert!(wait <= Duration::from_secs(30) && wait > Duration::from_secs(20), "{wait:?}");
        assert_eq!(throttle.try_sign_in("b@example.com", from(9)), Ok(()));
    }

    #[test]
    fn a_network_is_bounded_over_all_accounts() {
        let throttle = Throttle::default();
        let tries = (0..25).map(|n| throttle.try_sign_in(&format!("{n}@example.com"), Some([10, 0, 0, n].into())));
        assert_eq!(tries.filter(Result::is_ok).count(), 20);
        assert_eq!(network("::ffff:10.1.2.3".parse().unwrap()), IpAddr::from([10, 1, 2, 0]));
        assert_eq!(network("2001:db8:1:2:3::9".parse().unwrap()), "2001:db8:1:2::".parse::<IpAddr>().unwrap());
    }
}
