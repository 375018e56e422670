//! The SQL contract.

use super::app::spawn_app;

#[actix_web::test]
async fn every_view_and_column_has_a_comment() {
    let app = spawn_app().await;
    let silent = app
        .rows(
            "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum >= 0
             where c.relnamespace = 'public'::regnamespace and c.relkind = 'v' and col_description(c.oid, a.attnum) is null",
        )
        .await;
    assert!(silent.is_empty(), "{silent:?}");
    app.finish().await;
}
