use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use awc::ws::Frame;
use mousetrail::event::Nonce;
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ResumedPage, ServerMessage, Via, encode_frame};

use crate::load::{Movement, ORIGIN, Site, Socket};

/// Events in a frame.
const EVENTS: usize = 24;

/// Which collector and which site.
#[derive(Clone)]
pub struct Place {
    pub to: SocketAddr,
    pub site: Site,
}

impl Place {
    pub fn new(port: u16, site: &Site) -> Self {
        Self { to: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), site: site.clone() }
    }

    /// The same by another port.
    pub fn through(&self, port: u16) -> Self {
        Self::new(port, &self.site)
    }
}

/// A visitor with one page view open, over a WebSocket.
pub struct Visitor {
    pub socket: Socket,
    pub movement: Movement,
    pub id: String,
    pub token: String,
}

impl Visitor {
    /// Comes from an address that the number decides: ten to each. `headers` are those that a browser adds.
    pub async fn open(place: &Place, number: u32, headers: &str) -> Self {
        let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number / 10);
        let mut socket =
            Socket::connect(place.to, Some(from), &format!("Origin: {ORIGIN}\r\n{headers}")).await.expect("the collector answers");
        let hello = ClientMessage::Hello(Hello::new(&place.site.key, vec![new_page(number)]));
        socket.say(&serde_json::to_string(&hello).unwrap()).await.unwrap();
        let mut visitor = Self { socket, movement: Movement::new(number.into()), id: String::new(), token: String::new() };
        loop {
            if let ServerMessage::Welcome { id, token, .. } = visitor.hear().await {
                return Self { id: id.to_string(), token, ..visitor };
            }
        }
    }

    /// The next frame.
    pub fn frame(&mut self) -> (u32, Vec<u8>) {
        let bytes = encode_frame(&self.movement.frame(0, EVENTS, Duration::from_secs(1), 0));
        (self.movement.seq(), bytes)
    }

    pub async fn hear(&mut self) -> ServerMessage {
        loop {
            match self.socket.next().await.expect("the collector stays").unwrap() {
                Frame::Text(text) => return serde_json::from_slice(&text).unwrap(),
                Frame::Ping(said) => self.socket.send(awc::ws::Message::Pong(said)).await.unwrap(),
                _ => {}
            }
        }
    }

    pub async fn hear_ack(&mut self, wanted: u32) {
        while !matches!(self.hear().await, ServerMessage::Ack { seq, .. } if seq >= wanted) {}
    }

    /// A hello that names its page view.
    pub fn resume(&self, place: &Place) -> Hello {
        let page = ResumedPage { id: self.id.clone(), token: self.token.clone(), from: 1 };
        Hello::new(&place.site.key, vec![Page { n: 0, state: PageState::Resumed(page) }])
    }
}

fn new_page(number: u32) -> Page {
    let mut nonce: [u8; 16] = rand::random();
    nonce[..4].copy_from_slice(&number.to_le_bytes());
    let page = NewPage {
        nonce: Nonce(nonce),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: format!("{ORIGIN}/"),
        title: None,
        referrer: None,
        viewport: [1440.0, 900.0],
        document: [1440.0, 3000.0],
        scroll: [0.0; 2],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    Page { n: 0, state: PageState::New(Box::new(page)) }
}
