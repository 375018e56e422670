use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;

use crate::config::Proxies;

/// Middleware: behind a reverse proxy of ours, the peer of a request is who the proxy says it is. Everything below asks for the peer alone.
pub(super) async fn behind_proxy(
    proxies: web::ThinData<Arc<Proxies>>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(peer) = request.peer_addr()
        && proxies.contains(peer.ip())
    {
        let forwarded: Vec<_> = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
        let client = proxies.client(peer.ip(), forwarded.iter().copied());
        request.head_mut().peer_addr = Some(SocketAddr::new(client, peer.port()));
    }
    next.call(request).await
}
