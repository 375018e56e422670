use super::varint::{Reader, put_varint};
use super::{ClientMessage, ControlError, EnvelopeError, FrameError, Hello, PageState, ResumedPage, parse_client};

/// Largest part of a recording, bytes of gzip.
pub const MAX_PART_BYTES: usize = 1 << 20;
/// Largest head of a part, bytes: a hello with one page.
pub const MAX_PART_HEAD_BYTES: usize = 4 << 10;
/// Highest number of a part.
const MAX_PART: u32 = 10_000;

/// What stands before a part of a recording (docs/protocol.md section 5.1).
#[derive(Debug, Clone, PartialEq)]
pub struct PartHead {
    /// Public key of the site.
    pub site: String,
    /// The client's number of the page view.
    pub n: u16,
    /// The page view, with its token.
    pub page: ResumedPage,
    /// Number of the part, from 1.
    pub part: u32,
}

/// Reads the head of a body that is still coming, and says how long it is; `None` where more of it is needed. Total, and bounded by its input.
pub fn parse_part_head(body: &[u8]) -> Result<Option<(PartHead, usize)>, EnvelopeError> {
    let mut reader = Reader::new(body);
    let parsed = (|| {
        let length = reader.varint()? as usize;
        if length > MAX_PART_HEAD_BYTES {
            return Err(FrameError::Limit);
        }
        Ok((reader.take(length)?, reader.varint()?))
    })();
    let (hello, part) = match parsed {
        Err(FrameError::Truncated) => return Ok(None),
        parsed => parsed?,
    };
    let text = std::str::from_utf8(hello).map_err(|_| FrameError::Text)?;
    let ClientMessage::Hello(hello) = parse_client(text)? else { return Err(ControlError::UnknownType.into()) };
    let Hello { site, mut pages, forget: false, import: None, .. } = hello else { return Err(field("forget").into()) };
    let (Some(page), true) = (pages.pop(), pages.is_empty()) else { return Err(field("pages").into()) };
    let PageState::Resumed(resumed) = page.state else { return Err(field("pages").into()) };
    if !(1..=MAX_PART).contains(&part) {
        return Err(FrameError::Range.into());
    }
    Ok(Some((PartHead { site, n: page.n, page: resumed, part }, body.len() - reader.remaining())))
}

fn field(name: &str) -> ControlError {
    ControlError::Field(name.to_owned())
}

/// Writes the body of an upload.
pub fn encode_part(hello: &Hello, part: u32, gzip: &[u8]) -> Vec<u8> {
    let text = serde_json::to_string(&ClientMessage::Hello(hello.clone())).expect("plain structs always serialise");
    let mut body = Vec::with_capacity(text.len() + gzip.len() + 8);
    put_varint(&mut body, text.len() as u32);
    body.extend_from_slice(text.as_bytes());
    put_varint(&mut body, part);
    body.extend_from_slice(gzip);
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Page;

    fn hello() -> Hello {
        let page = ResumedPage { id: "7".to_owned(), token: "t".to_owned(), from: 1 };
        Hello::new("k", vec![Page { n: 3, state: PageState::Resumed(page) }])
    }

    #[test]
    fn a_head_is_read_as_soon_as_it_is_there_and_says_where_the_part_begins() {
        let body = encode_part(&hello(), 300, b"\x1f\x8bgzip");
        let (head, length) = parse_part_head(&body).unwrap().unwrap();
        assert_eq!((head.site.as_str(), head.n, head.page.id.as_str(), head.part), ("k", 3, "7", 300));
        assert_eq!(&body[length..], b"\x1f\x8bgzip");
        for end in 0..length {
            assert_eq!(parse_part_head(&body[..end]), Ok(None), "{end} bytes");
        }
    }

    #[test]
    fn a_head_names_one_page_view_that_is_there_and_nothing_else() {
        let new = r#"{"type":"hello","v":1,"site":"k","pages":[{"n":0,"nonce":"AAECAwQFBgcICQoLDA0ODw","age_ms":0,"url":"/","viewport":[1,1],"document":[1,1]}]}"#;
        let Ok(ClientMessage::Hello(new)) = parse_client(new) else { panic!("a hello") };
        let two =
            Hello { pages: [hello().pages, hello().pages.into_iter().map(|page| Page { n: 4, ..page }).collect()].concat(), ..hello() };
        for wrong in [new, two, Hello { pages: Vec::new(), ..hello() }, Hello { forget: true, ..hello() }] {
            assert!(matches!(parse_part_head(&encode_part(&wrong, 1, b"")), Err(EnvelopeError::Hello(ControlError::Field(_)))));
        }
        for part in [0, MAX_PART + 1] {
            assert_eq!(parse_part_head(&encode_part(&hello(), part, b"")), Err(FrameError::Range.into()));
        }
        assert_eq!(parse_part_head(&[0xff, 0xff, 0x7f]), Err(FrameError::Limit.into()));
        assert_eq!(parse_part_head(&[0xff; 9]), Err(FrameError::Varint.into()));
        assert!(matches!(parse_part_head(b"\x05hello\x01"), Err(EnvelopeError::Hello(_))));
    }
}
