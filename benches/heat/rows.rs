use std::time::Instant;

use mousetrail::store::{PgRole, Server};
use sqlx::Row;

/// The same points in the two forms that others keep them in.
const TABLES: [(&str, &str); 2] = [
    (
        "one row an event",
        "create table core.bench_event as
             select day, site_id, page_id, page_view_id, offset_ms, case when kind = 'click' then 'c' else 'm' end::\"char\" as kind, x, y,
                    0::int2 as device
             from pointer_event order by page_view_id, offset_ms;
         create index on core.bench_event (site_id, page_id, device, day);
         vacuum analyze core.bench_event",
    ),
    (
        // A position every 50 ms and an event every 500 ms at most: what rrweb makes of a movement.
        "rrweb mousemove events as JSON",
        "create table core.bench_rrweb as
             select day, site_id, page_id, 0::int2 as device, page_view_id, min(offset_ms) as offset_ms,
                    jsonb_build_object('type', 3, 'timestamp', min(offset_ms), 'data', jsonb_build_object('source', 1, 'positions',
                        jsonb_agg(jsonb_build_object('x', x, 'y', y, 'id', 7, 'timeOffset', offset_ms) order by offset_ms))) as event
             from core.bench_event group by day, site_id, page_id, page_view_id, offset_ms / 500;
         create index on core.bench_rrweb (site_id, page_id, device, day);
         vacuum analyze core.bench_rrweb",
    ),
];

/// Time by cell of 8 px, each interval in the cell of its middle: without elements, without ratios, without breakpoints.
const QUESTIONS: [&str; 2] = [
    "select (x + next_x) / 16 as c, (y + next_y) / 16 as r, sum(least(next_ms - offset_ms, 5000)) as ms
     from (select x, y, offset_ms, lead(x) over w as next_x, lead(y) over w as next_y, lead(offset_ms) over w as next_ms
           from core.bench_event where device = 0 and day >= current_date - 29
           window w as (partition by page_view_id order by offset_ms)) s
     where next_x is not null group by 1, 2",
    "select (x + next_x) / 16 as c, (y + next_y) / 16 as r, sum(least(next_ms - at, 5000)) as ms
     from (select x, y, at, lead(x) over w as next_x, lead(y) over w as next_y, lead(at) over w as next_ms
           from (select page_view_id, p.x, p.y, p.\"timeOffset\" as at
                 from core.bench_rrweb cross join lateral jsonb_to_recordset(event->'data'->'positions') as p(x int, y int, \"timeOffset\" int)
                 where device = 0 and day >= current_date - 29) e
           window w as (partition by page_view_id order by at)) s
     where next_x is not null group by 1, 2",
];

/// Asks the same of the same points as rows and as JSON. `ours` are the medians with the sums and without them, ms.
pub async fn compare(server: &Server, rounds: usize, ours: (f64, f64)) {
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    sqlx::raw_sql("set work_mem = '64MB'").execute(&mut owner).await.unwrap();
    for ((name, table), question) in TABLES.into_iter().zip(QUESTIONS) {
        for statement in table.split(";\n") {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut owner).await.unwrap();
        }
        let mut times = Vec::new();
        for _ in 0..rounds {
            let begin = Instant::now();
            let rows = sqlx::raw_sql(question).fetch_all(&mut owner).await.unwrap();
            assert!(!rows.is_empty() && rows[0].len() == 3);
            times.push(begin.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!(
            "{name}, SQL: p50 {median:.0} ms: {:.0} times the unfiltered map, {:.1} times the filtered one",
            median / ours.0,
            median / ours.1
        );
    }
}
