use super::{Account, Store, StoreError};
use crate::event::SessionId;

/// Notes that a visit may have.
const MAX_NOTES: i64 = 500;
/// Longest note, characters.
const MAX_LENGTH: usize = 2_000;

/// A note about a moment of a visit, parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewNote {
    at_ms: i64,
    text: String,
}

/// What is wrong with a note. The text is for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidNote {
    /// Empty, or too long.
    #[error("a note has 1 to 2,000 characters")]
    Length,
    /// Not a moment of a visit.
    #[error("at_ms is a time since the session began, in ms")]
    At,
    /// The visit has as many as it may have.
    #[error("a session has at most 500 notes")]
    TooMany,
}

impl NewNote {
    /// Parses a note. Line breaks stay, other control characters go.
    pub fn parse(at_ms: i64, text: &str) -> Result<Self, InvalidNote> {
        if !(0..=1 << 40).contains(&at_ms) {
            return Err(InvalidNote::At);
        }
        let text: String = text.trim().chars().filter(|char| *char == '\n' || !char.is_control()).collect();
        if text.is_empty() || text.chars().count() > MAX_LENGTH {
            return Err(InvalidNote::Length);
        }
        Ok(Self { at_ms, text })
    }
}

impl Store {
    /// Adds a note to a visit, and says its number; `StoreError::Missing` where there is no such visit.
    pub async fn add_note(
        &self,
        account: &Account,
        site_id: i32,
        session: SessionId,
        note: &NewNote,
    ) -> Result<Result<i64, InvalidNote>, StoreError> {
        let row = sqlx::query!(
            r#"with session as (
                   select session_id, site_id from core.session where session_id = $1 and site_id = $2
               ), added as (
                   insert into core.session_note (session_id, site_id, at_ms, text, account_id, email)
                   select session_id, site_id, $3, $4, $5, $6 from session
                   where (select count(*) from core.session_note where session_id = $1) < $7
                   returning session_note_id
               )
               select exists (select from session) as "is_there!", (select session_note_id from added) as added"#,
            session.get(),
            site_id,
            note.at_ms,
            note.text,
            account.account_id,
            account.email,
            MAX_NOTES
        );
        let row = row.fetch_one(&self.admin).await?;
        if !row.is_there {
            return Err(StoreError::Missing("session"));
        }
        Ok(row.added.ok_or(InvalidNote::TooMany))
    }

    /// Removes a note that this account wrote, or any one where `of_anybody`. False where there is none.
    pub async fn remove_note(
        &self,
        account: &Account,
        of_anybody: bool,
        site_id: i32,
        session: SessionId,
        note_id: i64,
    ) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            "delete from core.session_note
             where session_note_id = $1 and session_id = $2 and site_id = $3 and ($4 or account_id = $5)",
            note_id,
            session.get(),
            site_id,
            of_anybody,
            account.account_id
        );
        Ok(removed.execute(&self.admin).await?.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_text_at_a_moment() {
        assert_eq!(NewNote::parse(5, " a\nb\u{0} "), Ok(NewNote { at_ms: 5, text: "a\nb".into() }));
        assert_eq!(NewNote::parse(5, " \u{0}"), Err(InvalidNote::Length));
        assert_eq!(NewNote::parse(5, &"é".repeat(2_001)), Err(InvalidNote::Length));
        assert_eq!(NewNote::parse(-1, "a"), Err(InvalidNote::At));
    }
}
