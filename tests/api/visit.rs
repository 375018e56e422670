use chrono::{DateTime, Utc};
use mousetrail::collector::Tokens;
use mousetrail::event::{Element, ElementBox, ElementFlags, Frame, Kind, Nonce, Note, PointerEvent};
use mousetrail::store::{Pools, Store};
use mousetrail::wire::{Hello, Import, NewPage, Page, PageState, ServerMessage, Via, encode_frame};

use super::app::TestApp;
use super::client::{Client, Heard};

pub const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";
pub const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36";

/// One page view of a visitor of its own, sent through the real socket. It is an import, so that it can be at any time and on any device.
pub struct Visit {
    pub visitor: String,
    pub user_agent: &'static str,
    pub began_at: DateTime<Utc>,
    pub page: NewPage,
    pub events: Vec<PointerEvent>,
    pub elements: Vec<Element>,
    /// Name and value of each event that has them, in their order.
    pub notes: Vec<(&'static str, &'static str)>,
}

/// A visit of `https://shop.example/page` just now, by a visitor with this name.
pub fn visit_of(visitor: &str) -> Visit {
    let page = NewPage {
        nonce: Nonce(rand::random()),
        age_ms: 0,
        began_at: None,
        via: Via::Load,
        session: None,
        url: "https://shop.example/page".to_owned(),
        title: Some("A page".to_owned()),
        referrer: None,
        viewport: [1_440.0, 900.0],
        document: [1_440.0, 3_000.0],
        scroll: [0.0, 0.0],
        screen: None,
        dpr: None,
        pointer: None,
        language: None,
    };
    // A little before now: an import must not come from the future.
    let began_at = Utc::now() - chrono::TimeDelta::seconds(1);
    Visit { visitor: visitor.to_owned(), user_agent: DESKTOP, began_at, page, events: Vec::new(), elements: Vec::new(), notes: Vec::new() }
}

impl Visit {
    pub fn with(mut self, events: impl IntoIterator<Item = PointerEvent>) -> Self {
        self.events.extend(events);
        self
    }

    /// Sends it and waits until it is committed. Returns the id of the page view.
    pub async fn send(self, app: &TestApp) -> String {
        let store = Store::new(&app.server, Pools::default());
        let token = Tokens::new(store.secret("tokens").await.unwrap()).issue_import(app.site.site_id, Utc::now());
        store.close().await;
        let page = NewPage { began_at: Some(self.began_at), ..self.page };
        let hello = Hello {
            import: Some(Import { token, visitor: self.visitor, user_agent: self.user_agent.to_owned() }),
            ..Hello::new(&app.site.key, vec![Page { n: 0, state: PageState::New(Box::new(page)) }])
        };
        let mut client = Client::connect(app).await;
        client.hello_with(hello).await;
        let Heard::Message(ServerMessage::Welcome { id, .. }) = client.hear().await else { panic!("no welcome") };
        let frames = cut(self.events, self.elements, self.notes);
        let last = frames.len() as u32;
        for frame in frames {
            client.send(encode_frame(&frame)).await;
        }
        if last > 0 {
            client.hear_ack(last).await;
        }
        id.to_string()
    }
}

/// An event at a time of the page view, in ms. `Visit::send` cuts frames.
pub fn at(ms: u16, kind: Kind, x: i32, y: i32) -> PointerEvent {
    PointerEvent::new(ms, kind, x, y)
}

/// A button with this number and selector.
pub fn button(number: u16, selector: &str, rect: ElementBox) -> Element {
    Element {
        number,
        parent: 0,
        flags: ElementFlags::from_bits(ElementFlags::INTERACTIVE).unwrap(),
        rect,
        text_length: 4,
        tag: "button".to_owned(),
        role: String::new(),
        selectors: vec![selector.to_owned()],
    }
}

/// Frames of at most 5 s; the first one describes the elements.
fn cut(events: Vec<PointerEvent>, mut elements: Vec<Element>, notes: Vec<(&str, &str)>) -> Vec<Frame> {
    let mut notes = notes.into_iter().chain(std::iter::repeat(("a name", "")));
    let mut frames: Vec<Frame> = Vec::new();
    for event in events {
        let ms = u32::from(event.at_ms);
        if frames.last().is_none_or(|frame| ms > frame.t0_ms + 5_000) {
            frames.push(Frame {
                page: 0,
                seq: frames.len() as u32 + 1,
                t0_ms: ms,
                origin: (event.x, event.y),
                samples: 9,
                dropped: 0,
                tolerance: 20,
                elements: std::mem::take(&mut elements),
                events: Vec::new(),
                notes: Vec::new(),
            });
        }
        let frame = frames.last_mut().unwrap();
        if event.kind.is_note() {
            let (name, value) = notes.next().unwrap();
            frame.notes.push(Note { index: frame.events.len(), name: name.to_owned(), value: value.to_owned() });
        }
        frame.events.push(PointerEvent { at_ms: (ms - frame.t0_ms) as u16, ..event });
    }
    frames
}
