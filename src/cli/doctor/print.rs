use std::fmt::Write;

use super::finding::{Finding, Findings, State};

/// The findings as a list for people. With `fancy`, marks and colours of a terminal; else plain ASCII.
pub(super) fn list(findings: &Findings, fancy: bool) -> String {
    let mut out = String::new();
    let mut section = "";
    for finding in &findings.findings {
        if finding.section() != section {
            section = finding.section();
            let _ = writeln!(out, "\n{section}");
        }
        let name = finding.check.split_once('.').map_or(finding.check, |(_, name)| name).replace('_', " ");
        let _ = writeln!(out, "  {} {name}: {}", mark(finding, fancy), finding.found);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(out, "       -> {advice}");
        }
    }
    let [ok, warnings, failed] = [State::Ok, State::Warning, State::Fail].map(|state| findings.count(state));
    let _ = writeln!(out, "\n{ok} ok, {warnings} to look at, {failed} failed");
    out
}

fn mark(finding: &Finding, fancy: bool) -> &'static str {
    match (finding.state, fancy) {
        (State::Ok, true) => "\u{1b}[32m  ✓ \u{1b}[0m",
        (State::Warning, true) => "\u{1b}[33m  ! \u{1b}[0m",
        (State::Fail, true) => "\u{1b}[31m  ✗ \u{1b}[0m",
        (State::Ok, false) => "ok  ",
        (State::Warning, false) => "warn",
        (State::Fail, false) => "FAIL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_plain_where_nobody_sees_colours() {
        let mut findings = Findings::default();
        findings.add(Finding::ok("postgres.version", "17"));
        findings.add(Finding::fail("postgres.fsync", "off", "Turn it on."));
        let text = list(&findings, false);
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("postgres\n  ok   version: 17\n  FAIL fsync: off\n       -> Turn it on.\n"), "{text}");
        assert!(text.ends_with("1 ok, 0 to look at, 1 failed\n"));
        assert!(list(&findings, true).contains('✗'));
    }
}
