use std::time::Duration;

use actix_codec::Framed;
use awc::BoxedSocket;
use awc::ws::{Codec, Frame, Message};
use futures_util::{SinkExt, StreamExt};
use mousetrail::event::{self, Kind, Nonce, PointerEvent};
use mousetrail::wire::{ClientMessage, Hello, NewPage, Page, PageState, ResumedPage, ServerMessage, Via, encode_frame};

use super::app::{ORIGIN, TestApp};

const PATIENCE: Duration = Duration::from_secs(20);

/// What came from the collector.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Message(ServerMessage),
    Close(u16),
}

/// A client of the protocol over a real WebSocket.
pub struct Client {
    socket: Framed<BoxedSocket, Codec>,
}

impl Client {
    pub async fn connect(app: &TestApp) -> Self {
        Self::connect_from(app, Some(ORIGIN)).await
    }

    pub async fn connect_from(app: &TestApp, origin: Option<&str>) -> Self {
        let mut request = awc::Client::new().ws(format!("{}/v1/socket", app.url)).protocols(["mousetrail.v1"]);
        if let Some(origin) = origin {
            request = request.origin(origin);
        }
        let (_, socket) = request.connect().await.unwrap();
        Self::on(socket)
    }

    /// A client on a connection that is open already.
    pub fn on(socket: Framed<BoxedSocket, Codec>) -> Self {
        Self { socket }
    }

    /// Connects, says hello with one new page, and waits for the welcome: (client, id, token).
    pub async fn welcomed(app: &TestApp) -> (Self, String, String) {
        let mut client = Self::connect(app).await;
        client.hello(&app.site.key, vec![new_page(0, 1)]).await;
        let Heard::Message(ServerMessage::Welcome { id, token, .. }) = client.hear().await else { panic!("no welcome") };
        (client, id.to_string(), token)
    }

    pub async fn hello(&mut self, site: &str, pages: Vec<Page>) {
        self.hello_with(Hello::new(site, pages)).await;
    }

    pub async fn hello_with(&mut self, hello: Hello) {
        self.say(&serde_json::to_string(&ClientMessage::Hello(hello)).unwrap()).await;
    }

    pub async fn say(&mut self, text: &str) {
        self.socket.send(Message::Text(text.to_owned().into())).await.unwrap();
    }

    pub async fn send(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::Binary(bytes.into())).await.unwrap();
    }

    /// The next message or close. A close without a code counts as 1005.
    pub async fn hear(&mut self) -> Heard {
        self.hear_within(PATIENCE).await.expect("the collector says something")
    }

    /// The same; `None` when nothing comes in time.
    pub async fn hear_within(&mut self, patience: Duration) -> Option<Heard> {
        let until = tokio::time::Instant::now() + patience;
        loop {
            match tokio::time::timeout_at(until, self.socket.next()).await.ok()? {
                Some(Ok(Frame::Text(text))) => return Some(Heard::Message(serde_json::from_slice(&text).unwrap())),
                Some(Ok(Frame::Close(reason))) => return Some(Heard::Close(reason.map_or(1005, |reason| reason.code.into()))),
                Some(Ok(Frame::Ping(bytes))) => self.socket.send(Message::Pong(bytes)).await.unwrap(),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Some(Heard::Close(1006)),
            }
        }
    }

    /// Hears until everything up to `seq` of page view 0 is acked. Nacks on the way are an error.
    pub async fn hear_ack(&mut self, seq: u32) {
        loop {
            match self.hear().await {
                Heard::Message(ServerMessage::Ack { n: 0, seq: acked }) if acked >= seq => return,
                Heard::Message(ServerMessage::Ack { .. } | ServerMessage::Drain { .. }) => {}
                other => panic!("no ack of {seq} but {other:?}"),
            }
        }
    }
}

/// A page view of `/page` that began just now.
pub fn new_page(n: u16, nonce: u8) -> Page {
    new_page_with(n, nonce, |_| {})
}

/// The same, changed.
pub fn new_page_with(n: u16, nonce: u8, change: impl FnOnce(&mut NewPage)) -> Page {
    let mut page = NewPage {
        nonce: Nonce([nonce; 16]),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: "https://shop.example/page?secret=1".to_owned(),
        title: Some("A page".to_owned()),
        referrer: None,
        viewport: [1440.0, 900.0],
        document: [1440.0, 3000.0],
        scroll: [0.0, 0.0],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    change(&mut page);
    Page { n, state: PageState::New(Box::new(page)) }
}

pub fn resumed_page(n: u16, id: &str, token: &str) -> Page {
    Page { n, state: PageState::Resumed(ResumedPage { id: id.to_owned(), token: token.to_owned(), from: 1 }) }
}

/// A frame of page view 0 with `seq`: a move, a click, a scroll and a resize.
pub fn frame(seq: u32) -> event::Frame {
    let mut click = PointerEvent::new(40, Kind::Click, 120, 260);
    click.buttons = 1;
    click.element = 3;
    event::Frame {
        page: 0,
        seq,
        t0_ms: seq * 1_000,
        origin: (100, 200),
        samples: 9,
        dropped: 0,
        tolerance: 20,
        elements: Vec::new(),
        events: vec![
            PointerEvent::new(0, Kind::Move, 100, 200),
            click,
            PointerEvent { kind: Kind::Scroll, x: 0, y: 400, at_ms: 50, ..PointerEvent::new(0, Kind::Move, 0, 0) },
            PointerEvent { at_ms: 60, ..PointerEvent::new(0, Kind::Resize, 1280, 720) },
        ],
        notes: Vec::new(),
    }
}

pub fn frame_bytes(seq: u32) -> Vec<u8> {
    encode_frame(&frame(seq))
}
