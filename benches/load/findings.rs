use std::collections::HashMap;

use mousetrail::wire::decode_frame;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::ledger::{Entry, State};

/// What the comparison of a ledger with Postgres found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Frames sent, each counted once.
    pub sent: usize,
    /// Frames whose client was told that they are settled.
    pub acked: usize,
    /// Frames refused for good.
    pub nacked: usize,
    /// Frames of which nothing was said yet: their clients hold them.
    pub held: usize,
    /// Chunks stored.
    pub stored: usize,
    /// Frames in quarantine.
    pub quarantined: usize,
    /// Acked, but neither stored nor in quarantine.
    pub lost: usize,
    /// Page views and sessions whose counters are not what their chunks sum up to, and chunks stored twice.
    pub duplicate: usize,
    /// Stored with other content than was sent.
    pub altered: usize,
    /// Stored, but never sent.
    pub alien: usize,
    /// The first few of each kind in words.
    pub examples: Vec<String>,
}

/// A frame's key and its event arrays, beside the events that it was sent with.
const COUNTERS: &str = "
    with chunk as (
        select page_view_id, session_id, sum(cardinality(dt)) as events, sum(cardinality(array_positions(kind, 'c'::\"char\"))) as clicks
        from core.pointer_chunk group by page_view_id, session_id
    )
    select 'page view ' || v.page_view_id as what, v.events::int8 as kept, coalesce(c.events, 0)::int8 as counted
    from core.page_view v left join chunk c using (page_view_id)
    where v.events <> coalesce(c.events, 0) or v.clicks <> coalesce(c.clicks, 0)
    union all
    select 'session ' || s.session_id, s.events, coalesce(c.events, 0)::int8
    from core.session s
    left join (select session_id, sum(events) as events, sum(clicks) as clicks from chunk group by session_id) c using (session_id)
    where s.events <> coalesce(c.events, 0) or s.clicks <> coalesce(c.clicks, 0)
    union all
    select 'chunk ' || page_view_id || ' ' || seq, count(*), 1 from core.pointer_chunk group by page_view_id, seq having count(*) > 1";

impl Findings {
    pub(super) async fn compare(entries: &HashMap<(i64, u32), Entry>, owner: &mut PgConnection) -> Self {
        let mut findings = Self { sent: entries.len(), ..Self::default() };
        let has_digest: bool = sqlx::query_scalar(
            "select exists (select from information_schema.columns
                            where table_schema = 'core' and table_name = 'pointer_chunk' and column_name = 'digest')",
        )
        .fetch_one(&mut *owner)
        .await
        .unwrap();
        let digest = if has_digest { "digest" } else { "null::int8" };
        let sql = format!(
            "select page_view_id, seq, {digest} as digest, cardinality(dt) as events,
                    cardinality(x) = cardinality(dt) and cardinality(y) = cardinality(dt) and cardinality(kind) = cardinality(dt) as is_even
             from core.pointer_chunk"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *owner).await.unwrap();
        let mut stored = HashMap::with_capacity(rows.len());
        for row in &rows {
            let key = (row.get::<i64, _>(0), row.get::<i32, _>(1) as u32);
            stored.insert(key, (row.get::<Option<i64>, _>(2), row.get::<i32, _>(3) as u32, row.get::<bool, _>(4)));
        }
        findings.stored = stored.len();
        let quarantined: Vec<(i64, i32)> =
            sqlx::query_as("select page_view_id, seq from core.quarantine").fetch_all(&mut *owner).await.unwrap();
        findings.quarantined = quarantined.len();
        let quarantined: std::collections::HashSet<_> = quarantined.into_iter().map(|(id, seq)| (id, seq as u32)).collect();

        for (key, entry) in entries {
            match entry.state {
                State::Sent => findings.held += 1,
                State::Nacked => findings.nacked += 1,
                State::Acked => findings.acked += 1,
            }
            match stored.get(key) {
                None if entry.state == State::Acked && !quarantined.contains(key) => {
                    findings.lost += 1;
                    findings.example(format!("lost: {key:?}"));
                }
                None => {}
                Some((digest, events, is_even))
                    if digest.is_some_and(|digest| digest != entry.digest) || *events != entry.events || !is_even =>
                {
                    findings.altered += 1;
                    findings.example(format!("altered: {key:?} has {events} events, {} were sent", entry.events));
                }
                Some(_) => {}
            }
        }
        for key in stored.keys().filter(|key| !entries.contains_key(key)) {
            findings.alien += 1;
            findings.example(format!("alien: {key:?}"));
        }
        for row in sqlx::query(COUNTERS).fetch_all(&mut *owner).await.unwrap() {
            findings.duplicate += 1;
            let (what, kept, counted): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
            findings.example(format!("duplicate: {what} says {kept}, its chunks sum up to {counted}"));
        }
        let sample = entries.iter().filter(|(key, entry)| entry.bytes.is_some() && stored.contains_key(key)).take(300);
        for (key, entry) in sample {
            findings.compare_events(*key, entry.bytes.as_deref().expect("it is some"), owner).await;
        }
        findings
    }

    /// Event by event: what the view says against what the frame says.
    async fn compare_events(&mut self, (id, seq): (i64, u32), bytes: &[u8], owner: &mut PgConnection) {
        let frame = decode_frame(bytes).unwrap();
        let rows: Vec<(i32, String, i32, i32)> = sqlx::query_as(
            "select offset_ms, kind, x, y from public.pointer_event
             where page_view_id = $1 and seq = $2 and day = date '2020-01-01' + ($1 >> 48)::int order by position",
        )
        .bind(id)
        .bind(seq as i32)
        .fetch_all(owner)
        .await
        .unwrap();
        let expected = frame.events.iter().map(|event| {
            let offset_ms = (frame.t0_ms + u32::from(event.at_ms)) as i32;
            (offset_ms, event.kind.name().to_owned(), event.x, event.y)
        });
        if !expected.eq(rows) {
            self.altered += 1;
            self.example(format!("altered: the events of {id} {seq}"));
        }
    }

    fn example(&mut self, words: String) {
        if self.examples.len() < 20 {
            self.examples.push(words);
        }
    }

    /// Nothing lost, duplicate, altered or alien?
    pub fn is_clean(&self) -> bool {
        self.lost + self.duplicate + self.altered + self.alien == 0
    }

    /// Panics with the findings when something is lost, duplicate, altered or alien.
    pub fn assert_clean(&self) {
        assert!(self.is_clean(), "{self:#?}");
    }
}
