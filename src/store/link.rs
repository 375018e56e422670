use super::{Role, Store, StoreError, Token};

/// A one-time link that still opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Whom it is for; `None` for the first owner, who chooses the address.
    pub email: Option<String>,
    /// Role of the account that it makes.
    pub role: Role,
}

impl Store {
    /// Makes a link for an address: a new account, or a new password for the one that has it. Opens once, for three days;
    /// earlier links for the same address open no more.
    pub async fn create_link(&self, email: &str, role: Role) -> Result<Token, StoreError> {
        self.replace_link(Some(email.to_lowercase()), role).await
    }

    /// Makes the first owner's link, or `None` where there is an account already.
    pub async fn create_owner_link(&self) -> Result<Option<Token>, StoreError> {
        if self.has_account().await? {
            return Ok(None);
        }
        self.replace_link(None, Role::Owner).await.map(Some)
    }

    async fn replace_link(&self, email: Option<String>, role: Role) -> Result<Token, StoreError> {
        let token = Token::random();
        let mut tx = self.admin.begin().await?;
        sqlx::query!("delete from core.one_time_link where used_at is null and email is not distinct from $1", email)
            .execute(&mut *tx)
            .await?;
        sqlx::query!(
            "insert into core.one_time_link (token_hash, email, role, expires_at) values ($1, $2, $3, now() + interval '3 days')",
            token.hash(),
            email,
            role.name()
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The link with this token, if it still opens. The first owner's link opens only while there is no account.
    pub async fn find_link(&self, token: &Token) -> Result<Option<Link>, StoreError> {
        let row = sqlx::query_as!(
            Link,
            "select email, role from core.one_time_link
             where token_hash = $1 and used_at is null and expires_at > now() and (email is not null or not exists (select from core.account))",
            token.hash()
        );
        Ok(row.fetch_optional(&self.admin).await?)
    }

    /// Uses a link up: makes its account, or gives it the new password and signs it out everywhere. Returns the account's number;
    /// `None` where the link opens no more. `email` counts only where the link has none.
    pub async fn use_link(&self, token: &Token, email: &str, password_hash: &str) -> Result<Option<i32>, StoreError> {
        let mut tx = self.admin.begin().await?;
        // Two first owners at once: the second one waits here and then finds an account.
        sqlx::query!("select pg_advisory_xact_lock(hashtext('core.one_time_link'))").execute(&mut *tx).await?;
        let link = sqlx::query!(
            "update core.one_time_link set used_at = now()
             where token_hash = $1 and used_at is null and expires_at > now() and (email is not null or not exists (select from core.account))
             returning email, role",
            token.hash()
        );
        let Some(link) = link.fetch_optional(&mut *tx).await? else { return Ok(None) };
        let email = link.email.unwrap_or_else(|| email.to_owned());
        let account_id = sqlx::query_scalar!(
            "insert into core.account (email, password_hash, role) values (lower($1), $2, $3)
             on conflict (email) do update set password_hash = excluded.password_hash
             returning account_id",
            email,
            password_hash,
            link.role
        )
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query!("delete from core.login_session where account_id = $1", account_id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Some(account_id))
    }
}
