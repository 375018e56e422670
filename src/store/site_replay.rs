use super::site::parse_origin;
use super::{Store, StoreError};

/// Origins whose images a replay may load.
const MAX_ORIGINS: usize = 20;
/// Longest text for a visitor who is being watched, characters.
const MAX_OBSERVED: usize = 200;

/// What a site wants recorded and shown beyond the pointer. The default is nothing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SiteReplay {
    /// Share of the visits whose pages are recorded, 0 to 1.
    pub record_share: f32,
    /// Are texts of the page recorded as they are?
    pub shows_text: bool,
    /// Origins whose images and fonts the browser of whoever watches a replay may load.
    pub origins: Vec<String>,
    /// What the visitor's page shows while somebody watches.
    pub observed: Option<String>,
}

/// What is wrong with such settings. The text is for people.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidReplay {
    /// Not a percentage.
    #[error("Say as a number from 0 to 100 which share of the visits is recorded.")]
    Share,
    /// Not `scheme://host[:port]`.
    #[error("“{0}” is not an origin. Write it as https://images.example.com.")]
    Origin(String),
    /// More than 20.
    #[error("A replay loads images from at most 20 origins.")]
    TooMany,
    /// Too long.
    #[error("What visitors read has at most 200 characters.")]
    Observed,
}

impl SiteReplay {
    /// Parses what somebody typed: a share in percent, origins between spaces or lines, a text that may be empty.
    pub fn parse(percent: &str, shows_text: bool, origins: &str, observed: &str) -> Result<Self, InvalidReplay> {
        let percent: f32 = percent.trim().parse().map_err(|_| InvalidReplay::Share)?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(InvalidReplay::Share);
        }
        let mut parsed: Vec<String> = Vec::new();
        for text in origins.split_whitespace() {
            let origin = parse_origin(text).filter(|origin| origin != "*");
            let origin = origin.ok_or_else(|| InvalidReplay::Origin(text.chars().take(100).collect()))?;
            if !parsed.contains(&origin) {
                parsed.push(origin);
            }
        }
        if parsed.len() > MAX_ORIGINS {
            return Err(InvalidReplay::TooMany);
        }
        let observed: String = observed.trim().chars().filter(|char| !char.is_control()).collect();
        if observed.chars().count() > MAX_OBSERVED {
            return Err(InvalidReplay::Observed);
        }
        Ok(Self { record_share: percent / 100.0, shows_text, origins: parsed, observed: Some(observed).filter(|text| !text.is_empty()) })
    }
}

impl Store {
    /// What a site wants recorded and shown.
    pub async fn site_replay(&self, site_id: i32) -> Result<SiteReplay, StoreError> {
        let row = sqlx::query_as!(
            SiteReplay,
            "select record_share, shows_text, origins, observed from core.site_replay where site_id = $1",
            site_id
        );
        Ok(row.fetch_optional(&self.admin).await?.unwrap_or_default())
    }

    /// Keeps what a site wants; connections that are open hear of it when they come the next time.
    pub async fn set_site_replay(&self, site_id: i32, replay: &SiteReplay) -> Result<(), StoreError> {
        let set = sqlx::query!(
            "insert into core.site_replay (site_id, record_share, shows_text, origins, observed) values ($1, $2, $3, $4, $5)
             on conflict (site_id) do update set record_share = excluded.record_share, shows_text = excluded.shows_text,
                 origins = excluded.origins, observed = excluded.observed, changed_at = now()",
            site_id,
            replay.record_share,
            replay.shows_text,
            &replay.origins,
            replay.observed
        );
        set.execute(&self.admin).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_becomes_settings_or_words() {
        let parsed = SiteReplay::parse(" 25 ", true, "https://A.example/\nhttps://a.example http://b:81", " Seen\u{7} ").unwrap();
        let origins = vec!["https://a.example".to_owned(), "http://b:81".to_owned()];
        assert_eq!(parsed, SiteReplay { record_share: 0.25, shows_text: true, origins, observed: Some("Seen".into()) });
        assert_eq!(SiteReplay::parse("0", false, "", ""), Ok(SiteReplay::default()));
        for wrong in ["", "-1", "101", "NaN", "all"] {
            assert_eq!(SiteReplay::parse(wrong, false, "", ""), Err(InvalidReplay::Share), "{wrong}");
        }
        assert_eq!(SiteReplay::parse("1", false, "*", ""), Err(InvalidReplay::Origin("*".into())));
        assert_eq!(
            SiteReplay::parse("1", false, &(0..21).map(|n| format!("https://a{n}.example ")).collect::<String>(), ""),
            Err(InvalidReplay::TooMany)
        );
        assert_eq!(SiteReplay::parse("1", false, "", &"x".repeat(201)), Err(InvalidReplay::Observed));
    }
}
