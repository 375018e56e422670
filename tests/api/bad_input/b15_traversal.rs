use super::raw::ask;
use crate::admin::browser::sign_in;
use crate::app::{spawn_app, test_folder};

/// Ways up, and ways to name a file.
const UPS: [&str; 22] = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%2E%2E%2F",
    ".%2e/",
    "%252e%252e%252f",
    "..%252f",
    "%25252e%25252e%25252f",
    "..\\",
    "..%5c",
    "%2e%2e%5c",
    "..%255c",
    "....//",
    "....%2f%2f",
    "..;/",
    "..%00/",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "..%e0%80%af",
    "..%u2215",
    ".%00./",
];

/// Where a path goes on: what serves files, and what has an id in it (`S` is a site).
const PREFIXES: [&str; 13] = [
    "/",
    "/assets/",
    "/assets/mousetrail.css/",
    "/mousetrail-",
    "/mousetrail.js/",
    "/demo/",
    "/v1/",
    "/sites/",
    "/sites/S/sessions/",
    "/api/v1/sites/",
    "/api/v1/sites/S/sessions/",
    "/health/",
    "/metrics/",
];

#[actix_web::test]
async fn b15_no_path_leads_to_a_file() {
    let app = spawn_app().await;
    let cookie = sign_in(&app).await.cookie.unwrap();
    let canary = format!("canary {:032x}", rand::random::<u128>());
    let folder = test_folder("b15");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("canary");
    std::fs::write(&file, &canary).unwrap();
    let link = std::path::Path::new("/tmp").join(format!("mousetrail-canary-{}", std::process::id()));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let file = file.to_str().unwrap().trim_start_matches('/').to_owned();
    let link_name = link.to_str().unwrap().trim_start_matches('/').to_owned();
    let (mut tried, mut wrong) = (0, Vec::new());
    let mut paths = Vec::new();
    for prefix in PREFIXES {
        let prefix = prefix.replace('S', &app.site.site_id.to_string());
        for up in UPS {
            for target in [&file, &link_name] {
                paths.push(format!("{prefix}{}{target}", up.repeat(12)));
            }
            paths.push(format!("{prefix}{up}Cargo.toml"));
        }
        for target in [&file, &link_name] {
            paths.push(format!("{prefix}/{target}"));
            paths.push(format!("{prefix}%2f{}", target.replace('/', "%2f")));
            paths.push(format!("{prefix}file:///{target}"));
            paths.push(format!("{prefix}mousetrail.css%00{target}"));
            paths.push(format!("{prefix}%00"));
        }
    }
    for path in &paths {
        let host = app.url.strip_prefix("http://").unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        let answer = ask(&app.url, request.as_bytes()).await;
        tried += 1;
        let text = answer.text();
        if !matches!(answer.status, 400 | 404) || text.contains(&canary) || text.contains("[package]") {
            wrong.push(format!("{path}: {}", answer.status));
        }
    }
    std::fs::remove_file(&link).unwrap();
    println!("b15: {tried} paths");
    assert!(tried >= 200 && wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
    app.finish().await;
}
