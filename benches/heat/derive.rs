use std::time::Instant;

use chrono::Utc;
use mousetrail::jobs::heat;
use mousetrail::query::{HeatColumn, HeatRequest, HeatSelection, HeatViews, read_heat};
use mousetrail::store::{PgRole, Server, Store};

/// Page views that one call of the job builds: all of them.
const BATCH: i64 = 1_000_000;

/// Builds all heat, as the job of the collector does, and says how long it took and how large it is.
pub async fn all(server: &Server, store: &Store) {
    // The collector's own job stays away meanwhile.
    let _turn = loop {
        if let Some(turn) = heat::take_turn(store).await.unwrap() {
            break turn;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let begin = Instant::now();
    let mut views = 0;
    loop {
        match heat::build_views(store, Utc::now(), BATCH).await.unwrap() {
            0 => break,
            built => views += built,
        }
    }
    let built = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let mut sums = 0;
    loop {
        match heat::roll_up_days(store, Utc::now()).await.unwrap() {
            0 => break,
            summed => sums += summed,
        }
    }
    let summed = begin.elapsed().as_secs_f64();
    let mut owner = server.connect(PgRole::Owner).await.unwrap();
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
    let mib = async |owner: &mut sqlx::PgConnection, of: &str| -> f64 {
        let sql = format!(
            "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 / 1048576 from pg_class c
             where relnamespace = 'core'::regnamespace and relkind = 'r' and relname like '{of}%'"
        );
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(owner).await.unwrap()
    };
    let [chunks, boxes, heat_views, heat_days] = [
        mib(&mut owner, "pointer_chunk").await,
        mib(&mut owner, "element_box").await,
        mib(&mut owner, "heat_view").await,
        mib(&mut owner, "heat_day").await,
    ];
    println!("heat of {views} page views built in {built:.1} s, {sums} sums of days in {summed:.1} s");
    println!("chunks {chunks:.1} MiB, boxes {boxes:.1} MiB; heat of page views {heat_views:.1} MiB, of days {heat_days:.1} MiB");
}

/// Computes the heat of the page from its events, while none is stored.
pub async fn on_the_spot(store: &Store, site_id: i32) {
    read(store, site_id, 1).await;
}

/// Reads heat in each way, without drawing it.
pub async fn read(store: &Store, site_id: i32, rounds: usize) {
    let today = Utc::now().date_naive();
    let page_ids = [1];
    let selection = HeatSelection {
        site_id,
        page_ids: &page_ids,
        device: mousetrail::event::Device::Desktop,
        from: today - chrono::Days::new(29),
        to: today,
        suspects: false,
        selected: None,
    };
    let widths = [0..480, 480..768, 768..1_024, 1_024..1_280, 1_280..1_536, 1_536..i32::MAX];
    for column in [HeatColumn::Kind(mousetrail::analysis::heat::HeatKind::Movement), HeatColumn::Elements] {
        for by_view in [false, true] {
            let mut times = Vec::new();
            let (mut bytes, mut pieces) = (0, 0);
            for _ in 0..rounds {
                let begin = Instant::now();
                let views = HeatViews::find(&store.admin, selection).await.unwrap();
                let found = begin.elapsed().as_secs_f64() * 1_000.0;
                (bytes, pieces) = (0, 0);
                let request = HeatRequest { widths: &widths, column, by_view };
                read_heat(&store.admin, &views, request, |piece| {
                    bytes += piece.bytes.len();
                    pieces += 1;
                })
                .await
                .unwrap();
                times.push((begin.elapsed().as_secs_f64() * 1_000.0, found));
            }
            times.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (median, found) = times[times.len() / 2];
            let how = if by_view { "by page view" } else { "by day" };
            println!(
                "{column:?} {how}: p50 {median:.1} ms ({found:.1} of it to find the page views), {pieces} pieces, {} KiB",
                bytes >> 10
            );
        }
    }
}
