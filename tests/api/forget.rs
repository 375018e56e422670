//! Erasing what one page load sent.

use mousetrail::event::{Frame, Kind, Note, PointerEvent};
use mousetrail::wire::{Hello, ServerMessage, encode_envelope, encode_frame};

use super::app::{ORIGIN, TestApp, spawn_app};
use super::client::{Client, Heard, frame, frame_bytes, new_page, resumed_page};
use super::post::{hello, post};

/// How many rows know the page view: found through the catalogue, so that a new table counts by itself.
pub async fn traces(app: &TestApp, id: &str) -> Vec<String> {
    let tables = app
        .texts(
            "select format('%I.%I', c.table_schema, c.table_name) from information_schema.columns c
             join information_schema.tables t using (table_schema, table_name)
             where c.column_name = 'page_view_id' and t.table_type = 'BASE TABLE' order by 1",
        )
        .await;
    // And their partitions: pointer_chunk, element_box, note, quarantine, page_view at least.
    assert!(tables.len() >= 5, "{tables:?}");
    let mut traces = Vec::new();
    for table in tables {
        let count = app.count(&format!("select count(*) from {table} where page_view_id = {id}")).await;
        if count > 0 {
            traces.push(format!("{table}: {count}"));
        }
    }
    traces
}

fn forget(app: &TestApp, pages: Vec<mousetrail::wire::Page>) -> Hello {
    Hello { forget: true, ..hello(app, pages) }
}

fn forgotten(n: u16) -> ServerMessage {
    ServerMessage::Nack { n, seq: None, retry: false, reason: "forgotten".to_owned() }
}

/// A frame with everything: elements, an id, a custom event.
fn rich(seq: u32) -> Vec<u8> {
    let note = |index, name: &str, value: &str| Note { index, name: name.to_owned(), value: value.to_owned() };
    let events = [Kind::Identify, Kind::Event, Kind::Click].map(|kind| PointerEvent::new(0, kind, 100, 200)).to_vec();
    let elements = vec![super::visit::button(3, "#buy", Default::default())];
    encode_frame(&Frame { events, elements, notes: vec![note(0, "customer 42", ""), note(1, "buy", "{}")], ..frame(seq) })
}

#[actix_web::test]
async fn a_forgotten_page_view_leaves_no_row_and_no_frame_brings_it_back() {
    let app = spawn_app().await;
    app.execute("alter table core.pointer_chunk add constraint no_sixes check (x0 <> 666)").await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    let mut bad = frame(2);
    bad.origin.0 = 666;
    for bytes in [rich(1), encode_frame(&bad), rich(3)] {
        client.send(bytes).await;
    }
    while client.hear().await != Heard::Message(ServerMessage::Ack { n: 0, seq: 3 }) {}
    assert!(traces(&app, &id).await.len() >= 5, "{:?}", traces(&app, &id).await);

    // More of it is on its way all the time, on the socket that is open.
    let (_, (status, answer)) = futures_util::join!(
        async {
            for seq in 4..=40 {
                client.send(rich(seq)).await;
            }
        },
        post(&app, ORIGIN, encode_envelope(&forget(&app, vec![resumed_page(0, &id, &token)]), &[])),
    );
    assert_eq!((status, serde_json::from_value::<Vec<ServerMessage>>(answer).unwrap()), (200, vec![forgotten(0)]));
    // A frame that Postgres would refuse leaves no trace in quarantine either.
    bad.seq = 41;
    client.send(encode_frame(&bad)).await;
    client.send(rich(42)).await;
    while client.hear().await != Heard::Message(forgotten(0)) {}
    client.send(rich(43)).await;
    while client.hear_within(std::time::Duration::from_millis(300)).await.is_some() {}
    assert_eq!(traces(&app, &id).await, [""; 0]);

    // Nor does a new connection with the token, nor the page's first message once more.
    let mut again = Client::connect(&app).await;
    again.hello(&app.site.key, vec![resumed_page(0, &id, &token), new_page(1, 1)]).await;
    let mut heard = vec![again.hear().await, again.hear().await];
    heard.sort_by_key(|heard| format!("{heard:?}"));
    assert_eq!(heard, [Heard::Message(forgotten(0)), Heard::Message(forgotten(1))]);
    again.send(rich(1)).await;
    assert_eq!(again.hear().await, Heard::Message(forgotten(0)));
    let (_, answer) = post(&app, ORIGIN, encode_envelope(&hello(&app, vec![new_page(0, 1)]), &[rich(1)])).await;
    assert_eq!(serde_json::from_value::<Vec<ServerMessage>>(answer).unwrap(), [forgotten(0), forgotten(0)]);
    assert_eq!(traces(&app, &id).await, [""; 0]);
    assert_eq!(app.count("select count(*) from core.session").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn frames_that_wait_for_a_commit_meanwhile_are_refused() {
    let app = spawn_app().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    // A batch stands still in the middle of its insert; the page view is erased; the batch goes on.
    let mut owner = app.server.connect(mousetrail::store::PgRole::Owner).await.unwrap();
    sqlx::raw_sql("begin; lock table core.note in share row exclusive mode").execute(&mut owner).await.unwrap();
    client.send(rich(1)).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let erase = post(&app, ORIGIN, encode_envelope(&forget(&app, vec![resumed_page(0, &id, &token)]), &[]));
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        sqlx::raw_sql("commit").execute(&mut owner).await.unwrap();
    };
    let ((status, _), ()) = futures_util::join!(erase, release);
    assert_eq!(status, 200);
    client.send(rich(2)).await;
    while client.hear().await != Heard::Message(forgotten(0)) {}
    assert_eq!(traces(&app, &id).await, [""; 0]);
    app.finish().await;
}

#[actix_web::test]
async fn the_other_page_views_of_the_session_stay_and_its_sums_are_right() {
    let app = spawn_app().await;
    let mut client = Client::connect(&app).await;
    client.hello(&app.site.key, vec![new_page(0, 1), new_page(1, 2)]).await;
    let mut names = std::collections::HashMap::new();
    for _ in 0..2 {
        let Heard::Message(ServerMessage::Welcome { n, id, token, .. }) = client.hear().await else { panic!("no welcome") };
        names.insert(n, (id.to_string(), token));
    }
    client.send(frame_bytes(1)).await;
    let kept = Frame { page: 1, ..frame(1) };
    client.send(encode_frame(&kept)).await;
    client.send(rich(2)).await;
    client.hear_ack(2).await;
    assert_eq!(
        app.rows("select page_views, events, clicks, identified_as from session").await,
        [r#"{"page_views":2,"events":11,"clicks":3,"identified_as":"customer 42"}"#]
    );
    let (id, token) = &names[&0];
    let mut eraser = Client::connect(&app).await;
    eraser.hello_with(forget(&app, vec![resumed_page(7, id, token)])).await;
    assert_eq!(eraser.hear().await, Heard::Message(forgotten(7)));
    assert_eq!(traces(&app, id).await, [""; 0]);
    assert_eq!(
        app.rows("select page_views, events, clicks, identified_as, started_at = (select started_at from page_view) as began, duration_ms from session")
            .await,
        [r#"{"page_views":1,"events":4,"clicks":1,"identified_as":null,"began":true,"duration_ms":1060}"#]
    );
    assert_eq!(app.count("select count(*) from pointer_event").await, 4);
    app.finish().await;
}

#[actix_web::test]
async fn a_page_view_without_its_welcome_is_erased_by_its_nonce_and_strangers_erase_nothing() {
    let app = spawn_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let mut thief = Client::connect(&app).await;
    thief.hello_with(forget(&app, vec![resumed_page(0, &id, "AAAA"), new_page(1, 9)])).await;
    thief.hear().await;
    thief.hear().await;
    assert_eq!(app.count("select count(*) from core.page_view").await, 1);
    let (_, answer) = post(&app, ORIGIN, encode_envelope(&forget(&app, vec![new_page(0, 1)]), &[frame_bytes(1)])).await;
    assert_eq!(serde_json::from_value::<Vec<ServerMessage>>(answer).unwrap(), [forgotten(0), forgotten(0)]);
    assert_eq!(traces(&app, &id).await, [""; 0]);
    // The one that had not come yet stays away as well.
    let mut late = Client::connect(&app).await;
    late.hello(&app.site.key, vec![new_page(0, 9), resumed_page(1, &id, &token)]).await;
    let heard = [late.hear().await, late.hear().await];
    assert!(
        heard.iter().all(|heard| matches!(heard, Heard::Message(ServerMessage::Nack { reason, .. }) if reason == "forgotten")),
        "{heard:?}"
    );
    // The id itself is kept nowhere.
    assert_eq!(app.count("select count(*) from core.tombstone").await, 2);
    app.finish().await;
}

#[actix_web::test]
async fn the_role_of_ingest_erases_by_this_function_alone() {
    let app = spawn_app().await;
    let mut ingest = app.server.connect(mousetrail::store::PgRole::Ingest).await.unwrap();
    for denied in
        ["delete from core.page_view", "delete from core.tombstone", "update core.note set name = ''", "select name from core.note"]
    {
        assert!(sqlx::raw_sql(denied).execute(&mut ingest).await.is_err(), "{denied}");
    }
    for role in [mousetrail::store::PgRole::Admin, mousetrail::store::PgRole::Reader] {
        let mut connection = app.server.connect(role).await.unwrap();
        assert!(sqlx::raw_sql("select core.forget_page_view(1, '')").execute(&mut connection).await.is_err(), "{role:?}");
    }
    app.finish().await;
}
