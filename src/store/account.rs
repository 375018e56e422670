use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{Store, StoreError};

/// What somebody may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, and runs SQL.
    Analyst,
    /// Changes sites, too.
    Admin,
    /// Changes accounts, too.
    Owner,
}

impl Role {
    const ALL: [Self; 4] = [Self::Viewer, Self::Analyst, Self::Admin, Self::Owner];

    /// Its name in Postgres and on the command line.
    pub fn name(self) -> &'static str {
        ["viewer", "analyst", "admin", "owner"][self as usize]
    }

    /// May he create and change sites?
    pub fn changes_sites(self) -> bool {
        self >= Self::Admin
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a role is one of viewer, analyst, admin, owner")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

/// Postgres checks the names; one that this version doesn't know may do the least.
impl From<String> for Role {
    fn from(text: String) -> Self {
        text.parse().unwrap_or(Self::Viewer)
    }
}

/// Somebody who can sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its number.
    pub account_id: i32,
    /// Address, lower case.
    pub email: String,
    /// What it may do.
    pub role: Role,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl Store {
    /// Is there anybody who could sign in?
    pub async fn has_account(&self) -> Result<bool, StoreError> {
        let row = sqlx::query_scalar!(r#"select exists (select from core.account) as "found!""#);
        Ok(row.fetch_one(&self.admin).await?)
    }

    /// All accounts that are not disabled, by address.
    pub async fn list_accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query_as!(
            Account,
            "select account_id, email, role, created_at from core.account where disabled_at is null order by email limit 10000"
        );
        Ok(rows.fetch_all(&self.admin).await?)
    }

    /// Number and password hash (PHC form) of the account with this address, unless it is disabled. Postgres keeps no U+0000,
    /// so nothing with one is an address.
    pub async fn find_password(&self, email: &str) -> Result<Option<(i32, String)>, StoreError> {
        if email.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query!("select account_id, password_hash from core.account where email = lower($1) and disabled_at is null", email);
        Ok(row.fetch_optional(&self.admin).await?.map(|row| (row.account_id, row.password_hash)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_and_admins_change_sites() {
        let may: Vec<_> = Role::ALL.into_iter().filter(|role| role.changes_sites()).map(Role::name).collect();
        assert_eq!(may, ["admin", "owner"]);
        assert_eq!("owner".parse(), Ok(Role::Owner));
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }
}
