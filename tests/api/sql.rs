//! The SQL contract.

use chrono::TimeDelta;
use mousetrail::event::{Element, ElementBox, ElementFlags, Kind, PointerEvent};
use mousetrail::store::PgRole;

use super::app::{TestApp, spawn_app};
use super::visit::{DESKTOP, PHONE, at, button, visit_of};

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

#[actix_web::test]
async fn the_tables_of_the_document_are_the_columns_of_the_views() {
    let app = spawn_app().await;
    let columns = app
        .texts(
            "select c.relname || ' | `' || a.attname || '` | ' || replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz')
                    || ' | ' || col_description(c.oid, a.attnum)
             from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
             where c.relnamespace = 'public'::regnamespace and c.relkind = 'v' order by 1",
        )
        .await;
    let mut documented = Vec::new();
    let mut view = String::new();
    let text = document();
    let views = text.split("## The views").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the section is there");
    for line in views.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            view = name.to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            documented.push(format!("{view} | `{}", row.trim_end_matches(" |")));
        }
    }
    documented.sort();
    let mut columns = columns;
    columns.sort();
    assert_eq!(documented, columns);
    app.finish().await;
}

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sql.md")).unwrap()
}

/// The queries of docs/sql.md and docs/heatmaps.md.
fn worked_queries() -> Vec<String> {
    let heatmaps = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/heatmaps.md")).unwrap();
    (document() + &heatmaps).split("```sql\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn every_worked_query_runs_as_the_reader_with_and_without_data() {
    let queries = worked_queries();
    assert!(queries.len() >= 20, "{} queries", queries.len());
    let app = spawn_app().await;
    run_all(&app, &queries, "an empty database").await;
    send_visits(&app).await;
    let silent = run_all(&app, &queries, "a few visits").await;
    assert!(silent.is_empty(), "these find nothing in visits that have everything:\n{}", silent.join("\n"));
    app.finish().await;
}

/// Runs the queries and returns those without an answer.
async fn run_all(app: &TestApp, queries: &[String], on: &str) -> Vec<String> {
    let mut reader = app.server.connect(PgRole::Reader).await.unwrap();
    let mut silent = Vec::new();
    for query in queries {
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(query.clone())).fetch_all(&mut reader).await;
        if rows.unwrap_or_else(|error| panic!("on {on}: {error}\n{query}")).is_empty() {
            silent.push(query.clone());
        }
    }
    silent
}

/// Every kind of event, two devices, two pages, on two days. One button is clicked and one is only passed; a text is clicked in vain.
async fn send_visits(app: &TestApp) {
    for (n, (user_agent, path, days)) in
        [(DESKTOP, "/demo", 0), (DESKTOP, "/demo", 1), (DESKTOP, "/demo", 2), (PHONE, "/demo", 0), (PHONE, "/other", 0)]
            .into_iter()
            .enumerate()
    {
        let mut visit = visit_of(&format!("visitor {}", n / 2));
        visit.user_agent = user_agent;
        visit.began_at -= TimeDelta::days(days);
        visit.page.url = format!("https://shop.example{path}");
        let rect = ElementBox { x: 0, y: 100, w: 200, h: 60 };
        visit.elements = vec![button(1, "#buy", rect), button(2, "#help", rect)];
        visit.elements.push(Element { flags: ElementFlags::default(), tag: "p".to_owned(), ..button(3, "#words", rect) });
        let on = |element, ms, kind, x, y| PointerEvent { element, ..at(ms, kind, x, y) };
        let mut events: Vec<_> = (0..60u16).map(|n| on(2, n * 40, Kind::Move, i32::from(n) * 3, 100 + i32::from(n % 20))).collect();
        for (n, kind) in Kind::all().enumerate() {
            events.push(on(1, 2_400 + 300 * n as u16, kind, 150, 120 + n as i32));
        }
        // Three quick clicks on the button, each after a short way, then one on the text.
        for (n, element) in [1, 1, 1, 3].into_iter().enumerate() {
            let ms = 10_000 + 300 * n as u16;
            events.extend([on(2, ms, Kind::Move, 400, 400), on(element, ms + 100, Kind::Move, 150, 120)]);
            events.extend(
                [(150, Kind::Down), (200, Kind::Up), (200, Kind::Click)]
                    .map(|(after, kind)| PointerEvent { spot: (24_576, 10_923), ..on(element, ms + after, kind, 150, 120) }),
            );
        }
        visit.notes = vec![("customer 42", ""), ("plan", "pro"), ("buy", r#"{"sku":"a-1"}"#)];
        visit.with(events).send(app).await;
    }
}
