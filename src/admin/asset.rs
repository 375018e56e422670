use std::sync::LazyLock;

use actix_web::http::header::{self, CacheControl, CacheDirective, ETag, EntityTag, IfNoneMatch};
use actix_web::web::{Header, Path};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use super::Error;

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the pages load, embedded in the binary: name, content type, bytes.
const FILES: [(&str, &str, &[u8]); 8] = [
    ("mousetrail.css", "text/css; charset=utf-8", include_bytes!("../../templates/assets/mousetrail.css")),
    ("icons.svg", "image/svg+xml", include_bytes!("../../templates/assets/icons.svg")),
    ("logo.svg", "image/svg+xml", include_bytes!("../../templates/assets/logo.svg")),
    ("page.js", SCRIPT, include_bytes!("../../templates/assets/dist/page.js")),
    ("setup.js", SCRIPT, include_bytes!("../../templates/assets/dist/setup.js")),
    ("player.js", SCRIPT, include_bytes!("../../templates/assets/dist/player.js")),
    ("pages.js", SCRIPT, include_bytes!("../../templates/assets/dist/pages.js")),
    ("heatmap.js", SCRIPT, include_bytes!("../../templates/assets/dist/heatmap.js")),
];

/// First 16 hex digits of each file's SHA-256, in the order of `FILES`.
static HASHES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let hash = |bytes: &[u8]| Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    FILES.iter().map(|(_, _, bytes)| hash(bytes)).collect()
});

fn find(name: &str) -> Option<usize> {
    FILES.iter().position(|file| file.0 == name)
}

/// Url of an asset, with its hash, so that browsers can keep it for ever.
pub(super) fn url(name: &str) -> String {
    match find(name) {
        Some(index) => format!("/assets/{name}?v={}", HASHES[index]),
        None => format!("/assets/{name}"),
    }
}

/// `GET /assets/{name}`
pub(super) async fn asset(name: Path<String>, known: Option<Header<IfNoneMatch>>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let index = find(&name).ok_or(Error::NotFound)?;
    let (_, content_type, bytes) = FILES[index];
    let tag = EntityTag::new_strong(HASHES[index].clone());
    let is_versioned = request.query_string() == format!("v={}", HASHES[index]);
    let cache = if is_versioned {
        CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(31_536_000), CacheDirective::Extension("immutable".into(), None)])
    } else {
        CacheControl(vec![CacheDirective::NoCache])
    };
    let is_known = match known.map(Header::into_inner) {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header(cache);
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.insert_header((header::CONTENT_TYPE, content_type)).body(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_version() {
        let url = url("mousetrail.css");
        assert!(url.starts_with("/assets/mousetrail.css?v=") && url.len() == "/assets/mousetrail.css?v=".len() + 16, "{url}");
    }
}
