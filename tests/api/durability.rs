//! Acknowledged means committed, whatever dies in between.

use std::time::Duration;

use mousetrail::app::Application;
use mousetrail::clock::Clock;
use mousetrail::store::cluster::Cluster;
use mousetrail::store::{Server, migrate};
use mousetrail::wire::ServerMessage;
use tokio::sync::oneshot;

use super::app::{ORIGIN, TestApp, add_site, settings, spawn_app, spawn_app_on, test_folder};
use super::client::{Client, Heard, frame_bytes, new_page, resumed_page};

#[actix_web::test]
async fn frames_that_arrive_while_postgres_is_down_are_acked_when_it_is_back_and_not_before() {
    let folder = test_folder("outage");
    let cluster = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || Cluster::start(&folder)
    });
    let cluster = cluster.await.unwrap().unwrap();
    let mut server = Server::private(&folder, "mousetrail");
    server.bootstrap("mousetrail").await.unwrap();
    migrate(&mut server).await.unwrap();
    let application = Application::on(server.clone(), None, &settings(), Clock::system()).await.unwrap();
    let url = format!("http://127.0.0.1:{}", application.port());
    let site = add_site(&server, "k_test", &[ORIGIN]).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(application.run_until_stopped(async move {
        let _ = stopped.await;
    }));
    let app = TestApp::from_parts(server, url, site, stop, running);

    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    tokio::task::spawn_blocking(move || cluster.stop()).await.unwrap();
    for seq in 2..=20 {
        client.send(frame_bytes(seq)).await;
    }
    assert_eq!(client.hear_within(Duration::from_secs(2)).await, None, "nothing may be acked while Postgres is down");
    // Who comes now is neither welcomed nor sent away.
    let mut late = Client::connect(&app).await;
    late.hello(&app.site.key, vec![new_page(0, 9)]).await;
    assert_eq!(late.hear_within(Duration::from_secs(6)).await, None, "no hello deadline for who has said hello");
    let ready = awc::Client::new().get(format!("{}/health/ready", app.url)).send().await.unwrap();
    let live = awc::Client::new().get(format!("{}/health/live", app.url)).send().await.unwrap();
    assert_eq!((ready.status().as_u16(), live.status().as_u16()), (503, 200));
    let _cluster = tokio::task::spawn_blocking(move || Cluster::start(&folder)).await.unwrap().unwrap();
    client.hear_ack(20).await;
    assert!(matches!(late.hear().await, Heard::Message(ServerMessage::Welcome { acked: 0, .. })));
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 20);
    app.finish().await;
}

#[actix_web::test]
async fn a_collector_that_stops_commits_and_acks_what_it_has_and_closes_with_1012() {
    let mut app = spawn_app().await;
    let (mut client, id, token) = Client::welcomed(&app).await;
    for seq in 1..=50 {
        client.send(frame_bytes(seq)).await;
    }
    client.hear_ack(1).await;
    let stopping = app.stop();
    let (mut acked, mut drained) = (0, false);
    let listening = async {
        loop {
            match client.hear().await {
                Heard::Message(ServerMessage::Ack { seq, .. }) => acked = seq,
                Heard::Message(ServerMessage::Drain { .. }) => drained = true,
                Heard::Close(code) => return code,
                other => panic!("{other:?}"),
            }
        }
    };
    let (stopped, code) = futures_util::join!(stopping, listening);
    stopped.unwrap();
    assert_eq!((code, drained), (1012, true));
    let server = app.server.clone();
    let again = spawn_app_on(server).await;
    assert!(again.count("select count(*) from core.pointer_chunk").await >= i64::from(acked), "everything acked is there");
    let mut client = Client::connect(&again).await;
    client.hello(&again.site.key, vec![resumed_page(0, &id, &token)]).await;
    let Heard::Message(ServerMessage::Welcome { acked: known, .. }) = client.hear().await else { panic!("no welcome") };
    assert!(known >= acked, "the new collector knows what the old one acked");
    again.finish().await;
}
