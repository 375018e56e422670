use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The built snippet (`make snippet`).
const SNIPPET: &[u8] = include_bytes!("../../snippet/dist/mousetrail.js");
/// Names these very bytes.
static VALIDATOR: LazyLock<String> = LazyLock::new(|| BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(SNIPPET)[..16]));

/// The same, compressed once.
static COMPRESSED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(SNIPPET).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
});

/// `GET /mousetrail.js`: the same path for every version, so browsers ask again after an hour and get 304 while nothing changed.
pub(super) async fn snippet(request: HttpRequest) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(VALIDATOR.as_str()));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(header::ETag(header::EntityTag::new_weak(VALIDATOR.clone())))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Pages of other origins may check its integrity.
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    let takes_gzip = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(takes_gzip);
    match (is_known, takes_gzip) {
        (true, _) => response.finish(),
        (false, true) => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(COMPRESSED.as_slice()),
        (false, false) => response.body(SNIPPET),
    }
}

/// Does an `Accept-Encoding` allow gzip?
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip")
            && !matches!(weight.trim().to_ascii_lowercase().as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_ask_for_it() {
        for (accepted, takes) in [("gzip, br", true), ("br;q=1, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false), ("", false)] {
            assert_eq!(takes_gzip(accepted), takes, "{accepted}");
        }
        assert!(COMPRESSED.len() < SNIPPET.len());
    }
}
