use chrono::{DateTime, Utc};

/// `1204` is `1,204`.
pub(super) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0 { format!("-{out}") } else { out }
}

/// `4:12`, or `1:04:12` from an hour on.
pub(super) fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds / 3_600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// `6 min ago`. Times ahead of the clock are `now`.
pub(super) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    match seconds {
        ..10 => "now".to_owned(),
        10..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        86_400..172_800 => "1 day ago".to_owned(),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// `14:32` today, else `21 Nov 14:32`, with the year where it is another one. UTC; a script puts it into the reader's zone.
pub(super) fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let form = if at.date_naive() == now.date_naive() {
        "%H:%M"
    } else if at.format("%Y").to_string() == now.format("%Y").to_string() {
        "%-d %b %H:%M"
    } else {
        "%-d %b %Y %H:%M"
    };
    at.format(form).to_string()
}

/// `1 page`, `3 pages`.
pub(super) fn plural(count: i64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators_and_durations_no_days() {
        assert_eq!([0, 999, 1_000, 1_234_567, -12_345].map(number), ["0", "999", "1,000", "1,234,567", "-12,345"]);
        assert_eq!([0, 47_900, 252_000, 3_852_000].map(duration), ["0:00", "0:47", "4:12", "1:04:12"]);
        assert_eq!([plural(1, "page", "pages"), plural(2_000, "page", "pages")], ["1 page", "2,000 pages"]);
    }

    #[test]
    fn times_are_as_short_as_they_can_be() {
        let now: DateTime<Utc> = "2026-11-23T14:38:00Z".parse().unwrap();
        for (at, text, passed) in [
            ("2026-11-23T14:38:01Z", "14:38", "now"),
            ("2026-11-23T14:32:00Z", "14:32", "6 min ago"),
            ("2026-11-22T13:00:00Z", "22 Nov 13:00", "1 day ago"),
            ("2025-12-31T23:59:59Z", "31 Dec 2025 23:59", "326 days ago"),
        ] {
            let at = at.parse().unwrap();
            assert_eq!((moment(at, now), ago(at, now)), (text.into(), passed.into()));
        }
    }
}
