use chrono::{TimeDelta, Utc};
use mousetrail::collector::Tokens;
use mousetrail::event::PageViewId;
use mousetrail::store::{Pools, Store};
use mousetrail::wire::{Hello, ServerMessage, encode_envelope};

use crate::app::{TestApp, spawn_app};
use crate::client::{Client, Heard, frame_bytes, new_page, resumed_page};
use crate::post::post;

const FRAMES: u32 = 5;

/// All that a client said, said again: by whom, and what it hears first.
async fn replay(app: &TestApp, origin: Option<&str>, page: mousetrail::wire::Page) -> (Client, Heard) {
    let mut client = Client::connect_from(app, origin).await;
    client.hello(&app.site.key, vec![page]).await;
    let heard = client.hear().await;
    (client, heard)
}

#[actix_web::test]
async fn b13_what_was_captured_does_nothing_when_it_is_sent_again() {
    let app = spawn_app().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    for seq in 1..=FRAMES {
        client.send(frame_bytes(seq)).await;
    }
    client.hear_ack(FRAMES).await;
    let before = stored_keys(&app).await;
    // The same day, with everything that was on the wire: the same page view, and frames that are there.
    for page in [new_page(0, 1), resumed_page(0, &id, &token)] {
        let (mut again, heard) = replay(&app, Some(crate::app::ORIGIN), page).await;
        assert!(matches!(heard, Heard::Message(ServerMessage::Welcome { acked: FRAMES, .. })), "{heard:?}");
        for seq in 1..=FRAMES {
            again.send(frame_bytes(seq)).await;
        }
        again.hear_ack(FRAMES).await;
    }
    let frames: Vec<_> = (1..=FRAMES).map(frame_bytes).collect();
    let (status, _) =
        post(&app, crate::app::ORIGIN, encode_envelope(&Hello::new(app.site.key.clone(), vec![new_page(0, 1)]), &frames)).await;
    assert_eq!(status, 200);
    // From pages of other origins, and from none.
    for origin in [Some("https://evil.example"), Some("https://shop.example.evil.example"), Some("null"), None] {
        for page in [new_page(0, 1), resumed_page(0, &id, &token)] {
            let (_, heard) = replay(&app, origin, page).await;
            assert_eq!(heard, Heard::Close(4002), "{origin:?}");
        }
    }
    let (status, answer) =
        post(&app, "https://evil.example", encode_envelope(&Hello::new(app.site.key.clone(), vec![resumed_page(0, &id, &token)]), &frames))
            .await;
    assert_eq!((status, answer["code"].as_u64()), (403, Some(4002)));
    assert_eq!(stored_keys(&app).await, before, "nothing came in");
    app.finish().await;
}

async fn stored_keys(app: &TestApp) -> Vec<String> {
    app.texts("select concat_ws(' ', page_view_id, seq, offset_ms, x::text) from core.pointer_chunk order by page_view_id, seq").await
}

#[actix_web::test]
async fn b13_a_token_of_yesterday_opens_nothing() {
    let app = spawn_app().await;
    let (mut client, id, _) = Client::welcomed(&app).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    let store = Store::new(&app.server, Pools::default());
    let tokens = Tokens::new(store.secret("tokens").await.unwrap());
    store.close().await;
    let page_view = PageViewId::from_i64(id.parse().unwrap()).unwrap();
    let issued = |hours: i64, seconds: i64| {
        tokens.issue(app.site.site_id, page_view, Utc::now() - TimeDelta::hours(hours) + TimeDelta::seconds(seconds))
    };
    for (token, is_good) in
        [(issued(23, 0), true), (issued(24, 30), true), (issued(24, -1), false), (issued(25, 0), false), (issued(9_000, 0), false)]
    {
        let (mut again, heard) = replay(&app, Some(crate::app::ORIGIN), resumed_page(0, &id, &token)).await;
        if is_good {
            assert!(matches!(heard, Heard::Message(ServerMessage::Welcome { acked: 1, .. })), "{heard:?}");
            continue;
        }
        let refused = ServerMessage::Nack { n: 0, seq: None, retry: false, reason: "token".to_owned() };
        assert_eq!(heard, Heard::Message(refused));
        again.send(frame_bytes(2)).await;
        assert!(matches!(again.hear().await, Heard::Message(ServerMessage::Nack { seq: Some(2), retry: false, .. })));
    }
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 1);
    app.finish().await;
}
