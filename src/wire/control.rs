use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{MAX_CONTROL_BYTES, MAX_HELLO_PAGES, VERSION};
use crate::event::{Nonce, PageViewId, SessionKey};

/// Longest `age_ms`: a page view that began a day before it is told of.
const MAX_AGE_MS: u64 = 86_400_000;

/// What a client says in text messages (docs/protocol.md section 3).
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// First message on every connection.
    Hello(Hello),
    /// A page view that began after the hello.
    Page(Page),
}

/// First message on every connection.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Hello {
    /// Version of the protocol.
    pub v: u32,
    /// Public key of the site.
    pub site: String,
    /// Name and version of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Page views to create or to resume.
    pub pages: Vec<Page>,
    /// Share of the site's sessions that are wanted.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub sample: f64,
    /// Are the pages to be erased instead?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forget: bool,
    /// Set by an operator's import only (section 9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
}

impl Hello {
    /// A hello of version 1 for all sessions of a site.
    pub fn new(site: impl Into<String>, pages: Vec<Page>) -> Self {
        let site = site.into();
        Self { v: u32::from(VERSION), site, agent: None, pages, sample: whole(), forget: false, import: None }
    }
}

fn whole() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_whole(share: &f64) -> bool {
    *share >= 1.0
}

/// Permission to write page views that began in the past.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Import {
    /// Import token of the site.
    pub token: String,
    /// Stands in for the visitor's address.
    pub visitor: String,
    /// Stands in for the header of that name.
    pub user_agent: String,
}

/// A page view, new or resumed.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Page {
    /// The client's number of it.
    pub n: u16,
    /// What is said of it.
    #[serde(flatten)]
    pub state: PageState,
}

/// A page view that the collector knows, or doesn't.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum PageState {
    /// Named by the collector earlier.
    Resumed(ResumedPage),
    /// Not named yet.
    New(Box<NewPage>),
}

/// A page view that the collector has named.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ResumedPage {
    /// Its id, as the collector gave it.
    pub id: String,
    /// The token that came with the id.
    pub token: String,
    /// Lowest seq that the client still holds, or will use next: all below are settled for it.
    #[serde(default = "first_seq")]
    pub from: u32,
}

fn first_seq() -> u32 {
    1
}

/// A page view that has just begun.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct NewPage {
    /// The client's secret name for it.
    #[serde(with = "super::random::nonce_text")]
    pub nonce: Nonce,
    /// Time from its begin to the sending of this message, ms.
    pub age_ms: u64,
    /// When it began: counts only in an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<DateTime<Utc>>,
    /// How it began.
    #[serde(default, skip_serializing_if = "is_load")]
    pub via: Via,
    /// Key of the session, where the site keeps one in the tab.
    #[serde(with = "super::random::session_text", default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionKey>,
    /// Scheme, host and path; the query and the fragment only as far as the site keeps them.
    pub url: String,
    /// Title of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Origin and path of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// Width and height of the window's content, CSS px.
    pub viewport: [f64; 2],
    /// Width and height of the document, CSS px.
    pub document: [f64; 2],
    /// Scroll offset at the begin, CSS px.
    #[serde(default)]
    pub scroll: [f64; 2],
    /// Width and height of the screen, CSS px.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<[f64; 2]>,
    /// Device px a CSS px.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpr: Option<f32>,
    /// Primary pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<PrimaryPointer>,
    /// `navigator.language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// How a page view begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The page was loaded.
    #[default]
    Load,
    /// The route of a single-page app changed.
    Route,
    /// The browser took the page out of its back/forward cache.
    Restore,
    /// The page was rendered before the visitor came to it.
    Prerender,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_load(via: &Via) -> bool {
    *via == Via::Load
}

/// What a device is mainly pointed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum PrimaryPointer {
    Mouse,
    Pen,
    Touch,
}

/// What the collector says in text messages (docs/protocol.md section 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The page view exists, and this much of it is settled.
    Welcome {
        /// The client's number of it.
        n: u16,
        /// Its id.
        #[serde(with = "id_text")]
        id: PageViewId,
        /// Proof of ownership.
        token: String,
        /// Every seq up to this one is settled.
        acked: u32,
    },
    /// Every seq up to `seq` is settled.
    Ack {
        /// The client's number of the page view.
        n: u16,
        /// Last seq without a gap before it.
        seq: u32,
    },
    /// A frame, or without `seq` a whole page view, was not taken.
    Nack {
        /// The client's number of the page view.
        n: u16,
        /// The frame.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        seq: Option<u32>,
        /// Send it again later?
        retry: bool,
        /// Why.
        reason: String,
    },
    /// This part of a recording is committed.
    Part {
        /// The client's number of the page view.
        n: u16,
        /// The part's number.
        part: u32,
    },
    /// Multiply the tolerance by 2^level.
    Slow {
        /// 0 to 4.
        level: u8,
    },
    /// Somebody watches: flush often.
    Watch {
        /// While this is true.
        on: bool,
    },
    /// The collector goes away.
    Drain {
        /// Come back within this time, ms.
        after_ms: u32,
    },
}

impl ServerMessage {
    /// As JSON text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain structs always serialise")
    }
}

/// Why a text message is not a control message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// A field is missing, has the wrong type, or is out of bounds.
    #[error("field: {0}")]
    Field(String),
    /// A `type` that the collector doesn't know.
    #[error("unknown type")]
    UnknownType,
    /// A version that the collector doesn't speak.
    #[error("version")]
    Version,
    /// Longer than a control message may be.
    #[error("too long")]
    Limit,
}

impl ControlError {
    /// The word for it in the test vectors.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Field(_) => "field",
            Self::UnknownType => "type",
            Self::Version => "version",
            Self::Limit => "limit",
        }
    }
}

/// Tells broken JSON from JSON that says the wrong thing.
fn classify(error: serde_json::Error) -> ControlError {
    match error.classify() {
        serde_json::error::Category::Data => ControlError::Field(error.to_string()),
        _ => ControlError::Json(error.to_string()),
    }
}

/// Reads a client's text message. Total, and bounded by its input.
pub fn parse_client(text: &str) -> Result<ClientMessage, ControlError> {
    if text.len() > MAX_CONTROL_BYTES {
        return Err(ControlError::Limit);
    }
    /// The two fields that decide how the rest is read.
    #[derive(Deserialize)]
    struct Head {
        r#type: String,
        v: Option<u32>,
    }
    let head: Head = serde_json::from_str(text).map_err(classify)?;
    // Not as the enum: to find its tag, serde would first keep the whole message in a form many times its size.
    let message = match head.r#type.as_str() {
        "hello" if head.v.is_some_and(|v| v != u32::from(VERSION)) => return Err(ControlError::Version),
        "hello" => ClientMessage::Hello(serde_json::from_str(text).map_err(classify)?),
        "page" => ClientMessage::Page(serde_json::from_str(text).map_err(classify)?),
        _ => return Err(ControlError::UnknownType),
    };
    let pages = match &message {
        ClientMessage::Hello(hello) if !(0.0..=1.0).contains(&hello.sample) => {
            return Err(ControlError::Field("sample is not 0 to 1".to_owned()));
        }
        ClientMessage::Hello(hello) => hello.pages.as_slice(),
        ClientMessage::Page(page) => std::slice::from_ref(page),
    };
    if pages.len() > MAX_HELLO_PAGES {
        return Err(ControlError::Field(format!("more than {MAX_HELLO_PAGES} pages")));
    }
    let is_within = |page: &Page| match &page.state {
        PageState::New(new) => new.age_ms <= MAX_AGE_MS,
        PageState::Resumed(resumed) => resumed.from >= 1,
    };
    if pages.iter().all(is_within) { Ok(message) } else { Err(ControlError::Field("age_ms or from is out of bounds".to_owned())) }
}

mod id_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::event::PageViewId;

    pub(super) fn serialize<S: Serializer>(id: &PageViewId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PageViewId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
