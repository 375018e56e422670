use super::{Account, Store, StoreError, Token};

impl Store {
    /// Signs an account in: the token goes into the cookie. Ends after 7 days, or after 12 hours without a request.
    pub async fn create_login(&self, account_id: i32, user_agent: &str) -> Result<Token, StoreError> {
        let token = Token::random();
        let user_agent: String = user_agent.chars().filter(|char| *char != '\0').take(256).collect();
        // What has ended is swept here, where it costs nobody anything.
        sqlx::query!("delete from core.login_session where expires_at < now() or last_seen_at < now() - interval '12 hours'")
            .execute(&self.admin)
            .await?;
        sqlx::query!(
            "insert into core.login_session (token_hash, account_id, expires_at, user_agent) values ($1, $2, now() + interval '7 days', $3)",
            token.hash(),
            account_id,
            user_agent
        )
        .execute(&self.admin)
        .await?;
        Ok(token)
    }

    /// Who is signed in with this token? Notes the time, at most once a minute, so that reading a page costs no write.
    pub async fn find_login(&self, token: &Token) -> Result<Option<Account>, StoreError> {
        let hash = token.hash();
        let row = sqlx::query!(
            r#"select a.account_id, a.email, a.role, a.created_at, l.last_seen_at < now() - interval '1 minute' as "stale!"
               from core.login_session l join core.account a on a.account_id = l.account_id
               where l.token_hash = $1 and l.expires_at > now() and l.last_seen_at > now() - interval '12 hours' and a.disabled_at is null"#,
            hash
        );
        let Some(row) = row.fetch_optional(&self.admin).await? else { return Ok(None) };
        if row.stale {
            sqlx::query!("update core.login_session set last_seen_at = now() where token_hash = $1", hash).execute(&self.admin).await?;
        }
        Ok(Some(Account { account_id: row.account_id, email: row.email, role: row.role.into(), created_at: row.created_at }))
    }

    /// Is this token still signed in? Unlike `find_login` this is no sign of life: a view that was left open does not keep anybody signed in.
    pub async fn has_login(&self, token: &Token) -> Result<bool, StoreError> {
        let row = sqlx::query_scalar!(
            r#"select exists (
                   select from core.login_session l join core.account a on a.account_id = l.account_id
                   where l.token_hash = $1 and l.expires_at > now() and l.last_seen_at > now() - interval '12 hours' and a.disabled_at is null
               ) as "found!""#,
            token.hash()
        );
        Ok(row.fetch_one(&self.admin).await?)
    }

    /// Signs out.
    pub async fn delete_login(&self, token: &Token) -> Result<(), StoreError> {
        sqlx::query!("delete from core.login_session where token_hash = $1", token.hash()).execute(&self.admin).await?;
        Ok(())
    }
}
