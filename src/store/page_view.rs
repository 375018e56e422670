use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use super::forget::is_forgotten;
use super::lease::in_time;
use super::{Store, StoreError};
use crate::event::{Country, NewPageView, PageViewId, SessionId};

/// Longest gap between two page views of one session.
const SESSION_GAP: TimeDelta = TimeDelta::minutes(30);
/// How long the key of a tab holds its page views together.
const KEY_LIFE: TimeDelta = TimeDelta::hours(24);

/// A page view that stands in Postgres: what its chunks need to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPageView {
    /// Its id, which carries its day.
    pub id: PageViewId,
    /// Its site.
    pub site_id: i32,
    /// The page that it is a view of.
    pub page_id: i32,
    /// The visit that it belongs to.
    pub session_id: SessionId,
    /// Class of device, as stored.
    pub device: i16,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Every seq up to this one is settled: stored or in quarantine.
    pub settled: u32,
}

/// Is a page view there?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is.
    Open(OpenPageView),
    /// It was erased, and must not come back.
    Forgotten,
    /// There is none.
    Nothing,
}

impl Store {
    /// Creates a page view, or finds it again when its `page` message came before: committed when this returns.
    ///
    /// `seed` is a keyed hash of the site and the nonce: the same message gets the same id, on any collector.
    pub async fn open_page_view(&self, new: &NewPageView, seed: u64) -> Result<Found, StoreError> {
        in_time(self.open(new, seed)).await
    }

    async fn open(&self, new: &NewPageView, seed: u64) -> Result<Found, StoreError> {
        let nonce_hash = short_hash(&new.nonce.0);
        for attempt in 0..8u64 {
            // Two nonces could give one id, with odds of one in 2^48 for each pair of a day: the next attempt then takes another.
            let id = PageViewId::new(new.began_at, seed.wrapping_add(attempt.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            if let Some((open, hash)) = self.find(id).await? {
                if hash == nonce_hash && open.site_id == new.site_id {
                    return Ok(Found::Open(open));
                }
                continue;
            }
            self.ensure_partitions([id.day()]).await?;
            let mut lease = self.lease().await?;
            let inserted = insert(&mut lease, id, new, &nonce_hash).await;
            match lease.end(inserted)? {
                Found::Nothing => {}
                found => return Ok(found),
            }
            // Another connection was faster with the same id: look again.
            if let Some((open, hash)) = self.find(id).await?
                && hash == nonce_hash
            {
                return Ok(Found::Open(open));
            }
        }
        Err(StoreError::Taken("page view id"))
    }

    /// Finds a page view by its id, with what of it is settled.
    pub async fn find_page_view(&self, id: PageViewId) -> Result<Found, StoreError> {
        in_time(async {
            let mut lease = self.lease().await?;
            let found = find_or_forgotten(&mut lease, id).await;
            lease.end(found)
        })
        .await
    }

    /// The page view and the hash of its nonce.
    pub(super) async fn find(&self, id: PageViewId) -> Result<Option<(OpenPageView, Vec<u8>)>, StoreError> {
        let mut lease = self.lease().await?;
        let found = find(&mut lease, id).await;
        lease.end(found)
    }
}

async fn find_or_forgotten(connection: &mut PgConnection, id: PageViewId) -> Result<Found, StoreError> {
    match find(connection, id).await? {
        Some((open, _)) => Ok(Found::Open(open)),
        None => Ok(if is_forgotten(connection, id).await? { Found::Forgotten } else { Found::Nothing }),
    }
}

async fn find(connection: &mut PgConnection, id: PageViewId) -> Result<Option<(OpenPageView, Vec<u8>)>, StoreError> {
    let Some(row) = sqlx::query!(
        "select site_id, page_id, session_id, device, started_at, nonce_hash from core.page_view where page_view_id = $1",
        id.get()
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(None);
    };
    let seqs = sqlx::query_scalar!(
        r#"select seq as "seq!" from core.pointer_chunk where page_view_id = $1 and day = $2
               union select seq from core.quarantine where page_view_id = $1 and seq > 0
               order by 1"#,
        id.get(),
        id.day()
    )
    .fetch_all(connection)
    .await?;
    // Seqs begin at 1 and are sorted: those without a gap before them equal their position.
    let settled = seqs.iter().zip(1..).take_while(|(seq, position)| *seq == position).count() as u32;
    let session_id = SessionId::from_i64(row.session_id).ok_or(StoreError::Missing("session id"))?;
    let (site_id, page_id, device, began_at) = (row.site_id, row.page_id, row.device, row.started_at);
    Ok(Some((OpenPageView { id, site_id, page_id, session_id, device, began_at, settled }, row.nonce_hash)))
}

/// `Nothing` where the id exists already.
async fn insert(connection: &mut PgConnection, id: PageViewId, new: &NewPageView, nonce_hash: &[u8]) -> Result<Found, StoreError> {
    let mut transaction = connection.begin().await?;
    let page_id = page(&mut transaction, new).await?;
    let session_id = session(&mut transaction, new, page_id).await?;
    let device = new.agent.device.code();
    let inserted = sqlx::query!(
            "insert into core.page_view (page_view_id, day, site_id, session_id, page_id, nonce_hash, host, title, referrer, started_at, device,
                                         viewport_w, viewport_h, document_w, document_h, scroll_x, scroll_y, screen_w, screen_h, pixel_ratio,
                                         query, via, suspect)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
             on conflict do nothing",
            id.get(),
            id.day(),
            new.site_id,
            session_id.get(),
            page_id,
            nonce_hash,
            new.place.host(),
            new.title,
            new.referrer,
            new.began_at,
            device,
            new.viewport.w(),
            new.viewport.h(),
            new.document.w(),
            new.document.h(),
            new.scroll.w(),
            new.scroll.h(),
            new.screen.map(|screen| screen.w()),
            new.screen.map(|screen| screen.h()),
            new.pixel_ratio,
            new.place.query(),
            new.via.code(),
            new.suspect.bits()
        )
        .execute(&mut *transaction)
        .await?;
    if inserted.rows_affected() == 0 {
        return Ok(Found::Nothing);
    }
    // After the insert: had the id been there and were it just being erased, the insert would have waited for that.
    if is_forgotten(&mut *transaction, id).await? {
        return Ok(Found::Forgotten);
    }
    let counted = sqlx::query!(
        "update core.session set page_views = page_views + 1, last_seen_at = greatest(last_seen_at, $2),
                                     suspect = case when $3::smallint = 0 or suspect = 0 then 0 else suspect | $3 end
             where session_id = $1",
        session_id.get(),
        new.began_at,
        new.suspect.bits()
    )
    .execute(&mut *transaction)
    .await?;
    // Its last other page view was erased meanwhile, and it with it: another try makes a new one.
    if counted.rows_affected() == 0 {
        return Err(StoreError::Missing("session"));
    }
    transaction.commit().await?;
    Ok(Found::Open(OpenPageView { id, site_id: new.site_id, page_id, session_id, device, began_at: new.began_at, settled: 0 }))
}

/// The page of this path, made where it is new.
async fn page(connection: &mut PgConnection, new: &NewPageView) -> Result<i32, StoreError> {
    let path = new.place.path();
    loop {
        let found = sqlx::query_scalar!("select page_id from core.page where site_id = $1 and path = $2", new.site_id, path)
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(page_id) = found {
            return Ok(page_id);
        }
        // Looked for first: an insert that conflicts burns a number of the identity each time.
        sqlx::query!("insert into core.page (site_id, path) values ($1, $2) on conflict do nothing", new.site_id, path)
            .execute(&mut *connection)
            .await?;
    }
}

/// The visit that the page view continues, or a new one.
async fn session(connection: &mut PgConnection, new: &NewPageView, page_id: i32) -> Result<SessionId, StoreError> {
    let [today, yesterday] = &new.visitors;
    let key_hash = new.session_key.map(|key| short_hash(&key.0));
    // Two page views of one visitor at the same time have to agree on their session.
    let subject = key_hash.as_deref().unwrap_or(&today.0);
    let lock = i64::from_le_bytes(subject[..8].try_into().expect("a slice of 8 bytes"));
    sqlx::query!("select pg_advisory_xact_lock($1)", lock).fetch_one(&mut *connection).await?;
    let found = match &key_hash {
        Some(key_hash) => {
            sqlx::query_scalar!(
                "select session_id from core.session
                 where site_id = $1 and key_hash = $2 and started_at between $3 and $4
                 order by started_at desc limit 1",
                new.site_id,
                key_hash,
                new.began_at - KEY_LIFE,
                new.began_at + KEY_LIFE
            )
            .fetch_optional(&mut *connection)
            .await?
        }
        // A session with a key is exactly the page views of one tab, so nobody joins it without the key. What is suspect joins nobody who is
        // not: a flood out of somebody's network must not end up in his visit.
        None => {
            sqlx::query_scalar!(
                "select session_id from core.session
                 where site_id = $1 and visitor in ($2, $3) and last_seen_at >= $4 and started_at <= $5 and key_hash is null
                   and (suspect <> 0) = $6
                 order by last_seen_at desc limit 1",
                new.site_id,
                &today.0[..],
                &yesterday.0[..],
                new.began_at - SESSION_GAP,
                new.began_at + SESSION_GAP,
                !new.suspect.is_empty()
            )
            .fetch_optional(&mut *connection)
            .await?
        }
    };
    if let Some(session_id) = found.and_then(SessionId::from_i64) {
        return Ok(session_id);
    }
    let id = SessionId::new(new.began_at, rand::random());
    sqlx::query!(
        "insert into core.session (session_id, site_id, visitor, started_at, last_seen_at, entry_page_id, referrer, device, browser, os, language,
                                   key_hash, suspect, country)
         values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        id.get(),
        new.site_id,
        &today.0[..],
        new.began_at,
        page_id,
        new.referrer,
        new.agent.device.code(),
        new.agent.browser,
        new.agent.os,
        new.language,
        key_hash,
        new.suspect.bits(),
        new.country.as_ref().map(Country::code)
    )
    .execute(&mut *connection)
    .await?;
    Ok(id)
}

/// The first 16 bytes of SHA-256: what is kept of a secret that has to be found again.
pub(super) fn short_hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes)[..16].to_vec()
}
