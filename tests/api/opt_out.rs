//! Global Privacy Control as the browser's header: whatever the page's script thinks, nothing is stored.

use awc::ws::{CloseCode, Frame};
use futures_util::StreamExt;
use mousetrail::wire::{Hello, encode_envelope};
use serde_json::Value;

use super::app::{ORIGIN, TestApp, spawn_app};
use super::client::{Client, frame_bytes, new_page, resumed_page};
use super::post::hello;

async fn post_opted_out(app: &TestApp, body: Vec<u8>) -> (u16, Value) {
    let request = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("Origin", ORIGIN)).insert_header(("Sec-GPC", "1"));
    let mut response = request.content_type("text/plain").send_body(body).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(&response.body().await.unwrap()).unwrap())
}

#[actix_web::test]
async fn a_socket_of_an_opted_out_browser_is_closed_for_ever() {
    let app = spawn_app().await;
    let request =
        awc::Client::new().ws(format!("{}/v1/socket", app.url)).protocols(["mousetrail.v1"]).origin(ORIGIN).header("Sec-GPC", "1");
    let (_, mut socket) = request.connect().await.unwrap();
    let Some(Ok(Frame::Close(Some(reason)))) = socket.next().await else { panic!("no close") };
    assert_eq!((reason.code, reason.description.as_deref()), (CloseCode::Other(4003), Some("the visitor opted out")));
    app.finish().await;
}

#[actix_web::test]
async fn a_post_of_an_opted_out_browser_is_refused_and_leaves_no_row() {
    let app = spawn_app().await;
    let (status, answer) = post_opted_out(&app, encode_envelope(&hello(&app, vec![new_page(0, 1)]), &[frame_bytes(1)])).await;
    assert_eq!((status, answer["code"].as_u64(), answer["reason"].as_str()), (403, Some(4003), Some("the visitor opted out")));
    assert_eq!(app.count("select count(*) from core.page_view").await + app.count("select count(*) from core.session").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn who_opts_out_can_still_have_erased_what_was_collected_before() {
    let app = spawn_app().await;
    let (_client, id, token) = Client::welcomed(&app).await;
    let forget = Hello { forget: true, ..hello(&app, vec![resumed_page(0, &id, &token)]) };
    let (status, answer) = post_opted_out(&app, encode_envelope(&forget, &[])).await;
    assert_eq!((status, answer[0]["reason"].as_str()), (200, Some("forgotten")));
    assert_eq!(app.count("select count(*) from core.page_view").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn do_not_track_alone_is_the_sites_to_decide() {
    let app = spawn_app().await;
    let request = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("Origin", ORIGIN)).insert_header(("DNT", "1"));
    let response = request.content_type("text/plain").send_body(encode_envelope(&hello(&app, vec![new_page(0, 1)]), &[])).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    app.finish().await;
}
