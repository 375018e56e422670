//! Countries of visits, by a database that the operator gives.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use mousetrail::config::{Options, Proxies};
use mousetrail::wire::encode_envelope;

use super::app::{ORIGIN, TestApp, new_database, settings, spawn_app_with, test_folder, url_of};
use super::client::new_page;
use super::post::hello;
use super::program::run;

/// A value of the format's data section.
enum Value<'a> {
    Text(&'a str),
    Number(u64),
    Map(&'a [(&'a str, Value<'a>)]),
}

/// <https://maxmind.github.io/MaxMind-DB/>: a byte of type and size, then the value. Sizes here stay below 29.
fn write(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => {
            bytes.push((2 << 5) | text.len() as u8);
            bytes.extend(text.as_bytes());
        }
        // uint64, an extended type.
        Value::Number(number) => bytes.extend([8, 2].into_iter().chain(number.to_be_bytes())),
        Value::Map(entries) => {
            bytes.push((7 << 5) | entries.len() as u8);
            for (key, value) in *entries {
                write(bytes, &Value::Text(key));
                write(bytes, value);
            }
        }
    }
}

/// The same for what has to be a small number: uint16 or uint32 by its type.
fn write_small(bytes: &mut Vec<u8>, key: &str, kind: u8, number: u32) {
    write(bytes, &Value::Text(key));
    let all = number.to_be_bytes();
    let digits = if kind == 5 { &all[2..] } else { &all[..] };
    bytes.push((kind << 5) | digits.len() as u8);
    bytes.extend(digits);
}

/// A database that knows whole /8 networks of IPv4.
fn database(networks: &[(u8, &str)], made_at: u64) -> Vec<u8> {
    let (mut data, mut leaves) = (Vec::new(), Vec::new());
    for (first, code) in networks {
        leaves.push((*first, data.len() as u32));
        write(&mut data, &Value::Map(&[("country", Value::Map(&[("iso_code", Value::Text(code))]))]));
    }
    // A full tree of eight levels: node 0 is the root, the children of node n are 2n + 1 and 2n + 2, 255 nodes in all.
    let nodes = 255u32;
    let mut bytes = Vec::new();
    for node in 0..nodes {
        for side in [1, 2] {
            let child = 2 * node + side;
            let leaf = leaves.iter().find(|(first, _)| child == nodes + u32::from(*first));
            let record = match leaf {
                Some((_, at)) => nodes + 16 + at,
                None => child.min(nodes),
            };
            bytes.extend(&record.to_be_bytes()[1..]);
        }
    }
    bytes.extend([0; 16]);
    bytes.extend(data);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    bytes.push((7 << 5) | 9);
    write_small(&mut bytes, "node_count", 6, nodes);
    write_small(&mut bytes, "record_size", 5, 24);
    write_small(&mut bytes, "ip_version", 5, 4);
    write_small(&mut bytes, "binary_format_major_version", 5, 2);
    write_small(&mut bytes, "binary_format_minor_version", 5, 0);
    // An empty array, an extended type.
    write(&mut bytes, &Value::Text("languages"));
    bytes.extend([0, 4]);
    for (key, value) in
        [("description", Value::Map(&[])), ("build_epoch", Value::Number(made_at)), ("database_type", Value::Text("Test-Country"))]
    {
        write(&mut bytes, &Value::Text(key));
        write(&mut bytes, &value);
    }
    bytes
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = test_folder("countries");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn begin(app: &TestApp, from: Ipv4Addr, nonce: u8) {
    let request = awc::Client::new().post(format!("{}/v1/post", app.url)).insert_header(("Origin", ORIGIN));
    let request = request.insert_header(("x-forwarded-for", from.to_string())).content_type("text/plain");
    let response = request.send_body(encode_envelope(&hello(app, vec![new_page(0, nonce)]), &[])).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

#[actix_web::test]
async fn a_session_has_the_country_of_its_first_address_where_the_database_knows_it() {
    let mut settings = settings();
    settings.trusted_proxies = Proxies::parse(["127.0.0.0/8"]).unwrap();
    settings.geoip = Some(file("small.mmdb", &database(&[(5, "DE"), (203, "AU"), (204, "what?")], 1_790_000_000)));
    let app = spawn_app_with(new_database().await, &settings).await;
    for (nonce, address) in (1..).zip([[5, 1, 2, 3], [203, 0, 113, 9], [192, 0, 2, 1], [204, 1, 1, 1]]) {
        begin(&app, Ipv4Addr::from(address), nonce).await;
    }
    assert_eq!(app.texts("select coalesce(country, 'none') from session order by session_id").await.len(), 4);
    let mut countries = app.texts("select coalesce(country, 'none') from session").await;
    countries.sort();
    assert_eq!(countries, ["AU", "DE", "none", "none"]);
    // The address itself is nowhere.
    assert_eq!(app.count("select count(*) from core.session s where s::text like '%203.0.113%' or s::text like '%5.1.2%'").await, 0);
    app.finish().await;
}

#[actix_web::test]
async fn without_a_database_there_are_no_countries() {
    let mut settings = settings();
    settings.trusted_proxies = Proxies::parse(["127.0.0.0/8"]).unwrap();
    let app = spawn_app_with(new_database().await, &settings).await;
    begin(&app, Ipv4Addr::new(5, 1, 2, 3), 1).await;
    assert_eq!(app.count("select count(*) from session where country is null").await, 1);
    app.finish().await;
}

#[actix_web::test]
async fn a_database_that_can_not_be_read_is_refused_at_the_start_with_words() {
    let url = url_of(&new_database().await).await;
    for path in ["/nowhere/countries.mmdb", file("broken.mmdb", b"no database").to_str().unwrap()] {
        let outcome = run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url, "--geoip", path]).await;
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.stderr.contains(path) && outcome.stderr.contains("--geoip"), "{outcome:?}");
    }
}

#[actix_web::test]
async fn the_option_stands_in_the_file_as_well() {
    let config = file("mousetrail.toml", b"geoip = \"/a/countries.mmdb\"\n");
    let settings = Options { config: Some(config), ..Options::default() }.settle().unwrap();
    assert_eq!(settings.geoip, Some(PathBuf::from("/a/countries.mmdb")));
}

#[actix_web::test]
async fn the_doctor_says_that_a_database_is_old() {
    let url = url_of(&new_database().await).await;
    for (name, made_at, words) in [("old.mmdb", 1_500_000_000, "was made on 2017-07-14"), ("new.mmdb", now(), "made on")] {
        let path = file(name, &database(&[(5, "DE")], made_at));
        let path = path.to_str().unwrap();
        let outcome = run(&["doctor", "--json", "--no-round-trip", "--database-url", &url, "--geoip", path]).await;
        let findings: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let finding = findings["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "configuration.geoip").unwrap();
        assert_eq!(finding["state"], if name == "old.mmdb" { "warning" } else { "ok" });
        assert!(finding["found"].as_str().unwrap().contains(words), "{finding}");
    }
}

fn now() -> u64 {
    chrono::Utc::now().timestamp() as u64
}
