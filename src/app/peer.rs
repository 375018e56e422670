use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::body::MessageBody;
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::web;

use crate::config::Proxies;

/// How long sent bytes may stay without an answer of the peer's machine, ms.
#[cfg(target_os = "linux")]
const UNSENT_LIMIT_MS: u32 = 30_000;

/// Who is at the other end of our connections.
pub(super) struct Peers {
    proxies: Proxies,
    /// From how many connections of one peer on none of them is kept open between requests.
    most_kept: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One open connection, counted until it is dropped with it.
struct Open {
    peers: Arc<Peers>,
    peer: IpAddr,
}

impl Peers {
    pub(super) fn new(proxies: Proxies, most_kept: usize) -> Self {
        Self { proxies, most_kept, open: Mutex::default() }
    }

    /// A connection was accepted.
    pub(super) fn on_connect(self: &Arc<Self>, io: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        // What a peer doesn't take for so long is never taken: without an end, a connection that is closed with bytes unsent would stay.
        #[cfg(target_os = "linux")]
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, UNSENT_LIMIT_MS);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner).entry(peer.ip()).or_default() += 1;
        extensions.insert(Open { peers: Arc::clone(self), peer: peer.ip() });
    }

    fn has_many(&self, peer: IpAddr) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&peer).is_some_and(|count| *count > self.most_kept)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.peers.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

/// Middleware: behind a reverse proxy of ours, the peer of a request is who the proxy says it is, and everything below asks for the peer
/// alone. A peer with many connections gets its answers, but can't hold idle connections that others need.
pub(super) async fn identify(
    peers: web::ThinData<Arc<Peers>>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(peer) = request.peer_addr() else { return next.call(request).await };
    if peers.proxies.contains(peer.ip()) {
        let forwarded: Vec<_> = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
        let client = peers.proxies.client(peer.ip(), forwarded.iter().copied());
        request.head_mut().peer_addr = Some(SocketAddr::new(client, peer.port()));
        return next.call(request).await;
    }
    let mut response = next.call(request).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS && peers.has_many(peer.ip()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
