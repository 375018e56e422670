//! A partition that is gone is no fault of the frames.

use crate::app::spawn_app;
use crate::client::{Client, frame_bytes};

#[actix_web::test]
async fn a_partition_that_somebody_dropped_is_made_again_and_no_frame_goes_into_quarantine() {
    let app = spawn_app().await;
    let (mut client, ..) = Client::welcomed(&app).await;
    client.send(frame_bytes(1)).await;
    client.hear_ack(1).await;
    let tables = app.texts("select inhrelid::regclass::text from pg_inherits where inhparent = 'core.pointer_chunk'::regclass").await;
    for table in tables {
        app.execute(&format!("drop table {table}")).await;
    }
    client.send(frame_bytes(2)).await;
    client.hear_ack(2).await;
    assert_eq!(app.count("select count(*) from core.quarantine").await, 0);
    assert_eq!(app.count("select count(*) from core.pointer_chunk").await, 1);
    app.finish().await;
}
