use super::{Account, Store, StoreError};
use crate::event::SessionId;

/// What somebody looked at, or took along.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Opened the replay of a visit.
    Replay,
    /// Watched a visit while it happened.
    Live,
    /// Watched all who were on a page.
    Crowd,
    /// Took the events of a visit along.
    Export,
}

impl Deed {
    /// As stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Live => "live",
            Self::Crowd => "crowd",
            Self::Export => "export",
        }
    }
}

impl Store {
    /// Writes down who looked at what. Call it before anything is shown: what can't be written down is not shown. `detail` is the path of a page where
    /// it was not one visit. Looking again within a minute is the same look.
    pub async fn audit(
        &self,
        account: &Account,
        deed: Deed,
        site_id: i32,
        session: Option<SessionId>,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let added = sqlx::query!(
            "insert into core.audit (account_id, email, action, site_id, session_id, detail)
             select $1, $2, $3, $4, $5, $6
             where not exists (select from core.audit
                               where account_id = $1 and action = $3 and site_id = $4 and session_id is not distinct from $5
                                     and detail is not distinct from $6 and at > now() - interval '1 minute')",
            account.account_id,
            account.email,
            deed.word(),
            site_id,
            session.map(SessionId::get),
            detail
        );
        added.execute(&self.admin).await?;
        Ok(())
    }
}
