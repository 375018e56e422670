use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256, Sha384};

/// The built snippet (`make snippet`).
const SNIPPET: &[u8] = include_bytes!("../../snippet/dist/mousetrail.js");
/// Names these very bytes, in the path of a version and in validators.
static HASH: LazyLock<String> = LazyLock::new(|| Sha256::digest(SNIPPET)[..6].iter().map(|byte| format!("{byte:02x}")).collect());

/// What the attribute `integrity` of a script tag says of the snippet: a browser runs these bytes and no others.
pub static INTEGRITY: LazyLock<String> = LazyLock::new(|| format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(SNIPPET))));

/// The same, compressed once.
static COMPRESSED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(SNIPPET).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
});

/// Under the one path for all versions browsers ask again after an hour, and get 304 while nothing changed.
const FOR_NOW: &str = "public, max-age=3600";
/// Under the path of a version it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Path of this version of the snippet: `/mousetrail-0.1.0-0123456789ab.js` for `/mousetrail.js`.
pub fn versioned_path(script: &str) -> String {
    let (stem, ending) = parts(script);
    format!("{stem}-{}{ending}", version())
}

/// Routes of all versions, of which one is served.
pub(super) fn versions_route(script: &str) -> String {
    let (stem, ending) = parts(script);
    format!("{stem}-{{version}}{ending}")
}

fn parts(script: &str) -> (&str, &str) {
    script.strip_suffix(".js").map_or((script, ""), |stem| (stem, ".js"))
}

fn version() -> String {
    format!("{}-{}", env!("CARGO_PKG_VERSION"), *HASH)
}

/// `GET /mousetrail.js`
pub(super) async fn snippet(request: HttpRequest) -> HttpResponse {
    serve(&request, FOR_NOW)
}

/// `GET /mousetrail-<version>-<hash>.js`
pub(super) async fn snippet_version(request: HttpRequest, asked: web::Path<String>) -> HttpResponse {
    if *asked == version() {
        return serve(&request, FOR_EVER);
    }
    // Nobody shall remember it: a collector that is updated next may have that version.
    HttpResponse::NotFound()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(format!(
            "This collector doesn't serve that version of the snippet; its own is {}.\n\
             Put the tag that the setup page of your site shows into your pages: the one with a version, or the one without,\n\
             which never has to be changed again.\n",
            version()
        ))
}

fn serve(request: &HttpRequest, cache: &'static str) -> HttpResponse {
    let asks = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let takes_gzip = asks(header::ACCEPT_ENCODING).is_some_and(takes_gzip);
    // A strong validator names bytes as they are sent, so each encoding has its own.
    let validator = if takes_gzip { format!("{}-gzip", *HASH) } else { HASH.clone() };
    let is_known = asks(header::IF_NONE_MATCH).is_some_and(|known| is_among(&validator, known));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(header::ETag(header::EntityTag::new_strong(validator)))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Pages of other origins may check its integrity.
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    match (is_known, takes_gzip) {
        (true, _) => response.finish(),
        (false, true) => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(COMPRESSED.as_slice()),
        (false, false) => response.body(SNIPPET),
    }
}

/// Does an `If-None-Match` name this validator? A proxy that compresses by itself makes a strong one weak.
fn is_among(validator: &str, known: &str) -> bool {
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"') == validator)
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

    #[test]
    fn a_validator_is_known_in_a_list_and_weakened_but_not_in_part() {
        for (known, is_known) in [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("\"x\", \"abc\"", true),
            ("*", true),
            ("\"abcd\"", false),
            ("\"ab\"", false),
            ("", false),
        ] {
            assert_eq!(is_among("abc", known), is_known, "{known}");
        }
    }

    #[test]
    fn a_version_stands_before_the_ending_of_a_renamed_script_too() {
        assert_eq!(versioned_path("/mousetrail.js"), format!("/mousetrail-{}.js", version()));
        assert_eq!(versioned_path("/t/a"), format!("/t/a-{}", version()));
    }
}
