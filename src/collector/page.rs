use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{self, Agent, Extent, NewPageView, Place, Suspect, Visitor};
use crate::wire::{NewPage, Via};

/// How far back an import may go.
const IMPORT_REACH: TimeDelta = TimeDelta::days(400);

/// When a page view began: by our clock less its age, or what an import says.
///
/// `None` where an import names no time, or one that lies in the future or too far back.
pub(super) fn began_at(page: &NewPage, is_import: bool, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !is_import {
        // At most a day: the parser saw to that.
        return Some(now - TimeDelta::milliseconds(page.age_ms as i64));
    }
    page.began_at.filter(|at| *at <= now && *at >= now - IMPORT_REACH)
}

/// What a client said of a new page view, parsed and clamped.
pub(super) fn parse(page: &NewPage, site_id: i32, began_at: DateTime<Utc>, visitors: [Visitor; 2], agent: Agent) -> NewPageView {
    let extent = |[w, h]: [f64; 2]| Extent::new(w, h);
    NewPageView {
        site_id,
        nonce: page.nonce,
        began_at,
        visitors,
        session_key: page.session,
        via: match page.via {
            Via::Load => event::Via::Load,
            Via::Route => event::Via::Route,
            Via::Restore => event::Via::Restore,
            Via::Prerender => event::Via::Prerender,
        },
        agent,
        place: Place::parse(&page.url),
        title: NewPageView::text(page.title.as_deref(), 512),
        // Its query can hold what somebody searched for, or a key.
        referrer: NewPageView::text(page.referrer.as_deref().and_then(|url| url.split(['?', '#']).next()), 2_048),
        language: NewPageView::text(page.language.as_deref(), 35),
        viewport: extent(page.viewport),
        document: extent(page.document),
        scroll: extent(page.scroll),
        screen: page.screen.map(extent),
        pixel_ratio: page.dpr.filter(|ratio| ratio.is_finite() && (0.0..=100.0).contains(ratio)),
        suspect: Suspect::NONE,
        country: None,
    }
}
