use woothee::parser::Parser;

use crate::event::{Agent, Device};

/// Longest `User-Agent` that is looked at, bytes.
const MAX_BYTES: usize = 512;

/// What a browser says of itself in its `User-Agent`. The text itself is not stored.
pub(super) fn classify(user_agent: &str) -> Agent {
    let end = (0..=MAX_BYTES.min(user_agent.len())).rev().find(|end| user_agent.is_char_boundary(*end)).unwrap_or(0);
    let text = &user_agent[..end];
    let Some(found) = Parser::new().parse(text) else {
        return Agent { device: device(text, ""), browser: "Unknown".to_owned(), os: "Unknown".to_owned() };
    };
    let major = found.version.split('.').next().filter(|major| major.chars().all(|char| char.is_ascii_digit()) && !major.is_empty());
    let browser = match (found.name, major) {
        ("UNKNOWN", _) => "Unknown".to_owned(),
        (name, Some(major)) => format!("{name} {major}"),
        (name, None) => name.to_owned(),
    };
    Agent { device: device(text, found.category), browser, os: os(found.os).to_owned() }
}

fn device(text: &str, category: &str) -> Device {
    let is_tablet = text.contains("iPad") || text.contains("Tablet") || (text.contains("Android") && !text.contains("Mobile"));
    match category {
        _ if is_tablet => Device::Tablet,
        "smartphone" | "mobilephone" => Device::Phone,
        _ if text.contains("Mobile") => Device::Phone,
        _ => Device::Desktop,
    }
}

/// Names as their makers write them.
fn os(name: &str) -> &str {
    match name {
        "UNKNOWN" => "Unknown",
        "Mac OSX" => "macOS",
        "iPhone" | "iPad" | "iPod" => "iOS",
        name if name.starts_with("Windows") => "Windows",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_named() {
        for (text, device, browser, os) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
                Device::Desktop,
                "Chrome 141",
                "Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", Device::Desktop, "Firefox 150", "Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                Device::Phone,
                "Safari 19",
                "iOS",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                Device::Tablet,
                "Safari 19",
                "iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
                Device::Phone,
                "Chrome 141",
                "Android",
            ),
            ("", Device::Desktop, "Unknown", "Unknown"),
        ] {
            assert_eq!(classify(text), Agent { device, browser: browser.to_owned(), os: os.to_owned() }, "{text}");
        }
    }

    #[test]
    fn a_huge_or_strange_user_agent_is_cut_and_classified() {
        classify(&"é".repeat(100_000));
        classify("\u{0}\r\n${jndi:ldap://x}");
    }
}
