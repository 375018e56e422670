//! D10: a frame belongs to the day on which its page view began, whenever it comes.

use chrono::{Days, NaiveTime, TimeDelta, Utc};
use mousetrail::clock::Clock;
use mousetrail::wire::ServerMessage;

use super::eager;
use crate::app::{new_database, settings, spawn_app_at};
use crate::client::{Client, Heard, frame_bytes, new_page, resumed_page};

const FRAMES: u32 = 1_000;

#[actix_web::test]
async fn d10_a_frame_that_comes_again_behind_midnight_is_still_one_row() {
    // Ten minutes before midnight, and from there on 23 hours at a time: three midnights lie between the four.
    let first = (Utc::now().date_naive() + Days::new(2)).and_time(NaiveTime::from_hms_opt(23, 50, 0).unwrap()).and_utc();
    let clock = Clock::system();
    let go_to = |moment| clock.shift(moment - Utc::now());
    go_to(first);
    let mut settings = settings();
    eager(&mut settings.limits);
    let app = spawn_app_at(new_database().await, &settings, clock.clone()).await;
    let (mut client, id, mut token) = Client::welcomed(&app).await;
    let (mut sent, quarter) = (0, FRAMES / 4);
    for part in 1..=4 {
        if part > 1 {
            go_to(first + TimeDelta::hours(23) * (part as i32 - 1));
            client = Client::connect(&app).await;
            // Another page view begins on the new day, and has that one.
            client.hello(&app.site.key, vec![resumed_page(0, &id, &token), new_page(1, 10 + part as u8)]).await;
            for _ in 0..2 {
                let Heard::Message(ServerMessage::Welcome { n, acked, token: renewed, .. }) = client.hear().await else {
                    panic!("no welcome")
                };
                if n == 0 {
                    assert_eq!(acked, (part - 1) * quarter);
                    token = renewed;
                }
            }
        }
        // All that came before, and a quarter more.
        for seq in 1..=part * quarter {
            client.send(frame_bytes(seq)).await;
            sent += 1;
            if seq % 100 == 0 && seq > (part - 1) * quarter && seq < part * quarter {
                client.hear_ack(seq).await;
            }
        }
        client.hear_ack(part * quarter).await;
    }
    assert_eq!(
        app.rows("select count(*) as rows, count(distinct seq) as seqs, count(distinct day) as days, min(day)::text as day from core.pointer_chunk")
            .await,
        [format!(r#"{{"rows":{FRAMES},"seqs":{FRAMES},"days":1,"day":"{}"}}"#, first.date_naive())]
    );
    assert_eq!(app.count("select count(distinct day) from core.page_view").await, 4);
    assert_eq!(app.count(&format!("select events::int8 from core.page_view where page_view_id = {id}")).await, i64::from(4 * FRAMES));
    assert_eq!(app.metric("mousetrail_frames_duplicate_total").await, sent - i64::from(FRAMES));
    println!("{sent} sends of {FRAMES} frames over three midnights: {FRAMES} rows");
    app.finish().await;
}
