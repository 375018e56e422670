use std::time::Duration;

/// How much the collector takes from whom.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// WebSockets open at a time.
    pub connections: usize,
    /// Of them from one address (IPv6: one /64).
    pub connections_per_address: usize,
    /// Of them from one prefix (/24, /48).
    pub connections_per_prefix: usize,
    /// Of them for one site; 0: no limit of its own.
    pub connections_per_site: usize,
    /// Frames a second from one WebSocket.
    pub frames_per_second: u32,
    /// Frames that one WebSocket may send at once after a pause.
    pub frames_burst: u32,
    /// POSTs a second from one address.
    pub posts_per_second: u32,
    /// New page views a minute from one address.
    pub page_views_per_minute: u32,
    /// Frames a minute for one site; 0: no limit.
    pub frames_per_minute_per_site: u32,
    /// Parts of recordings that come at a time, and with them the memory that they take: 1 MiB each; 0: none are taken.
    pub uploads: usize,
    /// From the opening of a WebSocket to its hello.
    pub hello_timeout: Duration,
    /// For a message that has begun.
    pub message_timeout: Duration,
    /// Silence before a client is pinged.
    pub ping: Duration,
    /// How long a pinged client has to answer.
    pub pong: Duration,
}

// The defaults of a collector are those of the configuration; a test sets what it is about.
#[cfg(test)]
impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            connections_per_address: 20,
            connections_per_prefix: 400,
            connections_per_site: 0,
            frames_per_second: 20,
            frames_burst: 200,
            posts_per_second: 20,
            page_views_per_minute: 600,
            frames_per_minute_per_site: 0,
            uploads: 0,
            hello_timeout: Duration::from_secs(5),
            message_timeout: Duration::from_secs(10),
            ping: Duration::from_secs(25),
            pong: Duration::from_secs(10),
        }
    }
}
