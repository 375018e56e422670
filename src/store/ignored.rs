use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use super::lease::in_time;
use super::{Store, StoreError};

/// Networks that one site may ignore: each page view of the site is compared with all of them.
const MAX_NETWORKS: i64 = 100;
/// Longest note, characters.
const MAX_NOTE: usize = 100;

/// A network whose visits a site doesn't want.
#[derive(Clone, PartialEq, Debug)]
pub struct IgnoredNetwork {
    /// Such as `203.0.113.0/24`.
    pub network: String,
    /// Whose it is, for people; may be empty.
    pub note: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// The same as somebody typed it, parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewIgnoredNetwork {
    network: IpNet,
    note: String,
}

/// What is wrong with a network. The text is for people.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidNetwork {
    /// Neither an address nor a network.
    #[error("“{0}” is no network. Write it as 203.0.113.0/24, or a single address as 203.0.113.7.")]
    Network(String),
    /// It holds every address there is.
    #[error("That network holds everybody, so nobody would be recorded any more.")]
    Everybody,
    /// The note is too long.
    #[error("A note has at most 100 characters.")]
    Note,
    /// The site has as many as it may have.
    #[error("A site ignores at most 100 networks.")]
    TooMany,
}

impl NewIgnoredNetwork {
    /// Parses an address or a network, and what is said about it. Bits that say which machine of the network it is are cut off.
    pub fn parse(network: &str, note: &str) -> Result<Self, InvalidNetwork> {
        let network = parse_network(network)?;
        let note: String = note.trim().chars().filter(|char| !char.is_control()).collect();
        if note.chars().count() > MAX_NOTE {
            return Err(InvalidNetwork::Note);
        }
        Ok(Self { network, note })
    }
}

fn parse_network(text: &str) -> Result<IpNet, InvalidNetwork> {
    let text = text.trim();
    let parsed = match text.parse::<IpAddr>() {
        // IPv4 that is written as IPv6 is IPv4: that is how peers are compared.
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok().map(|network| network.trunc()),
    };
    match parsed {
        Some(network) if network.prefix_len() == 0 => Err(InvalidNetwork::Everybody),
        Some(network) => Ok(network),
        None => Err(InvalidNetwork::Network(text.chars().take(60).collect())),
    }
}

impl Store {
    /// Ignores a network from now on; what was stored of it stays. Saying it again changes the note.
    pub async fn ignore_network(&self, site_id: i32, new: &NewIgnoredNetwork) -> Result<Result<(), InvalidNetwork>, StoreError> {
        let added = sqlx::query!(
            "insert into core.ignored_network (site_id, network, note)
             select $1, $2::text::cidr, $3
             where (select count(*) from core.ignored_network where site_id = $1 and network <> $2::text::cidr) < $4
             on conflict (site_id, network) do update set note = excluded.note",
            site_id,
            new.network.to_string(),
            new.note,
            MAX_NETWORKS
        );
        let is_added = added.execute(&self.admin).await?.rows_affected() == 1;
        Ok(if is_added { Ok(()) } else { Err(InvalidNetwork::TooMany) })
    }

    /// Ignores it no more; false where it was not ignored.
    pub async fn unignore_network(&self, site_id: i32, network: &str) -> Result<Result<bool, InvalidNetwork>, StoreError> {
        let network = match parse_network(network) {
            Ok(network) => network,
            Err(error) => return Ok(Err(error)),
        };
        let removed =
            sqlx::query!("delete from core.ignored_network where site_id = $1 and network = $2::text::cidr", site_id, network.to_string());
        Ok(Ok(removed.execute(&self.admin).await?.rows_affected() == 1))
    }

    /// The networks that a site ignores, in their order.
    pub async fn list_ignored_networks(&self, site_id: i32) -> Result<Vec<IgnoredNetwork>, StoreError> {
        let rows = sqlx::query_as!(
            IgnoredNetwork,
            r#"select network::text as "network!", note, created_at from core.ignored_network where site_id = $1 order by core.ignored_network.network"#,
            site_id
        );
        Ok(rows.fetch_all(&self.admin).await?)
    }

    /// The same for the collector, to compare with.
    pub async fn find_ignored_networks(&self, site_id: i32) -> Result<Vec<IpNet>, StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let rows = sqlx::query_scalar!(r#"select network::text as "network!" from core.ignored_network where site_id = $1"#, site_id)
                .fetch_all(&mut *lease)
                .await;
            let networks = lease.end(rows.map_err(StoreError::from))?;
            Ok(networks.iter().filter_map(|network| network.parse().ok()).collect())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_written_in_one_way_however_it_was_typed() {
        for (typed, network) in [
            (" 203.0.113.7 ", "203.0.113.7/32"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
            ("2001:db8::1/48", "2001:db8::/48"),
        ] {
            assert_eq!(NewIgnoredNetwork::parse(typed, "").unwrap().network.to_string(), network, "{typed}");
        }
        for wrong in ["", "office", "203.0.113", "203.0.113.0/33", "203.0.113.0/x"] {
            assert_eq!(NewIgnoredNetwork::parse(wrong, ""), Err(InvalidNetwork::Network(wrong.to_owned())));
        }
        assert_eq!(NewIgnoredNetwork::parse("0.0.0.0/0", ""), Err(InvalidNetwork::Everybody));
        assert_eq!(NewIgnoredNetwork::parse("10.0.0.1", &"x".repeat(101)), Err(InvalidNetwork::Note));
    }
}
