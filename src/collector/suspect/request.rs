use std::net::IpAddr;

use actix_web::http::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderMap, SEC_WEBSOCKET_EXTENSIONS, UPGRADE, USER_AGENT};
use woothee::parser::Parser;

use crate::event::Suspect;

/// Words in the `User-Agent` of browsers that a program steers, and of crawlers, which name a page about themselves.
const AUTOMATED: [&str; 7] = ["headless", "phantomjs", "jsdom", "lighthouse", "crawler", "spider", "+http"];
/// Longest `User-Agent` that is looked at, bytes.
const MAX_BYTES: usize = 512;

/// What a request gives away of who sent it.
///
/// What browsers send with a WebSocket, none of which a page can change:
///
/// | | User-Agent | Accept-Language, Accept-Encoding | Sec-WebSocket-Extensions |
/// |---|---|---|---|
/// | Chromium | `Mozilla/5.0 (...` | both | `permessage-deflate; client_max_window_bits` |
/// | Firefox | `Mozilla/5.0 (...` | both | `permessage-deflate` |
/// | Safari 15 and later | `Mozilla/5.0 (...` | both | `permessage-deflate` |
/// | Safari before 15 | `Mozilla/5.0 (...` | neither | `x-webkit-deflate-frame` |
///
/// (Chromium: seen here in `tests/browser`. The others and old Safari: handshakes in whatwg/html issue 852 and MDN's page on the header.)
/// `fetch` sends the first three from all of them. One of them alone can get lost on the way, in a proxy that doesn't pass extensions on, say;
/// so only who sends no extension and no language or encoding either is taken for a program.
pub(in crate::collector) fn judge(headers: &HeaderMap, is_near: bool) -> Suspect {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
    let user_agent = text(USER_AGENT);
    let has = |name| !text(name).is_empty();
    let (language, encoding) = (has(ACCEPT_LANGUAGE), has(ACCEPT_ENCODING));
    let looks_sent_by_a_browser =
        if headers.contains_key(UPGRADE) { has(SEC_WEBSOCKET_EXTENSIONS) || (language && encoding) } else { language || encoding };
    // Since Opera 15, all browsers begin like this, and no library does: curl/8.5, Python/3.13 websockets/15, Go-http-client/1.1, node, nothing.
    let is_browser_name = user_agent.starts_with("Mozilla/5.0 (") || user_agent.starts_with("Opera/");
    let program = if is_browser_name && looks_sent_by_a_browser { Suspect::NONE } else { Suspect::PROGRAM };
    let automated = if !is_near && is_automated(user_agent) { Suspect::AUTOMATED } else { Suspect::NONE };
    program | automated
}

/// Does the address belong to the collector's machine or its own network? A steered browser there is somebody who tests his own site, and
/// wants to see what he did.
pub(in crate::collector) fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn is_automated(user_agent: &str) -> bool {
    let text: String = user_agent.chars().take(MAX_BYTES).collect::<String>().to_ascii_lowercase();
    AUTOMATED.iter().any(|word| text.contains(word)) || Parser::new().parse(user_agent).is_some_and(|found| found.category == "crawler")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

    /// `h` as one letter each: l language, e encoding, x extensions, u upgrade.
    fn judged(user_agent: &str, h: &str) -> Suspect {
        let mut headers = HeaderMap::new();
        let mut insert = |name: HeaderName, value: &str| headers.insert(name, HeaderValue::from_str(value).unwrap());
        if !user_agent.is_empty() {
            insert(USER_AGENT, user_agent);
        }
        for letter in h.chars() {
            match letter {
                'l' => insert(ACCEPT_LANGUAGE, "en-US,en;q=0.5"),
                'e' => insert(ACCEPT_ENCODING, "gzip, deflate, br, zstd"),
                'x' => insert(SEC_WEBSOCKET_EXTENSIONS, "permessage-deflate"),
                _ => insert(UPGRADE, "websocket"),
            };
        }
        judge(&headers, false)
    }

    #[test]
    fn what_browsers_send_is_not_suspect() {
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";
        let old_safari =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.1.2 Safari/605.1.15";
        let phone =
            "Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36";
        for (user_agent, headers) in [
            (FIREFOX, "ulex"),
            (CHROME, "ulex"),
            (safari, "ulex"),
            (phone, "ulex"),
            (old_safari, "ux"),
            // Through a proxy that passes no extensions on.
            (CHROME, "ule"),
            // By fetch.
            (FIREFOX, "le"),
            (safari, "le"),
        ] {
            assert_eq!(judged(user_agent, headers), Suspect::NONE, "{user_agent} {headers}");
        }
    }

    #[test]
    fn programs_are_known_by_their_names_and_by_what_they_leave_out() {
        for (user_agent, headers) in [
            ("", "u"),
            ("", "ulex"),
            ("curl/8.5.0", "e"),
            ("python-requests/2.32.3", "e"),
            ("Python/3.13 websockets/15.0", "ux"),
            ("Go-http-client/1.1", "ue"),
            ("awc/3.7", "u"),
            ("node", "ulex"),
            ("Mozilla", "ulex"),
            (CHROME, "u"),
            (CHROME, "ul"),
            (CHROME, "ue"),
            (FIREFOX, ""),
        ] {
            assert_eq!(judged(user_agent, headers), Suspect::PROGRAM, "{user_agent} {headers}");
        }
    }

    #[test]
    fn steered_browsers_and_crawlers_are_known_unless_they_are_one_s_own() {
        let headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36";
        for user_agent in [
            headless,
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/141.0.0.0 Safari/537.36",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/26.0.0",
        ] {
            let seen = judged(user_agent, "ulex");
            assert!(seen.bits() & Suspect::AUTOMATED.bits() != 0, "{user_agent}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(headless));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
        assert_eq!(judge(&headers, true), Suspect::NONE);
        for (address, near) in
            [("127.0.3.4", true), ("10.0.0.7", true), ("::ffff:192.168.1.1", true), ("fd00::1", true), ("192.0.2.1", false)]
        {
            assert_eq!(is_near(address.parse().unwrap()), near, "{address}");
        }
    }
}
