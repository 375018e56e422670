use std::time::Instant;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use mousetrail::event::{Element, ElementBox, ElementFlags, Frame, Kind, PageViewId, PointerEvent, SessionId};
use mousetrail::store::{NewChunk, OpenPageView, PgRole, Server, Store};
use mousetrail::wire::encode_frame;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Points of a page view, and of a frame of 5 s: means of real sessions.
const VIEW_POINTS: usize = 200;
const FRAME_POINTS: usize = 24;
const DAYS: u64 = 30;
const DOCUMENT: (i32, i32) = (1_440, 5_200);
/// Widths of windows that come, the first ones more often.
const WIDTHS: [i32; 6] = [1_440, 1_440, 1_440, 1_366, 1_512, 1_920];
const BATCH: usize = 1_000;

/// Fills a page with page views of the last 30 days, today included.
pub async fn page_views(server: &Server, store: &Store, site_id: i32, points: usize) {
    let begin = Instant::now();
    let views = points / VIEW_POINTS;
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    let page_id: i32 = sqlx::query_scalar("insert into core.page (site_id, path) values ($1, '/busy'), ($1, '/thanks') returning page_id")
        .bind(site_id)
        .fetch_all(&mut owner)
        .await
        .unwrap()[0];
    let today = Utc::now().date_naive();
    let mut random = StdRng::seed_from_u64(1);
    let mut open: Vec<(OpenPageView, i32)> = (0..views)
        .map(|number| {
            let day = today - Days::new(number as u64 % DAYS);
            // Early on the day, so that today's are over.
            let began_at = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::milliseconds(random.random_range(0..600_000));
            let id = |random: &mut StdRng| random.random::<u64>();
            let view = OpenPageView {
                id: PageViewId::new(began_at, id(&mut random)),
                site_id,
                page_id,
                session_id: SessionId::new(began_at, id(&mut random)),
                device: 0,
                began_at,
                settled: 0,
            };
            (view, WIDTHS[random.random_range(0..WIDTHS.len())])
        })
        .collect();
    open.sort_by_key(|(view, _)| view.id);
    rows(&mut owner, &open).await;
    let mut batch: Vec<NewChunk> = Vec::new();
    for (view, width) in &open {
        batch.extend(chunks(*view, *width, &mut random));
        if batch.len() >= BATCH {
            write(store, &mut batch).await;
        }
    }
    write(store, &mut batch).await;
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
    println!("{} page views, {} points in {DAYS} days, stored in {:.0} s", views, views * VIEW_POINTS, begin.elapsed().as_secs_f64());
}

/// Rows of sessions and page views, as many at a time as there are.
async fn rows(owner: &mut sqlx::PgConnection, open: &[(OpenPageView, i32)]) {
    let ids: Vec<i64> = open.iter().map(|(view, _)| view.id.get()).collect();
    let sessions: Vec<i64> = open.iter().map(|(view, _)| view.session_id.get()).collect();
    let began: Vec<DateTime<Utc>> = open.iter().map(|(view, _)| view.began_at).collect();
    let widths: Vec<i32> = open.iter().map(|(_, width)| *width).collect();
    let (site_id, page_id) = (open[0].0.site_id, open[0].0.page_id);
    sqlx::query(
        "insert into core.session (session_id, site_id, visitor, started_at, last_seen_at, page_views, entry_page_id, referrer, device, browser, os)
         select id, $3, int8send(id), at, at, 1, $4, case when id % 4 = 0 then 'https://search.example/' end, 0,
                case when id % 3 = 0 then 'Firefox 150' else 'Chrome 156' end, 'Linux'
         from unnest($1::int8[], $2::timestamptz[]) u(id, at)",
    )
    .bind(&sessions)
    .bind(&began)
    .bind(site_id)
    .bind(page_id)
    .execute(&mut *owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into core.page_view (page_view_id, day, site_id, session_id, page_id, nonce_hash, host, started_at, device, viewport_w, viewport_h,
                                     document_w, document_h, scroll_x, scroll_y)
         select id, (at at time zone 'UTC')::date, $5, session, $6, int8send(id) || int8send(id), 'https://bench.example', at, 0, w, 900, w, $7, 0, 0
         from unnest($1::int8[], $2::int8[], $3::timestamptz[], $4::int4[]) u(id, session, at, w)",
    )
    .bind(&ids)
    .bind(&sessions)
    .bind(&began)
    .bind(&widths)
    .bind(site_id)
    .bind(page_id)
    .bind(DOCUMENT.1)
    .execute(owner)
    .await
    .unwrap();
}

async fn write(store: &Store, batch: &mut Vec<NewChunk>) {
    batch.sort_by_key(NewChunk::key);
    let refs: Vec<&NewChunk> = batch.iter().collect();
    store.insert_chunks(&refs).await.unwrap();
    batch.clear();
}

/// Sections of four cards each with a button.
fn elements(width: i32) -> Vec<Element> {
    let element = |number: u16, parent, tag: &str, selector: String, rect| Element {
        number,
        parent,
        flags: ElementFlags::default(),
        rect,
        text_length: 20,
        tag: tag.to_owned(),
        role: String::new(),
        selectors: vec![selector],
    };
    let mut elements = Vec::new();
    for section in 0..13 {
        let y = section * 400;
        let own = elements.len() as u16 + 1;
        elements.push(element(own, 0, "section", format!("#section-{section}"), ElementBox { x: 0, y, w: width as u32, h: 400 }));
        for card in 0..4 {
            let (x, w) = (width / 4 * card, width as u32 / 4);
            let number = elements.len() as u16 + 1;
            elements.push(element(
                number,
                own,
                "article",
                format!("#card-{section}-{card}"),
                ElementBox { x, y: y + 20, w: w - 10, h: 360 },
            ));
            let rect = ElementBox { x: x + 20, y: y + 300, w: 140, h: 44 };
            elements.push(element(number + 1, number, "button", format!("#buy-{section}-{card}"), rect));
        }
    }
    elements
}

/// The outline and the frames of a page view: a pointer that goes from place to place and rests there.
fn chunks(view: OpenPageView, width: i32, random: &mut StdRng) -> Vec<NewChunk> {
    let all = elements(width);
    let on = |x: i32, y: i32| {
        let holds = |rect: &ElementBox| x >= rect.x && x < rect.x + rect.w as i32 && y >= rect.y && y < rect.y + rect.h as i32;
        all.iter().rev().find(|element| holds(&element.rect)).map_or(0, |element| element.number)
    };
    let mut events: Vec<(u32, PointerEvent)> = Vec::new();
    let (mut at, mut ms) = ((700.0, 400.0), 100u32);
    while events.len() < VIEW_POINTS {
        let to = (random.random_range(5.0..f64::from(width) - 5.0), (at.1 + random.random_range(-500.0..700.0f64)).clamp(5.0, 5_190.0));
        let steps = random.random_range(4..14);
        for step in 1..=steps {
            let share = f64::from(step) / f64::from(steps);
            let (x, y) = ((at.0 + (to.0 - at.0) * share) as i32, (at.1 + (to.1 - at.1) * share) as i32);
            ms += random.random_range(20..70);
            events.push((ms, PointerEvent { element: on(x, y), ..PointerEvent::new(0, Kind::Move, x, y) }));
        }
        at = to;
        ms += random.random_range(50..1_500);
        let last = events[events.len() - 1].1;
        let kind = if random.random_bool(0.25) { Kind::Click } else { Kind::Move };
        events.push((ms, PointerEvent { kind, ..last }));
    }
    events.truncate(VIEW_POINTS);
    let frame = |seq: u32, t0_ms: u32, elements: Vec<Element>, events: Vec<PointerEvent>| Frame {
        page: 0,
        seq,
        t0_ms,
        origin: if events.is_empty() { (0, 0) } else { (700, 2_600) },
        samples: 0,
        dropped: 0,
        tolerance: if events.is_empty() { 0 } else { 20 },
        elements,
        events,
        notes: Vec::new(),
    };
    let frames = events.chunks(FRAME_POINTS).zip(1..).map(|(events, seq)| {
        let t0_ms = events[0].0;
        let inside = events.iter().map(|(ms, event)| PointerEvent { at_ms: (ms - t0_ms) as u16, ..*event });
        frame(seq, t0_ms, Vec::new(), inside.collect())
    });
    let chunk = |frame: Frame| NewChunk { page_view: view, bytes: encode_frame(&frame), frame };
    std::iter::once(frame(0, 2_000, all.clone(), Vec::new())).chain(frames).map(chunk).collect()
}
