//! F16: a collector that can't work says so and ends, before it listens.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use sqlx::{Connection, Executor, PgConnection};

use super::app::{new_database, test_folder, url_of};
use super::program::{free_address, run};

/// The real binary ends with this code, an error of one line that has these words, and without having listened.
async fn assert_refused(arguments: &[&str], code: i32, words: &[&str]) {
    let address = free_address();
    let listen: &[&str] = if arguments.contains(&"--listen") { &[] } else { &["--listen", &address] };
    let outcome = run(&[&["serve"], listen, arguments].concat()).await;
    assert_eq!(outcome.code, Some(code), "{outcome:?}");
    for word in words {
        assert!(outcome.stderr.contains(word), "{word:?} is missing in {}", outcome.stderr);
    }
    for word in ["panicked", "RUST_BACKTRACE", "is running at", "hunter2"] {
        assert!(!outcome.stderr.contains(word), "{word:?} in {}", outcome.stderr);
    }
    assert!(TcpStream::connect(&address).is_err(), "it listens");
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let folder = test_folder("configuration");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

async fn assert_file_refused(name: &str, content: &[u8], words: &[&str]) {
    let path = file(name, content);
    let path = path.to_str().unwrap();
    assert_refused(&["--config", path], 2, &[&[path], words].concat()).await;
}

#[actix_web::test]
async fn f16_a_corrupt_file_is_named_with_the_place() {
    assert_file_refused("corrupt.toml", b"listen = \"127.0.0.1:1\"\n[limits\n", &["line 2"]).await;
    assert_file_refused("bytes.toml", b"\xff\xfe\x00\x01", &["UTF-8"]).await;
}

#[actix_web::test]
async fn f16_an_absent_file_is_named() {
    assert_refused(&["--config", "/nowhere/mousetrail.toml"], 2, &["/nowhere/mousetrail.toml", "No such file"]).await;
}

#[actix_web::test]
async fn f16_an_unreadable_file_is_named() {
    // Root may read whatever there is, so it is something that nobody can read as a file.
    let folder = test_folder("configuration").join("folder.toml");
    fs::create_dir_all(&folder).unwrap();
    assert_refused(&["--config", folder.to_str().unwrap()], 2, &["folder.toml", "directory"]).await;
}

#[actix_web::test]
async fn f16_an_unknown_key_is_named_with_those_that_there_are() {
    assert_file_refused("unknown.toml", b"lissten = \"127.0.0.1:1\"\n", &["lissten", "`listen`"]).await;
}

#[actix_web::test]
async fn f16_a_value_of_the_wrong_type_is_named() {
    assert_file_refused("type.toml", b"[limits]\nqueue_mib = \"much\"\n", &["queue_mib", "line 2"]).await;
    assert_refused(&["--queue-mib", "much"], 2, &["--queue-mib", "much"]).await;
}

#[actix_web::test]
async fn f16_a_wrong_password_is_named_and_not_shown() {
    let server = new_database().await;
    let url = url_of(&server).await;
    if !url.contains("mousetrail@localhost") {
        return; // Who may come in to a server of somebody else isn't ours to say.
    }
    // The test cluster trusts whoever gets to its socket, so it is asked for a user that there is not: Postgres refuses him the same way.
    let url = url.replace("mousetrail@", "nobody_here:hunter2@");
    assert_refused(&["--database-url", &url], 1, &["nobody_here", "check its host, port, user, password and database"]).await;
}

#[actix_web::test]
async fn f16_an_unknown_host_is_named() {
    let closed = free_address();
    let url = format!("postgres://me:hunter2@{closed}/mousetrail");
    assert_refused(&["--database-url", &url], 1, &["refused", "check its host"]).await;
    assert_refused(&["--database-url", "postgres://me:hunter2@nowhere.invalid/mousetrail"], 1, &["check its host"]).await;
}

#[actix_web::test]
async fn f16_an_absent_database_is_named() {
    let server = new_database().await;
    let url = url_of(&server).await;
    let (before, _) = url.split_once("/mousetrail_test_").unwrap();
    let options = url.split_once('?').unwrap().1;
    let url = format!("{before}/not_there?{options}");
    assert_refused(&["--database-url", &url], 1, &["not_there", "check its host, port, user, password and database"]).await;
}

#[actix_web::test]
async fn f16_a_database_url_that_is_none_is_named() {
    assert_refused(&["--database-url", "hunter2"], 1, &["--database-url has to be like postgres://"]).await;
}

#[actix_web::test]
async fn f16_a_port_that_is_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let server = new_database().await;
    let url = url_of(&server).await;
    assert_refused(&["--listen", &address, "--database-url", &url], 1, &[&address, "choose another address with --listen"]).await;
}

#[actix_web::test]
async fn f16_limits_that_can_not_work_are_named() {
    assert_refused(&["--queue-mib", "1"], 2, &["queue-mib", "2 to 65536"]).await;
    assert_refused(&["--max-connections", "999999999"], 2, &["max-connections", "ulimit -n"]).await;
    assert_refused(&["--ingest-pool", "1"], 2, &["ingest-pool", "at least 2"]).await;
}

#[actix_web::test]
async fn f16_a_proxy_that_is_no_network_is_named() {
    assert_refused(&["--trusted-proxies", "127.0.0.1,10.0.0.0/99"], 2, &["trusted-proxies", "10.0.0.0/99", "such as 10.0.0.0/8"]).await;
}

#[actix_web::test]
async fn f16_a_public_address_or_path_that_is_none_is_named() {
    assert_refused(&["--public-url", "ftp://x"], 2, &["public-url", "http://"]).await;
    assert_refused(&["--ingest-path", "v1/"], 2, &["ingest-path", "begin with /"]).await;
}

#[actix_web::test]
async fn f16_a_damaged_secret_is_named() {
    let server = new_database().await;
    let mut owner: PgConnection = server.connect(mousetrail::store::PgRole::Owner).await.unwrap();
    owner
        .execute("insert into core.secret (name, value) values ('tokens', 'short') on conflict (name) do update set value = 'short'")
        .await
        .unwrap();
    owner.close().await.unwrap();
    let url = url_of(&server).await;
    assert_refused(&["--database-url", &url], 1, &["core.secret", "restore it from a backup"]).await;
}
