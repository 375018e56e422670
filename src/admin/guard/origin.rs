use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::admin::{Admin, Error};

/// Middleware: refuses every request that changes something and comes from a page of another origin.
pub async fn origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let own = request.app_data::<Data<Admin>>().map(|admin| admin.settings.origin()).unwrap_or_default();
    if !is_own(request.method(), request.headers(), own) {
        return Ok(request.error_response(Error::Foreign).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Fetch metadata says it best; browsers without it send `Origin` with every POST. Who sends neither is no browser, and brings no cookie
/// that somebody else could abuse; but the rule stays simple: no proof, no change.
fn is_own(method: &Method, headers: &HeaderMap, own: &str) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => {
            let Some(origin) = text(header::ORIGIN.as_str()) else { return false };
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == own || (host.is_some() && host == text(header::HOST.as_str()))
        }
    }
}

/// May a page of this origin open a socket with our cookie? Reading is what a socket is for, so it is stricter than the above: the origin has to
/// be given, and be the public one, or with its scheme the host that the request came to. Origins compare as a whole.
pub fn is_own_socket(headers: &HeaderMap, own: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let scheme = own.split_once("://").map_or("http", |(scheme, _)| scheme);
    origin == own || origin.split_once("://").is_some_and(|(given, host)| given == scheme && Some(host) == text(header::HOST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_a_page_of_this_origin_may_change_something() {
        for (method, given, is_fine) in [
            (Method::GET, &[][..], true),
            (Method::POST, &[][..], false),
            (Method::POST, &[("sec-fetch-site", "same-origin")][..], true),
            (Method::POST, &[("sec-fetch-site", "none")][..], true),
            (Method::POST, &[("sec-fetch-site", "same-site")][..], false),
            (Method::POST, &[("sec-fetch-site", "cross-site"), ("origin", "http://mouse.example"), ("host", "mouse.example")][..], false),
            (Method::POST, &[("origin", "http://mouse.example"), ("host", "mouse.example")][..], true),
            (Method::POST, &[("origin", "https://public.example"), ("host", "10.0.0.1:8080")][..], true),
            (Method::DELETE, &[("origin", "https://evil.example"), ("host", "mouse.example")][..], false),
            (Method::POST, &[("origin", "null"), ("host", "mouse.example")][..], false),
        ] {
            let request = given.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header)).to_http_request();
            assert_eq!(is_own(&method, request.headers(), "https://public.example"), is_fine, "{method} {given:?}");
        }
    }

    #[test]
    fn a_socket_opens_for_pages_of_this_origin_alone() {
        let own = "https://mouse.example";
        for (given, host, is_fine) in [
            (Some("https://mouse.example"), "mouse.example", true),
            (Some("https://mouse.example"), "10.0.0.1:8080", true),
            (Some("https://intern.example"), "intern.example", true),
            (None, "mouse.example", false),
            (Some(""), "mouse.example", false),
            (Some("null"), "mouse.example", false),
            (Some("https://evil.example"), "mouse.example", false),
            (Some("https://mouse.example.evil.tld"), "mouse.example", false),
            (Some("https://evil-mouse.example"), "mouse.example", false),
            (Some("https://sub.mouse.example"), "mouse.example", false),
            (Some("http://mouse.example"), "mouse.example", false),
            (Some("wss://mouse.example"), "mouse.example", false),
            (Some("https://mouse.example:8443"), "mouse.example", false),
            (Some("https://MOUSE.example"), "mouse.example", false),
            (Some("HTTPS://mouse.example"), "mouse.example", false),
            (Some("https://mouse.example."), "mouse.example", false),
            (Some("https://mouse.example/"), "mouse.example", false),
            (Some("https://mouse.example@evil.example"), "mouse.example", false),
            (Some("https://mouse.example, https://evil.example"), "mouse.example", false),
            (Some("mouse.example"), "mouse.example", false),
        ] {
            let mut request = TestRequest::default().insert_header(("host", host));
            if let Some(origin) = given {
                request = request.insert_header(("origin", origin));
            }
            assert_eq!(is_own_socket(request.to_http_request().headers(), own), is_fine, "{given:?} at {host}");
        }
    }
}
