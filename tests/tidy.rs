//! Who may import whom inside the crate, held as data. The table is the one of the design; a new line here is a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what it may import. `*`: everything.
const MAY_IMPORT: [(&str, &[&str]); 18] = [
    ("event", &[]),
    ("config", &[]),
    ("telemetry", &[]),
    ("clock", &[]),
    ("wire", &["event"]),
    ("analysis", &["event"]),
    ("recording", &["event"]),
    ("render", &["event", "analysis"]),
    ("live", &["event", "clock"]),
    ("store", &["event", "clock"]),
    ("ingest", &["event", "clock", "store"]),
    ("collector", &["event", "clock", "wire", "ingest", "live"]),
    ("query", &["event", "analysis"]),
    ("admin", &["event", "clock", "query", "analysis", "recording", "render", "live", "store"]),
    ("jobs", &["event", "clock", "store", "query", "analysis"]),
    ("cli", &["*"]),
    ("app", &["*"]),
    ("lib", &["*"]),
];

#[test]
fn modules_import_only_what_they_may() {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("{}: module {module} is not in the table", path.display()));
            continue;
        };
        for imported in imports(&text) {
            if imported != module && !may.contains(&"*") && !may.contains(&imported.as_str()) {
                wrong.push(format!("{}: {module} may not import {imported}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn sql_stands_only_in_store_and_query() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(module, _, text)| !["store", "query"].contains(&module.as_str()) && text.contains("sqlx::"))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "sqlx outside store and query: {wrong:?}");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_just_allowed() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(_, _, text)| text.contains(concat!("#[", "allow(")) || text.contains(concat!("#![", "allow(")))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn templates_have_no_inline_script_or_style_and_escape_everything() {
    let mut wrong = Vec::new();
    for path in files(&root().join("templates"), "html") {
        let text = fs::read_to_string(&path).unwrap();
        for bad in ["style=\"", "<style", "onclick=", "onload=", "javascript:", "|safe"] {
            if text.contains(bad) {
                wrong.push(format!("{}: {bad}", path.display()));
            }
        }
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            let is_json = tag.contains("application/json");
            if !tag.contains("src=") && !is_json {
                wrong.push(format!("{}: inline script", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let root = root();
    let mut wrong = Vec::new();
    let documents =
        ["README.md", "CHANGELOG.md", "snippet/README.md"].map(|name| root.join(name)).into_iter().chain(files(&root.join("docs"), "md"));
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            if file.contains("://") {
                continue;
            }
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let has_heading = || heading.is_empty() || headings(&fs::read_to_string(&target).unwrap()).contains(heading);
            if !target.exists() || !has_heading() {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The anchors that a Markdown file's headings get.
fn headings(text: &str) -> BTreeSet<String> {
    let anchor = |line: &str| {
        let kept = line.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
        kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
    };
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Top-level module, path and text of each source file. Tests within the files count as well.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = root().join("src");
    files(&src, "rs")
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "main.rs"))
        .map(|path| {
            let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
            let module = Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            (module, path, text)
        })
        .collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|is| is == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The top-level modules that a file names, behind `crate::` alone or in braces.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for part in line.split("crate::").skip(1) {
            let names = part.strip_prefix('{').map_or(part, |inner| inner.split('}').next().unwrap_or(inner));
            let groups = if part.starts_with('{') { names.split(',').collect() } else { vec![names] };
            for group in groups {
                let name: String = group.trim().chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
                if !name.is_empty() && name != "test" {
                    found.insert(name);
                }
            }
        }
    }
    found
}
