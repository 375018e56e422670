//! A site whose page views come frame by frame into the store, and its heat by every way that there is.

use std::ops::Range;
use std::sync::OnceLock;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use mousetrail::analysis::heat::{ElementSums, Heat};
use mousetrail::event::{
    self, Agent, Device, ElementBox, Extent, Frame, Kind, NewPageView, Nonce, PageViewId, Place, PointerEvent, Visitor,
};
use mousetrail::jobs::heat;
use mousetrail::query::{HeatColumn, HeatOrigin, HeatRequest, HeatSelection, HeatViews, build_heat, read_heat};
use mousetrail::store::{Found, NewChunk, OpenPageView, PgRole, Pools, Server, Store};
use mousetrail::wire::encode_frame;

use crate::app::{add_site, new_database};
use crate::visit::button;

/// The classes of widths that are kept.
pub const WIDTHS: [Range<i32>; 6] = [0..480, 480..768, 768..1_024, 1_024..1_280, 1_280..1_536, 1_536..i32::MAX];

pub struct Shop {
    pub server: Server,
    pub store: Store,
    pub site_id: i32,
    pub page_id: i32,
}

/// A map's heat: each kind in each class of widths, and the sums by element. And how many sums of days it was read from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Map {
    pub kinds: Vec<Vec<Heat>>,
    pub elements: ElementSums,
    pub views: u64,
    pub sessions: u64,
}

impl Map {
    fn new() -> Self {
        Self { kinds: vec![vec![Heat::default(); WIDTHS.len()]; 8], ..Self::default() }
    }

    fn add(&mut self, column: HeatColumn, width: usize, bytes: &[u8]) {
        match column {
            HeatColumn::Kind(kind) => self.kinds[kind as usize][width].add(bytes).unwrap(),
            HeatColumn::Elements => self.elements.add(bytes).unwrap(),
        }
    }

    /// Time of movement in sixteenths of a ms, and clicks.
    pub fn sums(&self) -> (u64, u64) {
        let sum = |kind: usize| self.kinds[kind].iter().map(Heat::sum).sum();
        (sum(0), sum(2))
    }
}

impl Shop {
    pub async fn open() -> Self {
        let server = new_database().await;
        let store = Store::new(&server, Pools::default());
        let site_id = add_site(&server, "k_heat", &["https://shop.example"]).await.site_id;
        let mut owner = server.connect(PgRole::Owner).await.unwrap();
        let page_id = sqlx::query_scalar("insert into core.page (site_id, path) values ($1, '/page') returning page_id")
            .bind(site_id)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        Self { server, store, site_id, page_id }
    }

    /// A page view that began with this day, or so many days before.
    pub async fn view(&self, number: u8, days_ago: u64, width: i32) -> OpenPageView {
        let new = NewPageView {
            site_id: self.site_id,
            nonce: Nonce([number; 16]),
            began_at: day(days_ago).and_time(NaiveTime::MIN).and_utc(),
            visitors: [Visitor([number % 3; 8]); 2],
            session_key: None,
            via: event::Via::Load,
            agent: Agent { device: Device::Desktop, browser: String::new(), os: String::new() },
            place: Place::parse("https://shop.example/page"),
            title: None,
            referrer: None,
            language: None,
            viewport: Extent::new(width.into(), 900.0),
            document: Extent::new(width.into(), 4_000.0),
            scroll: Extent::default(),
            screen: None,
            pixel_ratio: None,
            suspect: event::Suspect::NONE,
            country: None,
        };
        let Found::Open(view) = self.store.open_page_view(&new, u64::from(number)).await.unwrap() else { panic!("the page view is there") };
        view
    }

    pub async fn send(&self, mut chunks: Vec<NewChunk>) {
        chunks.sort_by_key(NewChunk::key);
        self.store.insert_chunks(&chunks.iter().collect::<Vec<_>>()).await.unwrap();
    }

    /// A page view with two frames, stored.
    pub async fn visit(&self, number: u8, days_ago: u64, width: i32) -> OpenPageView {
        let view = self.view(number, days_ago, width).await;
        self.send(vec![chunk(&view, 1), chunk(&view, 2)]).await;
        view
    }

    /// All that the jobs have to do.
    pub async fn work(&self) -> (usize, usize) {
        let (mut views, mut sums) = (0, 0);
        loop {
            let built = heat::build_views(&self.store, now(), 7).await.unwrap();
            let summed = if built == 0 { heat::roll_up_days(&self.store, now()).await.unwrap() } else { 0 };
            (views, sums) = (views + built, sums + summed);
            if built + summed == 0 {
                return (views, sums);
            }
        }
    }

    pub async fn views(&self, suspects: bool, selected: Option<&[i64]>) -> HeatViews {
        let page_ids = &[self.page_id];
        let (from, to) = (day(60), day(0) + Days::new(1));
        let selection = HeatSelection { site_id: self.site_id, page_ids, device: Device::Desktop, from, to, suspects, selected };
        HeatViews::find(&self.store.admin, selection).await.unwrap()
    }

    /// What the page shows, and of how many sums of days it is made.
    pub async fn read(&self, views: &HeatViews, by_view: bool) -> (Map, usize) {
        let numbers = views.numbers(&WIDTHS);
        let mut map = Map { views: numbers.views, sessions: numbers.sessions, ..Map::new() };
        let mut days = 0;
        for column in HeatColumn::all() {
            let request = HeatRequest { widths: &WIDTHS, column, by_view };
            read_heat(&self.store.admin, views, request, |piece| {
                map.add(column, piece.width, &piece.bytes);
                days += usize::from(matches!(piece.origin, HeatOrigin::Day { .. }));
            })
            .await
            .unwrap();
        }
        (map, days)
    }

    /// The map of everything.
    pub async fn map(&self) -> Map {
        self.read(&self.views(false, None).await, false).await.0
    }

    /// The same computed from the events, without anything that was stored of it.
    pub async fn truth(&self) -> Map {
        let views = self.views(false, None).await;
        let numbers = views.numbers(&WIDTHS);
        let mut map = Map { views: numbers.views, sessions: numbers.sessions, ..Map::new() };
        let ids: Vec<i64> = views.iter().map(|view| view.page_view_id).collect();
        let mut connection = self.store.admin.acquire().await.unwrap();
        build_heat(&mut connection, &ids, |built| {
            let width = views.get(built.page_view_id).unwrap().viewport_w;
            let width = WIDTHS.iter().position(|range| range.contains(&width)).unwrap();
            for (kind, heat) in &built.heat.kinds {
                map.add(HeatColumn::Kind(*kind), width, &heat.encode());
            }
            map.add(HeatColumn::Elements, width, &built.heat.elements.encode());
        })
        .await
        .unwrap();
        map
    }

    pub async fn forget(&self, view: &OpenPageView) {
        self.store.forget_page_view(view.id).await.unwrap();
    }

    pub async fn mark(&self, view: &OpenPageView) {
        self.store.mark_suspect(&[view.id], event::Suspect::COPIES).await.unwrap();
    }

    /// All derived rows, byte for byte. Page views that turned out to be suspect keep what they had, and don't get it again.
    pub async fn derived(&self) -> Vec<String> {
        let mut rows = self
            .texts(
                "select row_to_json(h)::text from core.heat_view h join core.page_view v using (page_view_id) where suspect = 0 order by 1",
            )
            .await;
        rows.extend(self.texts("select row_to_json(t)::text from core.heat_day t order by day, page_id, device, width_from").await);
        rows
    }

    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&mut owner).await.unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut owner).await.unwrap()
    }

    pub async fn execute(&self, sql: &str) {
        let mut owner = self.server.connect(PgRole::Owner).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut owner).await.unwrap();
    }
}

/// The UTC day of page views of `Shop::view`.
pub fn day(days_ago: u64) -> NaiveDate {
    static TODAY: OnceLock<NaiveDate> = OnceLock::new();
    *TODAY.get_or_init(|| Utc::now().date_naive()) - Days::new(days_ago)
}

/// A day as the names of partitions have it.
pub fn suffix(days_ago: u64) -> String {
    day(days_ago).format("%Y%m%d").to_string()
}

/// A frame whose movement, clicks and boxes follow from its page view and number. Frame 0 is the outline.
pub fn chunk(view: &OpenPageView, seq: u32) -> NewChunk {
    let mut random = (view.id.get() as u64) ^ u64::from(seq) << 20;
    let mut next = |below: i32| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as i32 % below
    };
    let boxes = if seq == 0 { 4 } else { next(3) };
    let elements = (1..=boxes)
        .map(|number| {
            button(number as u16, &format!("#b{number}"), ElementBox { x: 40 * number, y: 200 * number + next(90), w: 300, h: 180 })
        })
        .collect();
    let count = if seq == 0 { 0 } else { 3 + next(9) };
    let mut at_ms = 0;
    let events = (0..count)
        .map(|_| {
            let kind = [Kind::Move, Kind::Move, Kind::Move, Kind::Click, Kind::Scroll][next(5) as usize];
            let event = PointerEvent { element: next(5) as u16, ..PointerEvent::new(at_ms, kind, next(370), next(1_500)) };
            at_ms += 30 + next(200) as u16;
            event
        })
        .collect();
    let frame = Frame {
        page: 0,
        seq,
        t0_ms: if seq == 0 { 800 } else { seq * 4_000 },
        origin: (0, 0),
        samples: 0,
        dropped: 0,
        tolerance: if seq == 0 { 0 } else { 20 },
        elements,
        events,
        notes: Vec::new(),
    };
    NewChunk { page_view: *view, bytes: encode_frame(&frame), frame }
}

/// The end of this day, for jobs: page views of today are quiet by then.
pub fn now() -> DateTime<Utc> {
    day(0).and_hms_opt(23, 59, 59).unwrap().and_utc()
}

/// The ids of page views, ascending.
pub fn ids(views: &[OpenPageView]) -> Vec<i64> {
    let mut ids: Vec<i64> = views.iter().map(|view| PageViewId::get(view.id)).collect();
    ids.sort_unstable();
    ids
}
