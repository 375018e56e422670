use std::collections::{HashMap, HashSet, VecDeque};

use super::Content;
use super::postgres::POISON;
use crate::event::{Frame, Kind, PointerEvent};
use crate::ingest::digest;
use crate::wire::{ServerMessage, encode_frame};

/// Frames that the client holds at most.
pub(super) const CAP: usize = 24;

/// A frame that the client keeps until it is settled.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) page: u16,
    pub(super) seq: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) digest: i64,
}

/// A page view as the client knows it.
#[derive(Default)]
pub(super) struct Page {
    /// Id and token, from the first welcome on.
    pub(super) name: Option<(String, String)>,
    pub(super) seq: u32,
    pub(super) is_refused: bool,
}

/// What one connection has carried.
#[derive(Default)]
pub(super) struct Carried {
    frames: HashSet<(u16, u32)>,
    /// Welcomed page views, and how far they were settled then.
    welcomed: HashMap<u16, u32>,
    /// Frames that were answered on this connection: by an ack or a nack.
    answered: HashSet<(u16, u32)>,
    pub(super) acked: HashMap<u16, u32>,
}

/// The buffer and the stream of the snippet, without their timers: the world decides when the client connects.
#[derive(Default)]
pub(super) struct Client {
    pub(super) pages: HashMap<u16, Page>,
    pub(super) held: VecDeque<Held>,
    /// Every frame that was ever cut.
    pub(super) cut: HashMap<(u16, u32), Held>,
}

impl Client {
    /// Cuts a frame. When the buffer is full there is none: what has no seq yet is what gets dropped.
    pub(super) fn cut(&mut self, page: u16, content: Content) {
        let of = self.pages.entry(page).or_default();
        if of.is_refused || self.held.len() >= CAP {
            return;
        }
        of.seq += 1;
        let bytes = frame(page, of.seq, content, 0);
        let held = Held { page, seq: of.seq, digest: digest(&bytes), bytes };
        self.cut.insert((page, held.seq), held.clone());
        self.held.push_back(held);
    }

    /// The pages of a hello, as JSON.
    pub(super) fn introduction(&self, site: &str) -> String {
        let mut numbers: Vec<u16> = self.pages.iter().filter(|(_, page)| !page.is_refused).map(|(n, _)| *n).collect();
        numbers.sort_unstable();
        let pages: Vec<String> = numbers
            .iter()
            .map(|n| {
                let page = &self.pages[n];
                let from = self.held.iter().filter(|held| held.page == *n).map(|held| held.seq).min().unwrap_or(page.seq + 1);
                match &page.name {
                    Some((id, token)) => format!(r#"{{"n":{n},"id":"{id}","token":"{token}","from":{from}}}"#),
                    None => format!(
                        r#"{{"n":{n},"nonce":"AAECAwQFBgcICQoLDA0OD{}","age_ms":0,"url":"/","viewport":[1,1],"document":[1,1]}}"#,
                        ['w', 'A', 'Q', 'g'][usize::from(*n)]
                    ),
                }
            })
            .collect();
        format!(r#"{{"type":"hello","v":1,"site":"{site}","pages":[{}]}}"#, pages.join(","))
    }

    /// What this connection has not carried yet, oldest first.
    pub(super) fn pump(&self, carried: &mut Carried) -> Vec<Held> {
        let fresh = self.held.iter().filter(|held| carried.welcomed.contains_key(&held.page));
        fresh.filter(|held| carried.frames.insert((held.page, held.seq))).cloned().collect()
    }

    /// A message came. `false`: the client gives the connection up.
    pub(super) fn hear(&mut self, message: ServerMessage, carried: &mut Carried) -> bool {
        match message {
            ServerMessage::Welcome { n, id, token, acked } => {
                self.pages.entry(n).or_default().name = Some((id.to_string(), token));
                carried.welcomed.insert(n, acked);
                carried.acked.insert(n, acked);
                self.settle(n, |seq| seq <= acked);
            }
            ServerMessage::Ack { n, seq } => {
                let acked = carried.acked.entry(n).or_default();
                *acked = seq.max(*acked);
                self.settle(n, |of| of <= seq);
            }
            ServerMessage::Nack { retry: true, .. } => return false,
            ServerMessage::Nack { n, seq: Some(seq), .. } => {
                carried.answered.insert((n, seq));
                self.settle(n, |of| of == seq);
            }
            ServerMessage::Nack { n, seq: None, .. } => {
                self.pages.entry(n).or_default().is_refused = true;
                self.settle(n, |_| true);
            }
            other => panic!("{other:?}"),
        }
        true
    }

    fn settle(&mut self, page: u16, is_settled: impl Fn(u32) -> bool) {
        self.held.retain(|held| held.page != page || !is_settled(held.seq));
    }

    /// Frames that this connection has carried and that nobody answered on it. Behind one that it did not carry no ack can come.
    pub(super) fn unanswered(&self, carried: &Carried) -> Vec<(u16, u32)> {
        let is_due = |(page, seq): &(u16, u32)| {
            let from = carried.welcomed.get(page).map_or(1, |acked| acked + 1);
            !self.pages[page].is_refused && (from..=*seq).all(|before| carried.frames.contains(&(*page, before)))
        };
        let is_answered =
            |name: &(u16, u32)| carried.answered.contains(name) || carried.acked.get(&name.0).is_some_and(|acked| *acked >= name.1);
        carried.frames.iter().filter(|name| is_due(name) && !is_answered(name)).copied().collect()
    }
}

/// A frame. Those with another `variant` have other bytes under the same name.
pub(super) fn frame(page: u16, seq: u32, content: Content, variant: i32) -> Vec<u8> {
    let mut bytes = encode_frame(&Frame {
        page,
        seq,
        t0_ms: seq,
        origin: (variant, 0),
        samples: 1,
        dropped: if content == Content::Poison { POISON } else { 0 },
        tolerance: 20,
        elements: Vec::new(),
        events: vec![PointerEvent::new(0, Kind::Move, variant, 0)],
        notes: Vec::new(),
    });
    if content == Content::Broken {
        bytes.pop();
    }
    bytes
}
