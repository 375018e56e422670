//! Frames in any order and in any pieces, with jobs, marks and erasures in between: the heat is the one that a rebuild from nothing gives.

use mousetrail::jobs::heat;
use mousetrail::store::{NewChunk, OpenPageView};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::shop::{Shop, chunk, day, now};

const VIEWS: u8 = 12;
const DAYS: u64 = 4;

#[actix_web::test]
async fn rebuilt_heat_is_incremental_heat_byte_for_byte() {
    for seed in 0..3 {
        check(seed).await;
    }
}

async fn check(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let shop = Shop::open().await;
    let mut views = Vec::new();
    for number in 0..VIEWS {
        let width = [390, 500, 800, 1_440, 1_441, 2_560][random.random_range(0..6)];
        views.push(shop.view(number, random.random_range(0..DAYS), width).await);
    }
    let mut chunks: Vec<NewChunk> = Vec::new();
    for view in &views {
        let frames = random.random_range(1..6);
        chunks.extend(
            (u32::from(random.random_bool(0.4))..=frames).map(|seq| chunk(view, if random.random_bool(0.5) { seq } else { frames - seq })),
        );
    }
    // Whatever frames were chosen twice come twice: that must not count either.
    chunks.shuffle(&mut random);
    while !chunks.is_empty() {
        let mut piece = chunks.split_off(chunks.len() - random.random_range(1..=chunks.len().min(9)));
        piece.sort_by_key(NewChunk::key);
        piece.dedup_by_key(|chunk| chunk.key());
        shop.send(piece).await;
        disturb(&shop, &mut views, &mut random).await;
    }
    shop.work().await;
    let (map, truth, derived) = (shop.map().await, shop.truth().await, shop.derived().await);
    assert!(truth.sums().0 > 0 && truth.sums().1 > 0, "seed {seed}");
    assert_eq!(map, truth, "seed {seed}");
    assert_eq!(shop.count("select count(*) from core.heat_due").await, 0, "seed {seed}");
    for days_ago in 0..DAYS {
        heat::rebuild_day(&shop.store, day(days_ago), None, now()).await.unwrap();
    }
    assert_eq!(shop.derived().await, derived, "seed {seed}");
    assert_eq!(shop.map().await, truth, "seed {seed}");
    shop.execute("delete from core.heat_view; delete from core.heat_day").await;
    assert_eq!(shop.map().await, truth, "seed {seed}");
}

/// Something of what happens meanwhile.
async fn disturb(shop: &Shop, views: &mut Vec<OpenPageView>, random: &mut StdRng) {
    match random.random_range(0..8) {
        0..3 => {
            heat::build_views(&shop.store, now(), random.random_range(1..6)).await.unwrap();
        }
        3..5 => {
            heat::roll_up_days(&shop.store, now()).await.unwrap();
        }
        5 => {
            let view = views.swap_remove(random.random_range(0..views.len()));
            shop.forget(&view).await;
        }
        6 => shop.mark(&views[random.random_range(0..views.len())]).await,
        _ => assert_eq!(shop.map().await, shop.truth().await),
    }
}
