use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::SessionId;
use crate::live::{LiveFrame, Present, Visitors};

/// What a viewer asks for: `{"watch":"SESSION"}` or `{"unwatch":"SESSION"}`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    Watch(String),
    Unwatch(String),
}

/// What a viewer is told as JSON. Frames are binary: the page view's id in 8 bytes, big endian, then the frame as the visitor sent it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message {
    /// All who are there: at first, and again after something was missed.
    Visitors { total: usize, page_views: Vec<PageView> },
    /// A page view began.
    Arrived(PageView),
    /// A page view ended.
    Left { page_view_id: String },
    /// Frames of this visit come from now on, should it send any.
    Watching { session_id: String },
    /// They come no more.
    Unwatched { session_id: String },
    /// Too many at a time.
    Refused { session_id: String, reason: &'static str },
    /// So many frames and changes were lost just here.
    Missed { updates: u64 },
}

#[derive(Serialize)]
pub(super) struct PageView {
    page_view_id: String,
    session_id: String,
    page_id: i32,
    device: &'static str,
    since: DateTime<Utc>,
}

impl From<Present> for PageView {
    fn from(present: Present) -> Self {
        Self {
            page_view_id: present.page_view.to_string(),
            session_id: present.session.to_string(),
            page_id: present.page_id,
            device: present.device.name(),
            since: present.since,
        }
    }
}

impl From<Visitors> for Message {
    fn from(visitors: Visitors) -> Self {
        Self::Visitors { total: visitors.total, page_views: visitors.newest.into_iter().map(PageView::from).collect() }
    }
}

impl Message {
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain structs always serialise")
    }

    pub(super) fn watching(session: SessionId) -> Self {
        Self::Watching { session_id: session.to_string() }
    }
}

/// A frame for a viewer.
pub(super) fn frame(frame: &LiveFrame) -> Vec<u8> {
    [&frame.page_view.get().to_be_bytes()[..], &frame.bytes].concat()
}

/// Answers to orders, which wait where nothing more may be sent just now. Bounded by whoever puts them in.
pub(super) type Answers = VecDeque<Message>;
