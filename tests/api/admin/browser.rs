use awc::http::Method;
use awc::http::header::{HeaderMap, LOCATION, SET_COOKIE};
use mousetrail::admin::one_time_owner_link;
use mousetrail::store::{Pools, Store};
use serde_json::Value;

use crate::app::TestApp;

pub const EMAIL: &str = "owner@example.com";
pub const PASSWORD: &str = "correct horse battery";

/// A browser with its cookie. It follows no redirect, so that tests see them.
#[derive(Clone)]
pub struct Browser {
    url: String,
    /// `name=value`
    pub cookie: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// A fresh browser in which nobody is signed in.
pub fn visit(app: &TestApp) -> Browser {
    Browser { url: app.url.clone(), cookie: None }
}

/// Path of the one-time link that the collector prints at its first start.
pub async fn owner_link(app: &TestApp) -> String {
    let store = Store::new(&app.server, Pools::default());
    let link = one_time_owner_link(&store).await.unwrap().expect("no account yet");
    store.close().await;
    link
}

/// Makes the owner's account through the one-time link, and stays signed in.
pub async fn sign_in(app: &TestApp) -> Browser {
    let mut browser = visit(app);
    let link = owner_link(app).await;
    let answer = browser.submit(&link, &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/", "{}", answer.text);
    browser
}

impl Browser {
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], String::new()).await
    }

    /// A page or JSON that has to be there.
    pub async fn read(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.text
    }

    pub async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path).await).unwrap()
    }

    /// Sends a form as a page of this origin does, and keeps the cookie that comes back.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.ask(Method::POST, path, &[("sec-fetch-site", "same-origin")], form(fields)).await;
        if let Some(cookie) = answer.set_cookie() {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned()).filter(|cookie| !cookie.ends_with('='));
        }
        answer
    }

    pub async fn sign_in_as(&mut self, email: &str, password: &str) -> Answer {
        self.submit("/signin", &[("email", email), ("password", password)]).await
    }

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        // awc follows redirects unless told otherwise.
        let client = awc::Client::builder().disable_redirects().timeout(std::time::Duration::from_secs(20)).finish();
        let mut request = client.request(method, format!("{}{path}", self.url));
        for header in headers {
            request = request.insert_header(*header);
        }
        if let Some(cookie) = &self.cookie {
            request = request.insert_header(("cookie", cookie.as_str()));
        }
        if !body.is_empty() {
            request = request.content_type("application/x-www-form-urlencoded");
        }
        let mut response = request.send_body(body).await.unwrap();
        let text = String::from_utf8(response.body().limit(64 << 20).await.unwrap().to_vec()).unwrap();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect goes; empty where there is none.
    pub fn location(&self) -> &str {
        if self.status == 303 { self.header(LOCATION.as_str()) } else { "" }
    }

    pub fn set_cookie(&self) -> Option<&str> {
        self.headers.get(SET_COOKIE).and_then(|value| value.to_str().ok())
    }
}

/// Value of the first attribute with this name in a page, unescaped.
pub fn attribute(page: &str, name: &str) -> String {
    let (_, after) = page.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = after.split('"').next().unwrap();
    value.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
}

/// The body of a form.
pub fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but letters and digits.
pub fn encode(text: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}
