/// May pages of this origin send to a site with these allowed origins?
///
/// Origins compare as a whole: scheme, host and port. `*` allows every origin, and clients that send none.
pub(super) fn is_allowed(origins: &[String], origin: Option<&str>) -> bool {
    origins.iter().any(|allowed| allowed == "*" || Some(allowed.as_str()) == origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_origin_is_allowed() {
        let allowed = ["https://shop.example".to_owned()];
        assert!(is_allowed(&allowed, Some("https://shop.example")));
        for other in
            ["http://shop.example", "https://shop.example:8443", "https://shop.example.evil.tld", "https://evil-shop.example", "null", ""]
        {
            assert!(!is_allowed(&allowed, Some(other)), "{other}");
        }
        assert!(!is_allowed(&allowed, None));
        assert!(is_allowed(&["*".to_owned()], None));
    }
}
