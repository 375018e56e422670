use super::session::Action;
use crate::wire::ServerMessage;

/// What is said and counted where a site ignores the visitor's network.
pub(super) const IGNORED: &str = "ignored_network";

/// Why a page view is refused as a whole: the `reason` of its nack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The token is wrong or expired.
    Token,
    /// There is no such page view.
    Unknown,
    /// The site wants a share of the sessions, and this one is not in it.
    Sample,
    /// The site doesn't want visits from the visitor's network.
    Ignored,
    /// It was erased.
    Forgotten,
}

impl Refusal {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Unknown => "page",
            Self::Sample => "sample",
            Self::Ignored => IGNORED,
            Self::Forgotten => "forgotten",
        }
    }

    /// For the whole page view: the client forgets it, with its frames.
    pub(super) fn nack(self, n: u16) -> Action {
        Action::Send(ServerMessage::Nack { n, seq: None, retry: false, reason: self.word().to_owned() })
    }
}
