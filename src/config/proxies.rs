use std::net::IpAddr;

use ipnet::IpNet;

/// Addresses whose word on who is behind them counts: reverse proxies of our own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<IpNet>,
}

impl Proxies {
    /// Parses addresses and networks such as `127.0.0.1` and `10.0.0.0/8`. The error names the one that is none.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let parse = |text: &str| text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let networks = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
        networks.map(|text| parse(text).ok_or_else(|| text.to_owned())).collect::<Result<_, _>>().map(|networks| Self { networks })
    }

    /// Is there any?
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Is this one of them?
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who is behind a request that came from `peer` with these `X-Forwarded-For` values, oldest header first.
    ///
    /// Each proxy appends the address that it saw, so the list is read from its end for as long as a proxy of ours wrote it: the first
    /// address that is not one of ours is the client. What stands before it the client could have written itself.
    pub fn client<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for text in forwarded.rev().flat_map(|header| header.rsplit(',')) {
            if !self.contains(client) {
                break;
            }
            let Some(address) = parse_forwarded(text.trim()) else { break };
            client = address;
        }
        client
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse_forwarded(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(text, |(address, _)| address);
    let without_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    bare.parse::<IpAddr>().ok().or_else(without_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let proxies = Proxies::parse(["10.0.0.0/8", "::1", "127.0.0.1"]).unwrap();
        proxies.client(peer.parse().unwrap(), forwarded.iter().copied()).to_string()
    }

    #[test]
    fn the_last_address_that_no_proxy_of_ours_has_is_the_client() {
        assert_eq!(client("127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["203.0.113.9, 10.1.2.3"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["203.0.113.9", "10.1.2.3"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["6.6.6.6, 203.0.113.9"]), "203.0.113.9", "the client wrote the first one itself");
        assert_eq!(client("::1", &["[2001:db8::7]:4433"]), "2001:db8::7");
        assert_eq!(client("::ffff:127.0.0.1", &["203.0.113.9:1234"]), "203.0.113.9");
    }

    #[test]
    fn a_stranger_is_not_believed_and_nonsense_ends_the_list() {
        assert_eq!(client("203.0.113.1", &["1.2.3.4"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["1.2.3.4, <script>"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(Proxies::parse(["10.0.0.0/8", "10.0.0.0/99"]), Err("10.0.0.0/99".to_owned()));
    }
}
