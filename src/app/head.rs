use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;

/// Largest head of a request, bytes: what browsers and proxies send stays far below.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// Middleware: HEAD is GET without its body, on every route. The server leaves the body out by itself: it remembers what was asked for.
pub(super) async fn as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// Middleware: refuses requests with a head that nobody needs.
pub(super) async fn bounded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let lines: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if lines + path > MAX_HEAD_BYTES {
        let refused = HttpResponse::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        return Ok(request.into_response(refused).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}
