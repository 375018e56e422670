use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::admin::Settings;
use crate::store::Token;

/// The prefix makes browsers refuse the cookie from anything but this very host over HTTPS.
fn name(settings: &Settings) -> &'static str {
    if settings.secure_cookies { "__Host-mousetrail" } else { "mousetrail" }
}

/// The cookie of somebody who has just signed in. It goes with the browser's session at the latest after 7 days; the store decides earlier.
pub fn login(settings: &Settings, token: &Token) -> Cookie<'static> {
    build(settings, token.text(), Duration::days(7))
}

/// Takes the cookie away.
pub fn clear(settings: &Settings) -> Cookie<'static> {
    build(settings, String::new(), Duration::ZERO)
}

fn build(settings: &Settings, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(name(settings), value)
        .path("/")
        .http_only(true)
        .secure(settings.secure_cookies)
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

/// The token that the request brings.
pub fn token(settings: &Settings, request: &HttpRequest) -> Option<Token> {
    Token::parse(request.cookie(name(settings))?.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_the_cookie_is_bound_to_the_host() {
        let mut settings = Settings { secure_cookies: true, ..Settings::default() };
        let cookie = login(&settings, &Token::random()).to_string();
        assert!(cookie.starts_with("__Host-mousetrail=") && cookie.contains("HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookie}");
        settings.secure_cookies = false;
        let cookie = clear(&settings).to_string();
        assert!(cookie.starts_with("mousetrail=;") && !cookie.contains("Secure") && cookie.contains("Max-Age=0"), "{cookie}");
    }
}
