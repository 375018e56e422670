use chrono::NaiveDate;
use sqlx::PgPool;

use super::{Referrer, Selection, Visits};
use crate::query::QueryError;

/// A page view as it began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View {
    /// Its number.
    pub page_view_id: i64,
    /// Its session.
    pub session_id: i64,
    /// UTC day on which it began.
    pub day: NaiveDate,
    /// Width and height of the viewport, CSS px.
    pub viewport: (i32, i32),
    /// Width and height of the document, CSS px.
    pub document: (i32, i32),
    /// Is it probably no person's?
    pub is_suspect: bool,
}

/// All page views of a selection in which something happened, those of the newest day first.
pub async fn views(pool: &PgPool, of: &Selection) -> Result<Vec<View>, QueryError> {
    let segment = &of.segment;
    let (narrow, wide) = segment.viewport.unwrap_or((0, i32::MAX));
    let host = segment.referrer.as_ref().map(|referrer| match referrer {
        Referrer::Direct => "",
        Referrer::Host(host) => host,
    });
    let (tag, value) = segment.tag.as_ref().map_or((None, None), |(name, value)| (Some(name.as_str()), value.as_deref()));
    let days = sqlx::query_file!(
        "src/query/segment/views.sql",
        of.site_id,
        &of.pages,
        of.device.code(),
        segment.from,
        segment.to,
        segment.suspects,
        narrow,
        wide,
        segment.asks_session(),
        segment.browser.as_deref(),
        segment.country.as_deref(),
        host,
        segment.visits.map(|visits| visits == Visits::Returning),
        tag,
        value,
        segment.converted.as_deref(),
    );
    let mut views = Vec::new();
    for day in days.fetch_all(pool).await? {
        // The arrays are equally long: each has an entry of every row of the group.
        let viewports = day.viewport_w.into_iter().zip(day.viewport_h);
        let documents = day.document_w.into_iter().zip(day.document_h);
        let ids = day.page_view_id.into_iter().zip(day.session_id);
        views.extend(ids.zip(viewports).zip(documents).zip(day.is_suspect).map(
            |((((page_view_id, session_id), viewport), document), is_suspect)| View {
                page_view_id,
                session_id,
                day: day.day,
                viewport,
                document,
                is_suspect,
            },
        ));
    }
    Ok(views)
}
