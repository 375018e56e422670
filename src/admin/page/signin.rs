use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{html, see, user_agent};
use crate::admin::auth::{clear, login, token};
use crate::admin::{Admin, Error, filters};

#[derive(Template)]
#[template(path = "signin.html")]
struct SignIn<'a> {
    email: &'a str,
    next: &'a str,
    problem: Option<String>,
    is_first_start: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Credentials {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Where to go on after signing in.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// Path of the sign-in page that comes back to this request, where that was a page.
pub fn signin_path(request: &HttpRequest) -> String {
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    if *request.method() == actix_web::http::Method::GET && here != "/" {
        format!("/signin?next={}", askama::filters::urlencode_strict(here).map(|here| here.to_string()).unwrap_or_default())
    } else {
        "/signin".to_owned()
    }
}

/// A path on this host; anything else would let a link send people to a stranger's page right after they signed in.
fn own_path(next: &str) -> &str {
    let is_own = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control);
    if is_own { next } else { "/" }
}

/// `GET /signin`
pub async fn form(admin: Data<Admin>, query: Query<Next>) -> Result<HttpResponse, Error> {
    let is_first_start = !admin.store.has_account().await?;
    html(&SignIn { email: "", next: own_path(&query.next), problem: None, is_first_start })
}

/// `POST /signin`
pub async fn submit(admin: Data<Admin>, form: Form<Credentials>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let Credentials { email, password, next } = form.into_inner();
    let email = email.trim();
    let problem = match admin.throttle.try_sign_in(email, request.peer_addr().map(|peer| peer.ip())) {
        Err(wait) => format!("Too many tries. Wait {} s and try again.", wait.as_secs() + 1),
        Ok(()) => {
            let known = admin.store.find_password(email).await?;
            let (account_id, hash) = known.unzip();
            if admin.passwords.matches(password, hash).await?
                && let Some(account_id) = account_id
            {
                let token = admin.store.create_login(account_id, user_agent(&request)).await?;
                let mut response = see(own_path(&next));
                response.add_cookie(&login(&admin.settings, &token)).map_err(|_| Error::Internal("cookie"))?;
                return Ok(response);
            }
            "That email and password don’t match.".to_owned()
        }
    };
    let is_first_start = !admin.store.has_account().await?;
    let mut response = html(&SignIn { email, next: own_path(&next), problem: Some(problem), is_first_start })?;
    *response.status_mut() = actix_web::http::StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `POST /signout`
pub async fn sign_out(admin: Data<Admin>, request: HttpRequest) -> Result<HttpResponse, Error> {
    if let Some(token) = token(&admin.settings, &request) {
        admin.store.delete_login(&token).await?;
    }
    let mut response = see("/signin");
    response.add_cookie(&clear(&admin.settings)).map_err(|_| Error::Internal("cookie"))?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn nobody_is_sent_to_a_strangers_page() {
        for (next, to) in
            [("/sites/1?x=2", "/sites/1?x=2"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"), ("", "/")]
        {
            assert_eq!(own_path(next), to, "{next}");
        }
    }

    #[test]
    fn signing_in_comes_back_to_the_page() {
        let request = TestRequest::with_uri("/sites/1/heatmap?page=/a&kind=click").to_http_request();
        assert_eq!(signin_path(&request), "/signin?next=%2Fsites%2F1%2Fheatmap%3Fpage%3D%2Fa%26kind%3Dclick");
    }
}
