use std::sync::{Arc, LazyLock};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::admin::Error;

/// Hashes computed at the same time. Each takes 19 MiB and some 20 ms of a core; a burst of sign-ins must not starve ingest.
const AT_ONCE: usize = 2;
/// Characters that a password has at least (NIST SP 800-63B asks for 8).
const MIN_LENGTH: usize = 10;
/// Bytes that a password has at most, so that nobody sends a megabyte to be hashed.
const MAX_BYTES: usize = 256;

/// Compared with when there is no such account, so that the answer takes as long as with one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// A password that somebody chose.
#[derive(Clone)]
pub struct Password(String);

/// Too short or too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("A password has at least 10 characters and at most 256 bytes.")]
pub struct InvalidPassword;

impl Password {
    /// Any characters; only the length counts.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        let is_fine = text.chars().count() >= MIN_LENGTH && text.len() <= MAX_BYTES;
        is_fine.then(|| Self(text.to_owned())).ok_or(InvalidPassword)
    }
}

/// Hashes and compares passwords off the event loop.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// Argon2id in PHC form.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.work(move || hash(&password.0)).await?.ok_or(Error::Internal("argon2"))
    }

    /// Is this the password behind the hash? Takes as long where there is none.
    pub async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        if password.len() > MAX_BYTES {
            return Ok(false);
        }
        self.work(move || {
            let is_known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok() && is_known
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _permit = self.0.acquire().await.map_err(|_| Error::Internal("semaphore closed"))?;
        tokio::task::spawn_blocking(job).await.map_err(|_| Error::Internal("hashing panicked"))
    }
}

fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::default();
        let hash = passwords.hash(Password::parse("correct horse").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.matches("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches("correct house".into(), Some(hash)).await.unwrap());
        assert!(!passwords.matches("nobody has this password".into(), None).await.unwrap());
    }

    #[test]
    fn a_password_is_neither_short_nor_endless() {
        assert!(Password::parse("123456789").is_err());
        assert!(Password::parse("ää345678 0").is_ok());
        assert!(Password::parse(&"x".repeat(257)).is_err());
    }
}
