use std::borrow::Cow;

/// What the page itself said by `identify`, `tag` or `event`: the texts of an event of such a kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Index of its event in the frame.
    pub index: usize,
    /// Id of the visitor, or name of the tag or event: 1 to 256 bytes without U+0000.
    pub name: String,
    /// Value of the tag, or the event's properties as the text of a JSON object; at most 4,096 bytes without U+0000, and may be empty.
    pub value: String,
}

impl Note {
    /// The value as JSON that Postgres' `jsonb` takes: U+FFFD stands for each escape that `jsonb` refuses although JSON allows it.
    ///
    /// Those are `\u0000` and half a surrogate pair, which a page makes by cutting a text within an emoji. Without this, such a value would
    /// take the whole frame with it.
    pub fn json(&self) -> Cow<'_, str> {
        let (text, bytes) = (self.value.as_str(), self.value.as_bytes());
        let unit = |at: usize| {
            let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
            u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        let mut out = String::new();
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            at += match (bytes[at], unit(at)) {
                (b'\\', Some(0xd800..=0xdbff)) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => 12,
                (b'\\', Some(0 | 0xd800..=0xdfff)) => {
                    out.push_str(&text[from..at]);
                    out.push_str("\\ufffd");
                    from = at + 6;
                    6
                }
                // An escaped backslash begins no other escape.
                (b'\\', _) => 2,
                _ => 1,
            };
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[from..]);
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(value: &str) -> String {
        Note { index: 0, name: "n".to_owned(), value: value.to_owned() }.json().into_owned()
    }

    #[test]
    fn what_jsonb_refuses_is_replaced_and_the_rest_stays() {
        for (value, stored) in [
            (r#"{"a":1,"b":[true,null,"é"]}"#, r#"{"a":1,"b":[true,null,"é"]}"#),
            (r#"{"a\u0000":{"b":["\u0000c"]}}"#, r#"{"a\ufffd":{"b":["\ufffdc"]}}"#),
            (r#"{"cut":"hi \ud83d"}"#, r#"{"cut":"hi \ufffd"}"#),
            (r#"{"\udc00":"\ud83d\ude00"}"#, r#"{"\ufffd":"\ud83d\ude00"}"#),
            (r#"{"a":"\ud83d\u0041"}"#, r#"{"a":"\ufffd\u0041"}"#),
            (r#"{"a":"\\ud83d \\\u0000"}"#, r#"{"a":"\\ud83d \\\ufffd"}"#),
            ("", ""),
        ] {
            assert_eq!(json(value), stored, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(value in r#"[{}\[\]":,\\ud8cfé0-9]{0,40}"#) {
            prop_assert!(!json(&value).contains("\0"));
        }
    }
}
