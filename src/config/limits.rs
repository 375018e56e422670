use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;

/// Files that stay free for Postgres, the admin pages, health checks and the log when visitors take all that they may.
pub const RESERVED_FILES: usize = 160;
/// Connections that may be open beside those of visitors: admin pages, live views (64 at most), health checks, POSTs.
pub const HTTP_CONNECTIONS: usize = 128;
const MOST_CONNECTIONS: usize = 20_000;

/// Names each limit once: as an option that may be given, and as a value that is settled.
macro_rules! limits {
    ($( $(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr, $env:literal; )*) => {
        /// What of the limits was given. Keys of `[limits]` in the configuration file.
        #[derive(Debug, Clone, Default, PartialEq, Deserialize, clap::Args)]
        #[serde(deny_unknown_fields, default)]
        #[command(next_help_heading = "Limits")]
        pub struct LimitOptions {
            $( $(#[doc = $doc])+ #[arg(long, env = $env, global = true)] pub $name: Option<$kind>, )*
        }

        /// How much the collector takes from whom.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Limits {
            $( $(#[doc = $doc])+ pub $name: $kind, )*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $( $name: $default, )* }
            }
        }

        impl LimitOptions {
            /// What was given here, or else in the file, or else the default.
            pub(super) fn or(self, file: Self) -> Limits {
                Limits { $( $name: self.$name.or(file.$name).unwrap_or($default), )* }
            }
        }
    };
}

limits! {
    /// WebSockets open at a time; 0: as many as the open-file limit leaves room for, at most 20,000 [default: 0]
    max_connections: usize = 0, "MOUSETRAIL_MAX_CONNECTIONS";
    /// WebSockets at a time from one address (IPv6: one /64) [default: 20]
    max_connections_per_address: usize = 20, "MOUSETRAIL_MAX_CONNECTIONS_PER_ADDRESS";
    /// WebSockets at a time from one prefix (IPv4: /24, IPv6: /48) [default: 400]
    max_connections_per_prefix: usize = 400, "MOUSETRAIL_MAX_CONNECTIONS_PER_PREFIX";
    /// WebSockets at a time for one site; 0: no limit of its own [default: 0]
    max_connections_per_site: usize = 0, "MOUSETRAIL_MAX_CONNECTIONS_PER_SITE";
    /// Frames a second from one WebSocket; what is faster waits unread [default: 20]
    frames_per_second: u32 = 20, "MOUSETRAIL_FRAMES_PER_SECOND";
    /// Frames that one WebSocket may send at once after a pause [default: 200]
    frames_burst: u32 = 200, "MOUSETRAIL_FRAMES_BURST";
    /// POSTs a second from one address, and ten times as many at once after a pause [default: 20]
    posts_per_second: u32 = 20, "MOUSETRAIL_POSTS_PER_SECOND";
    /// New page views a minute from one address [default: 600]
    page_views_per_minute: u32 = 600, "MOUSETRAIL_PAGE_VIEWS_PER_MINUTE";
    /// Frames a minute for one site, counted when they arrive; 0: no limit [default: 0]
    frames_per_minute_per_site: u32 = 0, "MOUSETRAIL_FRAMES_PER_MINUTE_PER_SITE";
    /// MiB of frames that may wait for Postgres [default: 64]
    queue_mib: usize = 64, "MOUSETRAIL_QUEUE_MIB";
    /// Frames in one transaction [default: 1000]
    batch_chunks: usize = 1_000, "MOUSETRAIL_BATCH_CHUNKS";
    /// KiB of frames in one transaction [default: 1024]
    batch_kib: usize = 1_024, "MOUSETRAIL_BATCH_KIB";
    /// Longest that a frame waits for others before it is written, ms [default: 50]
    batch_ms: u64 = 50, "MOUSETRAIL_BATCH_MS";
    /// Connections to Postgres for visitors' data [default: 8]
    ingest_pool: u32 = 8, "MOUSETRAIL_INGEST_POOL";
    /// Connections to Postgres for the admin pages [default: 8]
    admin_pool: u32 = 8, "MOUSETRAIL_ADMIN_POOL";
    /// Seconds for the head of a request [default: 5]
    header_timeout_s: u64 = 5, "MOUSETRAIL_HEADER_TIMEOUT_S";
    /// Seconds from a WebSocket's opening to its hello [default: 5]
    hello_timeout_s: u64 = 5, "MOUSETRAIL_HELLO_TIMEOUT_S";
    /// Seconds for a message that has begun [default: 10]
    message_timeout_s: u64 = 10, "MOUSETRAIL_MESSAGE_TIMEOUT_S";
    /// Seconds of silence before a client is pinged [default: 25]
    ping_s: u64 = 25, "MOUSETRAIL_PING_S";
    /// Seconds that a pinged client has to answer [default: 10]
    pong_s: u64 = 10, "MOUSETRAIL_PONG_S";
}

impl Limits {
    /// Bytes of frames that may wait for Postgres.
    pub fn queue_bytes(&self) -> usize {
        self.queue_mib << 20
    }

    /// Bytes of frames in one transaction.
    pub fn batch_bytes(&self) -> usize {
        self.batch_kib << 10
    }

    /// Longest that a frame waits for others.
    pub fn batch_time(&self) -> Duration {
        Duration::from_millis(self.batch_ms)
    }

    /// Fills in what follows from the machine, and refuses what can't work on it. `open_files`: how many this process may have open.
    pub(super) fn settle(mut self, open_files: usize) -> Result<Self, ConfigError> {
        let invalid = |option, reason: String| Err(ConfigError::Invalid { option, reason });
        let needed = RESERVED_FILES + HTTP_CONNECTIONS + (self.ingest_pool + self.admin_pool) as usize;
        let room = open_files.saturating_sub(needed);
        match self.max_connections {
            _ if room < 16 => {
                let least = needed + 16;
                return invalid(
                    "max-connections",
                    format!("this process may open {open_files} files, and needs at least {least}: raise `ulimit -n`"),
                );
            }
            0 => self.max_connections = room.min(MOST_CONNECTIONS),
            wanted if wanted > room => {
                return invalid(
                    "max-connections",
                    format!(
                        "{wanted} need {} open files, but this process may have {open_files}: raise `ulimit -n`, or ask for at most {room}",
                        wanted + needed
                    ),
                );
            }
            _ => {}
        }
        for (option, value) in [
            ("max-connections-per-address", self.max_connections_per_address as u64),
            ("max-connections-per-prefix", self.max_connections_per_prefix as u64),
            ("frames-per-second", self.frames_per_second.into()),
            ("frames-burst", self.frames_burst.into()),
            ("posts-per-second", self.posts_per_second.into()),
            ("page-views-per-minute", self.page_views_per_minute.into()),
            ("batch-chunks", self.batch_chunks as u64),
            ("batch-kib", self.batch_kib as u64),
            ("ingest-pool", self.ingest_pool.into()),
            ("admin-pool", self.admin_pool.into()),
            ("header-timeout-s", self.header_timeout_s),
            ("hello-timeout-s", self.hello_timeout_s),
            ("message-timeout-s", self.message_timeout_s),
            ("ping-s", self.ping_s),
            ("pong-s", self.pong_s),
        ] {
            if value == 0 {
                return invalid(option, "0 would let nothing through; leave it out for the default".to_owned());
            }
        }
        // The writer, and one connection for those who look something up meanwhile.
        if self.ingest_pool < 2 {
            return invalid("ingest-pool", "has to be at least 2".to_owned());
        }
        if self.batch_ms > 5_000 {
            return invalid("batch-ms", "clients send again what isn't acknowledged within 20 s: at most 5000".to_owned());
        }
        if !(2..=65_536).contains(&self.queue_mib) {
            return invalid("queue-mib", "has to be 2 to 65536".to_owned());
        }
        // A batch has to fit into the queue at the fill at which sockets are no longer read, or it would never come together.
        if self.batch_bytes() * 2 > self.queue_bytes() {
            return invalid("batch-kib", format!("can be at most {}: half of queue-mib", self.queue_bytes() >> 11));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(change: impl FnOnce(&mut Limits), open_files: usize) -> Result<Limits, String> {
        let mut limits = Limits::default();
        change(&mut limits);
        limits.settle(open_files).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_wish_visitors_get_what_the_open_file_limit_leaves() {
        assert_eq!(settle(|_| {}, 1_000_000).unwrap().max_connections, 20_000);
        assert_eq!(settle(|_| {}, 512).unwrap().max_connections, 512 - RESERVED_FILES - HTTP_CONNECTIONS - 16);
    }

    #[test]
    fn what_can_not_work_is_refused_by_name() {
        type Change = fn(&mut Limits);
        let cases: [(&str, usize, Change); 8] = [
            ("max-connections", 1_000, |l| l.max_connections = 5_000),
            ("max-connections", 100, |_| {}),
            ("batch-kib", 20_000, |l| (l.queue_mib, l.batch_kib) = (2, 4_096)),
            ("queue-mib", 20_000, |l| l.queue_mib = 0),
            ("frames-per-second", 20_000, |l| l.frames_per_second = 0),
            ("batch-ms", 20_000, |l| l.batch_ms = 60_000),
            ("hello-timeout-s", 20_000, |l| l.hello_timeout_s = 0),
            ("ingest-pool", 20_000, |l| l.ingest_pool = 1),
        ];
        for (option, open_files, change) in cases {
            let error = settle(change, open_files).unwrap_err();
            assert!(error.starts_with(option), "{option}: {error}");
        }
    }
}
