use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{Days, NaiveDate, Utc};
use mousetrail::analysis::heat::{Heat, HeatKind, Step, each};
use mousetrail::query::{HeatColumn, HeatOrigin, HeatPiece, HeatRequest, HeatSelection, HeatViews, read_heat};
use mousetrail::store::{PgRole, Server, Store};

/// All widths of the bench's page views.
const WIDTHS: [std::ops::Range<i32>; 6] = [0..480, 480..768, 768..1_024, 1_024..1_280, 1_280..1_536, 1_536..i32::MAX];

/// Two other forms of the same sums of days (movement only): a row a cell, and arrays a day.
const TABLES: &str = "
    create table core.bench_cell (day date, width int, pointer int2, element int8, overlay int8, cell int8, amount int8,
                                  primary key (day, width, pointer, element, overlay, cell));
    create table core.bench_array (day date, width int, pointer int2[], element int8[], overlay int8[], cell int8[], amount int8[],
                                   primary key (day, width))";

/// The cells of a day.
#[derive(Default)]
struct Cells {
    pointer: Vec<i16>,
    element: Vec<i64>,
    overlay: Vec<i64>,
    cell: Vec<i64>,
    amount: Vec<i64>,
}

impl Cells {
    fn of(bytes: &[u8]) -> Self {
        let mut cells = Self::default();
        let mut spot = None;
        each(bytes, |step| match step {
            Step::Patch(of, ..) => spot = Some(of),
            Step::Cell(cell, amount) => {
                let spot = spot.unwrap();
                cells.pointer.push(spot.pointer as i16);
                cells.element.push(spot.element.0);
                cells.overlay.push(spot.overlay.0);
                cells.cell.push(cell.code() as i64);
                cells.amount.push(amount as i64);
            }
        })
        .unwrap();
        cells
    }
}

/// Stores sums of days as rows and as arrays, and asks both and ours for the whole map.
pub async fn compare(server: &Server, store: &Store, site_id: i32, rounds: usize) {
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    sqlx::raw_sql(TABLES).execute(&mut owner).await.unwrap();
    let views = find(store, site_id).await;
    let mut days: BTreeMap<(NaiveDate, usize), Vec<u8>> = BTreeMap::new();
    read(store, &views, |piece| {
        if let HeatOrigin::Day { day, .. } = piece.origin {
            days.insert((day, piece.width), piece.bytes);
        }
    })
    .await;
    let cells: Vec<_> = days.iter().map(|(key, bytes)| (*key, Cells::of(bytes))).collect();
    let count: usize = cells.iter().map(|(_, cells)| cells.cell.len()).sum();
    let ours: usize = days.values().map(Vec::len).sum();
    for (table, statement) in [
        (
            "bench_cell",
            "insert into core.bench_cell select $1, $2, u.* from unnest($3::int2[], $4::int8[], $5::int8[], $6::int8[], $7::int8[]) u",
        ),
        ("bench_array", "insert into core.bench_array values ($1, $2, $3, $4, $5, $6, $7)"),
    ] {
        let begin = Instant::now();
        for ((day, width), cells) in &cells {
            sqlx::query(statement)
                .bind(day)
                .bind(*width as i32)
                .bind(&cells.pointer)
                .bind(&cells.element)
                .bind(&cells.overlay)
                .bind(&cells.cell)
                .bind(&cells.amount)
                .execute(&mut owner)
                .await
                .unwrap();
        }
        let built = begin.elapsed().as_secs_f64();
        sqlx::raw_sql("vacuum analyze core.bench_cell, core.bench_array").execute(&mut owner).await.unwrap();
        let size: i64 =
            sqlx::query_scalar("select pg_total_relation_size(('core.' || $1)::regclass)").bind(table).fetch_one(&mut owner).await.unwrap();
        println!(
            "{table}: {count} cells stored in {built:.2} s, {:.1} MiB: {:.1} times our bytes",
            size as f64 / 1_048_576.0,
            size as f64 / ours as f64
        );
    }
    let from_ours = median(rounds, async || {
        let mut heat = Heat::default();
        read(store, &views, |piece| {
            if matches!(piece.origin, HeatOrigin::Day { .. }) {
                heat.add(&piece.bytes).unwrap();
            }
        })
        .await;
        heat.sum()
    })
    .await;
    println!("our bytes: {:.1} MiB, summed over all days in p50 {:.0} ms", ours as f64 / 1_048_576.0, from_ours.0);
    for (table, question) in [
        ("bench_cell", "select pointer, element, overlay, cell, sum(amount)::int8 from core.bench_cell group by 1, 2, 3, 4"),
        (
            "bench_array",
            "select u.pointer, u.element, u.overlay, u.cell, sum(u.amount)::int8 from core.bench_array a
             cross join lateral unnest(a.pointer, a.element, a.overlay, a.cell, a.amount) u(pointer, element, overlay, cell, amount)
             group by 1, 2, 3, 4",
        ),
    ] {
        let mut connection = server.connect(PgRole::Owner).await.unwrap();
        let mut times = Vec::new();
        for _ in 0..rounds.min(5) {
            let begin = Instant::now();
            let rows: Vec<(i16, i64, i64, i64, i64)> = sqlx::query_as(question).fetch_all(&mut connection).await.unwrap();
            times.push(begin.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(rows.iter().map(|row| row.4 as u64).sum::<u64>(), from_ours.1, "the same heat");
        }
        times.sort_by(f64::total_cmp);
        let p50 = times[times.len() / 2];
        println!("{table}: summed over all days in p50 {p50:.0} ms, {:.1} times ours", p50 / from_ours.0);
    }
}

async fn find(store: &Store, site_id: i32) -> HeatViews {
    let today = Utc::now().date_naive();
    let device = mousetrail::event::Device::Desktop;
    let (from, to) = (today - Days::new(29), today);
    let selection = HeatSelection { site_id, page_ids: &[1], device, from, to, suspects: false, selected: None };
    HeatViews::find(&store.admin, selection).await.unwrap()
}

async fn read(store: &Store, views: &HeatViews, sink: impl FnMut(HeatPiece)) {
    let request = HeatRequest { widths: &WIDTHS, column: HeatColumn::Kind(HeatKind::Movement), by_view: false };
    read_heat(&store.admin, views, request, sink).await.unwrap();
}

/// Median time in ms, and what it gave.
async fn median(rounds: usize, work: impl AsyncFn() -> u64) -> (f64, u64) {
    let mut times = Vec::new();
    let mut given = 0;
    for _ in 0..rounds {
        let begin = Instant::now();
        given = work().await;
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], given)
}
