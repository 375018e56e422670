use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The built snippet (`make snippet`).
const SNIPPET: &[u8] = include_bytes!("../../snippet/dist/mousetrail.js");
/// Names these very bytes.
static VALIDATOR: LazyLock<String> = LazyLock::new(|| BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(SNIPPET)[..16]));

/// `GET /mousetrail.js`: the same path for every version, so browsers ask again after an hour and get 304 while nothing changed.
pub(super) async fn snippet(request: HttpRequest) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(VALIDATOR.as_str()));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(header::ETag(header::EntityTag::new_strong(VALIDATOR.clone())))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Pages of other origins may check its integrity.
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    if is_known { response.finish() } else { response.body(SNIPPET) }
}
