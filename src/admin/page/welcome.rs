use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{html, see, user_agent};
use crate::admin::auth::{Password, login};
use crate::admin::{Admin, Error, filters};
use crate::store::{Link, Token};

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    /// `None` where the link opens no more.
    link: Option<Link>,
    email: &'a str,
    email_problem: Option<&'static str>,
    password_problem: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    email: String,
    password: String,
}

/// `GET /welcome/{token}`
pub async fn form(admin: Data<Admin>, token: Path<String>) -> Result<HttpResponse, Error> {
    let link = match Token::parse(&token) {
        Some(token) => admin.store.find_link(&token).await?,
        None => None,
    };
    html(&Welcome { link, email: "", email_problem: None, password_problem: None })
}

/// `POST /welcome/{token}`
pub async fn submit(admin: Data<Admin>, token: Path<String>, form: Form<Chosen>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let token = Token::parse(&token).ok_or(Error::NotFound)?;
    let Some(link) = admin.store.find_link(&token).await? else {
        return html(&Welcome { link: None, email: "", email_problem: None, password_problem: None });
    };
    let email = form.email.trim();
    let email_problem = (link.email.is_none() && !is_email(email)).then_some("Enter an email address, such as you@example.com.");
    let password = Password::parse(&form.password);
    let (Ok(password), None) = (&password, email_problem) else {
        let page = Welcome { link: Some(link), email, email_problem, password_problem: password.err().map(|problem| problem.to_string()) };
        let mut response = html(&page)?;
        *response.status_mut() = actix_web::http::StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    };
    let hash = admin.passwords.hash(password.clone()).await?;
    let Some(account_id) = admin.store.use_link(&token, email, &hash).await? else {
        return html(&Welcome { link: None, email: "", email_problem: None, password_problem: None });
    };
    let login_token = admin.store.create_login(account_id, user_agent(&request)).await?;
    let mut response = see("/");
    response.add_cookie(&login(&admin.settings, &login_token)).map_err(|_| Error::Internal("cookie"))?;
    Ok(response)
}

/// Good enough to catch a slip; the address is a name to sign in with, no mail goes there.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty()
        && !host.is_empty()
        && !host.contains('@')
        && text.len() <= 254
        && !text.chars().any(|char| char.is_whitespace() || char.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_a_name_and_a_host() {
        assert!(is_email("a@b") && is_email("mara.k+x@fernweh.example"));
        for wrong in ["", "a", "@b", "a@", "a@b@c", "a b@c"] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
