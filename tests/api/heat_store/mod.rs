//! Derived heat: always right at once, and the same however it came about.

mod order;
mod shop;

use mousetrail::event::PageViewId;
use mousetrail::jobs::heat;
use mousetrail::query::clicked_views;
use mousetrail::store::{NewHeatDay, NewHeatView, PgRole};
use sqlx::Executor;

use shop::{Shop, chunk, day, ids, now, suffix};

#[actix_web::test]
async fn a_map_is_the_same_before_the_job_ran_from_sums_of_days_and_from_page_views() {
    let shop = Shop::open().await;
    let mut views = Vec::new();
    for number in 0..12 {
        views.push(shop.visit(number, u64::from(number) % 4, [390, 1_440, 2_560][usize::from(number) % 3]).await);
    }
    let truth = shop.truth().await;
    assert!(truth.sums().0 > 0 && truth.sums().1 > 0, "{:?}", truth.sums());
    assert_eq!(truth.views, 12);
    let all = shop.views(false, None).await;
    assert_eq!(shop.read(&all, false).await, (truth.clone(), 0));
    let (built, summed) = shop.work().await;
    assert_eq!((built, summed), (12, 9), "three days that are over, three widths");
    let (map, days) = shop.read(&all, false).await;
    assert_eq!(map, truth);
    assert!(days >= 9 * 3, "{days} sums of days");
    assert_eq!(shop.read(&all, true).await, (truth.clone(), 0), "each page view by itself");
    // A segment never takes the sum of a day, even where it is all page views of it.
    assert_eq!(shop.read(&shop.views(false, Some(&ids(&views))).await, false).await, (truth.clone(), 0));
    let halves = [shop.views(false, Some(&ids(&views[..5]))).await, shop.views(false, Some(&ids(&views[5..]))).await];
    let mut sum = (0, 0);
    for half in &halves {
        let (map, _) = shop.read(half, false).await;
        sum = (sum.0 + map.sums().0, sum.1 + map.sums().1);
    }
    assert_eq!(sum, truth.sums());
}

#[actix_web::test]
async fn the_job_runs_twice_and_counts_nothing_twice() {
    let shop = Shop::open().await;
    for number in 0..6 {
        shop.visit(number, u64::from(number) % 3, 1_440).await;
    }
    shop.work().await;
    let before = (shop.derived().await, shop.map().await);
    heat::look_back(&shop.store, now()).await.unwrap();
    assert_eq!(shop.work().await, (0, 0));
    assert_eq!(shop.count("select count(*) from core.heat_due").await, 0);
    assert_eq!((shop.derived().await, shop.map().await), before);
}

#[actix_web::test]
async fn late_frames_and_a_late_outline_are_in_the_answer_at_once() {
    let shop = Shop::open().await;
    let view = shop.visit(1, 2, 1_440).await;
    let other = shop.visit(2, 2, 1_440).await;
    shop.work().await;
    for late in [vec![chunk(&view, 4)], vec![chunk(&other, 0)], vec![chunk(&view, 3), chunk(&other, 7)]] {
        let before = shop.map().await;
        shop.send(late).await;
        let after = shop.map().await;
        assert_ne!(after, before);
        assert_eq!(after, shop.truth().await);
        let (built, summed) = shop.work().await;
        assert!(built > 0 && summed == 1, "{built} {summed}");
        let all = shop.views(false, None).await;
        let (map, days) = shop.read(&all, false).await;
        assert_eq!(map, after);
        assert!(days > 0, "it is summed again");
    }
    // The same frame once more is no change.
    shop.send(vec![chunk(&view, 4), chunk(&other, 0)]).await;
    assert_eq!(shop.work().await, (0, 0));
}

#[actix_web::test]
async fn what_is_erased_is_in_no_map_and_in_no_row() {
    let shop = Shop::open().await;
    let view = shop.visit(1, 2, 1_440).await;
    let today = shop.visit(2, 0, 1_440).await;
    for number in 3..6 {
        shop.visit(number, 2, if number == 5 { 390 } else { 1_440 }).await;
    }
    shop.work().await;
    let before = shop.map().await;
    for erased in [view, today] {
        shop.forget(&erased).await;
        let left = shop.count(&format!("select count(*) from core.heat_view where page_view_id = {}", erased.id)).await;
        assert_eq!(left, 0);
    }
    let sums = shop.texts("select width_from::text from core.heat_day").await;
    assert_eq!(sums, ["0"], "the sum that it was in is gone, that of another width is not");
    let after = shop.map().await;
    assert!(after.sums().0 < before.sums().0 && after.views == 3);
    assert_eq!(after, shop.truth().await);
    shop.work().await;
    assert_eq!(shop.map().await, after);
    assert_eq!(shop.count("select sum(views) from core.heat_day").await, 3);
}

#[actix_web::test]
async fn a_job_that_was_under_way_brings_nothing_back() {
    let shop = Shop::open().await;
    let view = shop.visit(1, 2, 1_440).await;
    shop.work().await;
    shop.forget(&view).await;
    let bytes = || std::array::from_fn(|_| Some(vec![1]));
    let page_view_id = PageViewId::get(view.id);
    let new = NewHeatView { page_view_id, form: 1, events: 9, outlined: false, columns: bytes(), clicked: vec![7] };
    shop.store.store_heat_views(vec![new]).await.unwrap();
    let (site_id, page_id) = (shop.site_id, shop.page_id);
    let new = NewHeatDay {
        site_id,
        page_id,
        device: 0,
        width_from: 0,
        width_to: 480,
        day: day(2),
        views: vec![page_view_id],
        sessions: 1,
        checksum: 0,
        columns: bytes(),
    };
    assert!(!shop.store.store_heat_day(&new).await.unwrap());
    assert_eq!(shop.derived().await, [""; 0]);
}

#[actix_web::test]
async fn suspect_page_views_leave_the_map_at_once_and_are_there_when_asked_for() {
    let shop = Shop::open().await;
    let view = shop.visit(1, 2, 1_440).await;
    shop.visit(2, 2, 1_440).await;
    shop.work().await;
    let with = shop.map().await;
    shop.mark(&view).await;
    let without = shop.map().await;
    assert!(without.views == 1 && without.sums().0 < with.sums().0);
    assert_eq!(without, shop.truth().await);
    assert_eq!(shop.work().await, (0, 1));
    assert_eq!(shop.map().await, without);
    assert_eq!(shop.read(&shop.views(true, None).await, false).await, (with.clone(), 0));
    // Also where the heat of suspect ones was never stored.
    let never = shop.view(3, 2, 1_440).await;
    shop.mark(&never).await;
    shop.send(vec![chunk(&never, 1)]).await;
    shop.work().await;
    assert_eq!(shop.count("select count(*) from core.heat_view").await, 2);
    assert_eq!(shop.read(&shop.views(true, None).await, false).await.0.views, with.views + 1);
}

#[actix_web::test]
async fn a_day_whose_partitions_were_dropped_keeps_its_sums_and_stops_nobody() {
    let shop = Shop::open().await;
    for number in 0..6 {
        shop.visit(number, 1 + u64::from(number) % 2, 1_440).await;
    }
    shop.work().await;
    let before = shop.map().await;
    for table in ["pointer_chunk", "element_box", "note", "recording_part", "heat_view"] {
        shop.execute(&format!("drop table core.{table}_{}", suffix(2))).await;
    }
    assert_eq!(shop.map().await, before, "from the sum of the day");
    shop.store.heat_is_due(&[day(1), day(2)]).await.unwrap();
    assert_eq!(shop.work().await, (0, 0));
    assert_eq!(shop.count("select count(*) from core.heat_due").await, 0);
    assert_eq!(heat::rebuild_day(&shop.store, day(2), None, now()).await.unwrap(), (0, 0));
    assert_eq!(heat::rebuild_day(&shop.store, day(1), None, now()).await.unwrap(), (3, 1));
    assert_eq!(shop.map().await, before);
    // Page by page there is nothing left of it, and that is no error.
    let (rest, _) = shop.read(&shop.views(false, None).await, true).await;
    assert!(rest.sums().0 > 0 && rest.sums().0 < before.sums().0);
    assert_eq!(shop.count(&format!("select count(*) from pg_class where relname = 'heat_view_{}'", suffix(2))).await, 0);
}

#[actix_web::test]
async fn heat_of_another_form_is_not_read_and_built_again() {
    let shop = Shop::open().await;
    for number in 0..4 {
        shop.visit(number, 1, 1_440).await;
    }
    shop.work().await;
    let (derived, map) = (shop.derived().await, shop.map().await);
    // As an older version would have left it.
    shop.execute("update core.heat_view set form = 0, movement = '\\x00ff'; update core.heat_day set checksum = 1, movement = '\\x00ff'")
        .await;
    assert_eq!(shop.map().await, map);
    shop.store.heat_is_due(&[day(1)]).await.unwrap();
    assert_eq!(shop.work().await, (4, 1));
    assert_eq!((shop.derived().await, shop.map().await), (derived, map));
}

#[actix_web::test]
async fn sums_follow_the_classes_of_widths_of_their_site() {
    let shop = Shop::open().await;
    for (number, width) in (0..).zip([390, 800, 900, 1_440]) {
        shop.visit(number, 1, width).await;
    }
    shop.work().await;
    let (map, derived) = (shop.map().await, shop.derived().await);
    shop.store.set_breakpoints(shop.site_id, &[850]).await.unwrap();
    assert_eq!(shop.map().await, map, "sums of other classes are not taken");
    assert_eq!(shop.work().await, (0, 2));
    let classes = shop.texts("select width_from || ' ' || width_to || ' ' || views from core.heat_day order by width_from").await;
    assert_eq!(classes, ["0 850 2".to_owned(), format!("850 {} 2", i32::MAX)]);
    assert_eq!(shop.map().await, map);
    shop.store.forget_breakpoints(shop.site_id).await.unwrap();
    shop.work().await;
    assert_eq!(shop.derived().await, derived);
}

#[actix_web::test]
async fn who_clicked_an_element_is_known_before_and_after_its_heat_is_stored() {
    let shop = Shop::open().await;
    for number in 0..8 {
        let view = shop.visit(number, u64::from(number) % 3, 1_440).await;
        shop.send((3..9).chain([0]).map(|seq| chunk(&view, seq)).collect()).await;
    }
    let views = shop.views(false, None).await;
    let keys: Vec<_> = shop.truth().await.elements.0.into_iter().filter(|(_, sum)| sum.clicked_views > 0).collect();
    assert!(keys.len() > 1, "{keys:?}");
    let ask = async || {
        let mut answers = Vec::new();
        for (key, sum) in &keys {
            let clicked = clicked_views(&shop.store.admin, &views, *key).await.unwrap();
            assert_eq!(clicked.len() as u64, sum.clicked_views, "{key:?}");
            answers.push(clicked);
        }
        answers
    };
    let before = ask().await;
    shop.work().await;
    assert_eq!(ask().await, before);
}

#[actix_web::test]
async fn one_collector_at_a_time_builds_heat_and_readers_see_none_of_its_tables() {
    let shop = Shop::open().await;
    let turn = heat::take_turn(&shop.store).await.unwrap();
    assert!(turn.is_some());
    assert!(heat::take_turn(&shop.store).await.unwrap().is_none());
    drop(turn);
    assert!(heat::take_turn(&shop.store).await.unwrap().is_some());
    for (role, denied) in [
        (PgRole::Reader, "select 1 from core.heat_view"),
        (PgRole::Reader, "select 1 from core.heat_day"),
        (PgRole::Ingest, "select 1 from core.heat_view"),
        (PgRole::Ingest, "delete from core.heat_due"),
        (PgRole::Admin, "update core.page_view set events = 0"),
    ] {
        let mut connection = shop.server.connect(role).await.unwrap();
        assert!(connection.execute(denied).await.is_err(), "{role:?} {denied}");
    }
}

#[actix_web::test]
async fn the_command_builds_all_heat_again_and_says_what_it_did() {
    let shop = Shop::open().await;
    for number in 0..6 {
        shop.visit(number, u64::from(number) % 3, 1_440).await;
    }
    shop.work().await;
    let before = shop.derived().await;
    shop.execute("delete from core.heat_day; update core.heat_view set movement = null").await;
    let url = crate::app::url_of(&shop.server).await;
    let rebuild = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mousetrail"));
        command.env_remove("DATABASE_URL").args(["heat", "rebuild", "--database-url", &url]).args(more);
        let more: Vec<String> = more.iter().map(|more| (*more).to_owned()).collect();
        actix_web::rt::task::spawn_blocking(move || {
            let output = command.output().unwrap();
            assert!(output.status.success(), "{more:?} {output:?}");
            String::from_utf8(output.stderr).unwrap()
        })
    };
    assert!(rebuild(&["--site", "987"]).await.unwrap().contains("0 page views, 0 sums"));
    let said = rebuild(&["--from", &day(1).to_string(), "--to", &day(1).to_string()]).await.unwrap();
    assert!(said.contains(&format!("{}: 2 page views, 1 sums", day(1))), "{said}");
    assert_ne!(shop.derived().await, before);
    let said = rebuild(&["--site", &shop.site_id.to_string()]).await.unwrap();
    assert!(said.contains("6 page views, 2 sums of days"), "{said}");
    assert_eq!(shop.derived().await, before);
}
