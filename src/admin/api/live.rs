use actix_web::http::header;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::admin::auth::{SignedIn, token};
use crate::admin::{Admin, Error, guard};

/// Largest message of a viewer, bytes: it names a session.
const MAX_MESSAGE_BYTES: usize = 1 << 10;

/// `GET /api/v1/sites/{site_id}/live`: a WebSocket that shows who is on the site now, and what those do whom the viewer asks to watch.
pub async fn live(
    admin: Data<Admin>,
    _: SignedIn,
    site_id: Path<i32>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    // Browsers open sockets to wherever a page tells them to, cookie included: the origin is all that tells our own pages from others.
    if !guard::is_own_socket(request.headers(), admin.settings.origin()) {
        return Err(Error::Foreign.into());
    }
    admin.find_site(*site_id).await?;
    let token = token(&admin.settings, &request).ok_or(Error::SignedOut)?;
    let seat = admin.live.seat().ok_or(Error::Crowded)?;
    let (mut response, session, stream) = actix_ws::handle(&request, body)?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    let stream = stream.max_frame_size(MAX_MESSAGE_BYTES).aggregate_continuations().max_continuation_size(MAX_MESSAGE_BYTES);
    admin.live.show(*site_id, seat, (session, stream), (admin.store.clone(), token));
    Ok(response)
}
