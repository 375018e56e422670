/// Why bytes are not a frame (docs/protocol.md section 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The first byte is not 1.
    #[error("version")]
    Version,
    /// The bytes end inside a field.
    #[error("truncated")]
    Truncated,
    /// A varint is too long, too large, or not in its shortest form.
    #[error("varint")]
    Varint,
    /// A value is outside its bounds.
    #[error("range")]
    Range,
    /// More elements, events or bytes than allowed.
    #[error("limit")]
    Limit,
    /// Text is not UTF-8 or holds U+0000.
    #[error("text")]
    Text,
    /// An unknown kind of event.
    #[error("kind")]
    Kind,
    /// No event.
    #[error("empty")]
    Empty,
}

impl FrameError {
    /// The word for it on the wire, in metrics and in test vectors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Truncated => "truncated",
            Self::Varint => "varint",
            Self::Range => "range",
            Self::Limit => "limit",
            Self::Text => "text",
            Self::Kind => "kind",
            Self::Empty => "empty",
        }
    }
}
