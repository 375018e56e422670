use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde::Serialize;

use super::filters;
use crate::query::QueryError;
use crate::store::StoreError;

/// Why the admin did not do what was asked for. Nothing from inside reaches the browser: `Display` is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Signed in, but this needs another role.
    #[error("not allowed for this role")]
    Forbidden,
    /// The request came from a page of another origin.
    #[error("request from another origin")]
    Foreign,
    /// There is no such page, site or session.
    #[error("not found")]
    NotFound,
    /// The query of the url can't be read; the text says what is wrong, for people.
    #[error("bad request: {0}")]
    Invalid(&'static str),
    /// All live views are taken, or the collector stops.
    #[error("too many live views")]
    Crowded,
    /// Postgres did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Postgres did not answer a read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Something else broke.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Foreign => StatusCode::FORBIDDEN,
            Self::NotFound | Self::Store(StoreError::Missing(_)) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Store(StoreError::Taken(_)) => StatusCode::CONFLICT,
            Self::Crowded => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(_) | Self::Query(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: `render` puts the page or the problem in its place, because only there the request is known.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// What people and machines are told about an error.
struct Words {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    text: &'static str,
    /// Nothing that was collected is at risk, and saying so helps.
    is_outage: bool,
}

impl Words {
    fn of(error: Option<&Error>, status: StatusCode) -> Self {
        let (code, title, text) = match (error, status.as_u16()) {
            (Some(Error::Foreign), _) => (
                "foreign_origin",
                "This came from another website",
                "The form was not sent from these pages, so nothing was changed. Open the page here and send it again. Behind a proxy, the public URL of the collector has to be the address in your browser.",
            ),
            (_, 401) => ("signed_out", "You are signed out", "Sign in and try again."),
            (_, 403) => {
                ("forbidden", "Your role may not do this", "An owner or an admin can. Ask one of them, or sign in with another account.")
            }
            (_, 404) => (
                "not_found",
                "There is no such page",
                "The address is wrong, or what was there has been deleted or is older than the retention of its site.",
            ),
            (_, 405) => {
                ("method", "That can’t be done here", "The address is right, but what was asked for it is not something that it does.")
            }
            (Some(Error::Invalid(text)), _) => ("invalid", "This address makes no sense", *text),
            (_, 409) => ("taken", "That is taken", "Choose another name and try again."),
            (Some(Error::Crowded), _) => (
                "crowded",
                "Too many people watch already",
                "Close a live view and open this one again, or wait until the collector has restarted.",
            ),
            (_, 503) => (
                "store_unreachable",
                "Postgres does not answer",
                "This page reads from the store, and the store did not answer. mousetrail connects again by itself.",
            ),
            (_, 400..=499) => ("invalid", "The request can’t be read", "Go back, check what you entered, and try again."),
            _ => ("internal", "Something broke", "It has been logged. Try again; if it stays, the log on the server says more."),
        };
        Self { status, code, title, text, is_outage: status == StatusCode::SERVICE_UNAVAILABLE }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    words: Words,
    path: &'a str,
}

/// RFC 9457.
#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
}

/// Middleware: gives every error its page, or its problem under `/api`, and sends the signed out to the sign-in page. The one place that logs it.
pub(super) async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let response = next.call(request).await?;
    // The router's own answer to a method that a path does not have is blank.
    if response.response().error().is_none() && response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return Ok(response.map_into_boxed_body());
    }
    let answer = answer(response.request(), response.response().error(), response.status());
    Ok(response.into_response(answer))
}

fn answer(request: &HttpRequest, error: Option<&actix_web::Error>, status: StatusCode) -> HttpResponse {
    let own = error.and_then(|error| error.as_error::<Error>());
    if let Some(error) = own.filter(|_| status.is_server_error()) {
        // The pattern and not the path: what a stranger wrote into the path has no business in the log.
        tracing::error!(route = request.match_pattern(), %status, %error, "admin request failed");
    }
    let is_api = request.path().starts_with("/api/");
    if matches!(own, Some(Error::SignedOut)) && !is_api {
        let to = super::page::signin_path(request);
        return HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish();
    }
    let words = Words::of(own, status);
    let mut response = HttpResponse::build(words.status);
    if is_api {
        let problem = Problem { r#type: "about:blank", title: words.title, status: status.as_u16(), detail: words.text, code: words.code };
        return response.content_type("application/problem+json").body(serde_json::to_string(&problem).unwrap_or_default());
    }
    match (ErrorPage { words, path: request.path() }).render() {
        Ok(page) => response.content_type(ContentType::html()).body(page),
        Err(_) => response.finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_inside_reaches_the_browser() {
        let error = Error::Internal("secret of the store");
        let words = Words::of(Some(&error), error.status_code());
        assert_eq!(words.code, "internal");
        let page = ErrorPage { words, path: "/<script>" }.render().unwrap();
        assert!(!page.contains("secret") && !page.contains("/<script>"));
    }
}
