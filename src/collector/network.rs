use std::net::IpAddr;

/// A network: the leading bits of an address, and how many they are. Lives in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Network {
    bits: u128,
    length: u8,
}

impl Network {
    /// What limits call one address: IPv4 as it is, of IPv6 the 64 bits that one household has.
    pub(super) fn address(address: IpAddr) -> Self {
        Self::cut(address, 32, 64)
    }

    /// What limits call one prefix, and all that is ever used of a visitor's address beyond the connection: 24 bits of IPv4, 48 of IPv6.
    pub(super) fn prefix(address: IpAddr) -> Self {
        Self::cut(address, 24, 48)
    }

    fn cut(address: IpAddr, v4: u8, v6: u8) -> Self {
        // IPv4 stands where IPv6 maps it, so that no two networks of either kind are one.
        let (bits, length) = match address.to_canonical() {
            IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), 96 + v4),
            IpAddr::V6(address) => (address.to_bits(), v6),
        };
        Self { bits: bits & (u128::MAX << (128 - length)), length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_prefix_and_strangers_nothing() {
        let [a, b, c] = ["192.0.2.77", "192.0.2.78", "192.0.3.77"].map(|text| text.parse().unwrap());
        assert_ne!(Network::address(a), Network::address(b));
        assert_eq!(Network::prefix(a), Network::prefix(b));
        assert_ne!(Network::prefix(a), Network::prefix(c));
        assert_eq!(Network::address(a), Network::address("::ffff:192.0.2.77".parse().unwrap()));
        let [a, b, c] = ["2001:db8:1:2::3", "2001:db8:1:2::4", "2001:db8:1:3::3"].map(|text| text.parse().unwrap());
        assert_eq!(Network::address(a), Network::address(b), "one household");
        assert_ne!(Network::address(a), Network::address(c));
        assert_eq!(Network::prefix(a), Network::prefix(c));
    }
}
