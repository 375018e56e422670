use std::borrow::Cow;

use chrono::{SecondsFormat, Utc};

/// Bytes of a line. What is longer names something that a stranger made long.
const LONGEST: usize = 16 * 1024;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

impl Form {
    /// What the log says about itself, with a number, as a line of this form.
    pub(super) fn notice(self, message: &str, name: &str, value: u64) -> String {
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
        match self {
            Self::Text => format!("{now}  WARN {message} {name}={value}\n"),
            Self::Json => {
                let fields = serde_json::json!({ "message": message, name: value });
                let line = serde_json::json!({ "timestamp": now, "level": "WARN", "fields": fields, "target": "mousetrail::telemetry" });
                format!("{line}\n")
            }
        }
    }

    /// One event as one line of bounded length. A text with line breaks in it would look like several events, some of them made up.
    pub(super) fn in_one_line(self, event: &[u8]) -> Cow<'_, [u8]> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if line.len() > LONGEST {
            return match self {
                Self::Text => {
                    let mut line: Vec<u8> = line[..LONGEST].iter().copied().map(without_break).collect();
                    line.extend_from_slice(b" ...\n");
                    Cow::Owned(line)
                }
                // A part of an object is none.
                Self::Json => Cow::Owned(self.notice("a log line was too long and is not shown", "bytes", line.len() as u64).into_bytes()),
            };
        }
        if line.iter().any(|byte| without_break(*byte) != *byte) {
            let line = line.iter().copied().map(without_break);
            return Cow::Owned(line.chain([b'\n']).collect());
        }
        Cow::Borrowed(event)
    }
}

fn without_break(byte: u8) -> u8 {
    if matches!(byte, b'\n' | b'\r' | 0) { b' ' } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_stands_in_it() {
        assert_eq!(Form::Text.in_one_line(b"a\r\nWARN forged\n").as_ref(), b"a  WARN forged\n");
        assert_eq!(Form::Text.in_one_line(b"plain\n").as_ref(), b"plain\n");
        let long = vec![b'x'; 1_000_000];
        assert!(Form::Text.in_one_line(&long).len() < LONGEST + 10);
        let json = Form::Json.in_one_line(&long).into_owned();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["fields"]["bytes"], 1_000_000);
    }

    #[test]
    fn what_the_log_says_about_itself_looks_like_its_other_lines() {
        let json: serde_json::Value = serde_json::from_str(&Form::Json.notice("log lines were left out", "lines", 7)).unwrap();
        assert_eq!(json["fields"]["lines"], 7);
        assert_eq!(json["level"], "WARN");
        assert!(Form::Text.notice("log lines were left out", "lines", 7).ends_with(" WARN log lines were left out lines=7\n"));
    }
}
