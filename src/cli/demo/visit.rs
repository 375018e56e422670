use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::calendar::starts;
use super::chance::{around, pick};
use super::geometry::Layout;
use super::person::Person;
use super::window::Window;
use crate::event::{Extent, Frame};

/// Median time that somebody means to spend on a page, ms, and the standard deviation of its logarithm. With what they finish after that
/// a visit takes two minutes on average.
const PAGE_MS: (f64, f64) = (26_000.0, 0.8);
/// Nobody stays longer on one page, ms.
const PAGE_MAX_MS: f64 = 480_000.0;
/// How many pages a visit has, of a hundred.
const PAGES: [(f64, u16); 6] = [(26.0, 1), (24.0, 2), (21.0, 3), (15.0, 4), (9.0, 5), (5.0, 6)];
/// Where people begin.
const ENTRIES: [(f64, &str); 2] = [(82.0, "/demo"), (18.0, "/demo/product")];

/// One person's visit to the shop.
#[derive(Clone, PartialEq, Debug)]
pub struct Visit {
    /// When its first page view began.
    pub began_at: DateTime<Utc>,
    /// Stands for the visitor's address: unique among the visits of a seed.
    pub visitor: String,
    /// `User-Agent` header.
    pub user_agent: &'static str,
    /// `navigator.language`.
    pub language: &'static str,
    /// Origin and path of the page that the first page view came from.
    pub referrer: Option<&'static str>,
    /// Size of the screen, CSS px.
    pub screen: (u32, u32),
    /// Device px a CSS px.
    pub pixel_ratio: f32,
    /// Does `(pointer: coarse)` match?
    pub is_touch: bool,
    /// 1 to 6 page views, in order.
    pub pages: Vec<PageVisit>,
}

/// One page view of a visit.
#[derive(Clone, PartialEq, Debug)]
pub struct PageVisit {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Path on the collector, such as `/demo/product`.
    pub path: String,
    /// Title of the document.
    pub title: String,
    /// Size of the window's content, CSS px.
    pub viewport: Extent,
    /// Size of the document, CSS px.
    pub document: Extent,
    /// What the snippet would send, by seq from 1; `page` is the position in `Visit::pages`.
    pub frames: Vec<Frame>,
}

/// `count` visits in the two weeks before `now`, by their begin. The same arguments give the same visits.
pub fn visits(seed: u64, count: usize, now: DateTime<Utc>) -> impl Iterator<Item = Visit> {
    let starts = starts(&mut StdRng::seed_from_u64(seed), count, now);
    // Each visit draws from a generator of its own, so that a change of one leaves the others as they are.
    starts.into_iter().enumerate().map(move |(index, began_at)| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&(index as u64 + 1).to_le_bytes());
        visit(&mut StdRng::from_seed(bytes), format!("demo-{seed}-{index}"), began_at)
    })
}

fn visit(rng: &mut StdRng, visitor: String, began_at: DateTime<Utc>) -> Visit {
    let person = Person::new(rng);
    let count = pick(rng, PAGES).expect("weights are positive");
    let mut path = pick(rng, ENTRIES).expect("weights are positive");
    let mut client = (person.viewport.0 * rng.random_range(0.2..0.9), 0.0);
    let mut page_began_at = began_at;
    let mut pages = Vec::new();
    for page in 0..count {
        let mut window = Window::new(&person, rng, page, path, client);
        let budget_ms = around(window.rng, PAGE_MS.0, PAGE_MS.1).min(PAGE_MAX_MS);
        window.browse(budget_ms);
        let next = (page + 1 < count).then(|| next_path(window.rng, path)).filter(|next| window.follow_link(next));
        match next {
            Some(_) => window.now_ms += 40.0,
            None => window.quit(),
        }
        let (layout, viewport) = (Layout::new(path, person.viewport), person.viewport);
        let (frames, length_ms, left) = window.close();
        client = left;
        pages.push(PageVisit {
            began_at: page_began_at,
            path: path.to_owned(),
            title: layout.page.title.clone(),
            viewport: Extent::new(viewport.0, viewport.1),
            document: Extent::new(layout.document.0, layout.document.1),
            frames,
        });
        let Some(next) = next else { break };
        page_began_at += TimeDelta::milliseconds(i64::from(length_ms) + around(rng, 350.0, 0.5) as i64);
        path = next;
    }
    Visit {
        began_at,
        visitor,
        user_agent: person.user_agent,
        language: person.language,
        referrer: person.referrer,
        screen: person.screen,
        pixel_ratio: person.pixel_ratio,
        is_touch: person.hand.is_touch(),
        pages,
    }
}

/// Where people go from a page.
fn next_path(rng: &mut StdRng, path: &str) -> &'static str {
    let ways: &[(f64, &str)] = match path {
        "/demo" => &[(75.0, "/demo/product"), (25.0, "/demo/basket")],
        "/demo/product" => &[(45.0, "/demo"), (55.0, "/demo/basket")],
        "/demo/basket" => &[(60.0, "/demo/checkout"), (25.0, "/demo"), (15.0, "/demo/product")],
        _ => &[(55.0, "/demo/basket"), (45.0, "/demo")],
    };
    pick(rng, ways.iter().copied()).expect("weights are positive")
}
