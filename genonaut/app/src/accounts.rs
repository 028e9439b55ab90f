//! Passwords and sessions: what is digested how, and how fast somebody may guess.

mod tries;
mod turns;

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::{Context, ensure};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use genonaut_db::accounts::{self, SessionAccount};
use genonaut_db::{DbError, PgPool};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, broadcast};
use tokio::task::spawn_blocking;

use tries::Tries;
use turns::Turns;

/// A browser that was not here for so many days signs in again.
pub const DAYS: i32 = 30;
/// Letters of a password, at least.
const SHORTEST: usize = 10;
/// Bytes of a password, at most: hashing takes its time by their number, too.
const LONGEST: usize = 1024;
/// Passwords that this process checks at once: each takes a core for some 20 ms, and 19 MiB.
const AT_ONCE: usize = 2;

static CHECKING: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// What a wrong name is checked against, so that it takes as long as a wrong password.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| digest_of_password("nobody's password").ok());

/// The accounts, as the server's door sees them.
#[derive(Debug, Clone)]
pub struct Accounts {
    pub db: PgPool,
    tries: Arc<Tries>,
    turns: Arc<Turns>,
    /// Open streams look again at who is signed in.
    ended: broadcast::Sender<()>,
}

/// How signing in ended.
#[derive(Debug)]
pub enum SignIn {
    /// What the browser's cookie is to hold.
    Welcome(String),
    Wrong,
    /// Too many wrong passwords; worth another try after so long.
    Wait(Duration),
}

impl Accounts {
    pub fn new(db: PgPool) -> Self {
        Self { db, tries: Arc::default(), turns: Arc::default(), ended: broadcast::channel(1).0 }
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn sign_in(&self, name: &str, password: &str, from: IpAddr) -> Result<SignIn, DbError> {
        if let Err(wait) = self.tries.begin(name, from) {
            return Ok(SignIn::Wait(wait));
        }
        let _turn = self.turns.wait(tries::plain(name), tries::network(from)).await;
        let found = accounts::password(&self.db, name).await?;
        let (account, known) = found.map_or((None, NOBODY.clone()), |(account, known)| (Some(account), Some(known)));
        let right = is_right(password.to_owned(), known.unwrap_or_default()).await;
        let Some(account) = account.filter(|_| right) else { return Ok(SignIn::Wrong) };
        self.tries.succeeded(name, from);
        let secret = secret();
        accounts::start_session(&self.db, account, &digest(&secret), DAYS).await?;
        Ok(SignIn::Welcome(secret))
    }

    /// Whose browser shows this cookie.
    pub async fn who(&self, secret: &str) -> Result<Option<SessionAccount>, DbError> {
        accounts::who(&self.db, &digest(secret), DAYS).await
    }

    /// The same without using the session: looking keeps none from running out.
    pub async fn still(&self, secret: &str) -> Result<Option<SessionAccount>, DbError> {
        accounts::session(&self.db, &digest(secret), DAYS).await
    }

    pub async fn sign_out(&self, secret: &str) -> Result<(), DbError> {
        accounts::end_session(&self.db, &digest(secret)).await?;
        // Nobody may have a stream open.
        let _ = self.ended.send(());
        Ok(())
    }

    /// Receives a message when somebody has signed out.
    pub fn ended(&self) -> broadcast::Receiver<()> {
        self.ended.subscribe()
    }
}

async fn is_right(password: String, known: String) -> bool {
    let Ok(turn) = CHECKING.clone().acquire_owned().await else { return false };
    let check = move || {
        // A check goes on when its request has ended, and takes its memory until then.
        let _turn = turn;
        password.len() <= LONGEST && verifies(&password, &known)
    };
    spawn_blocking(check).await.unwrap_or(false)
}

/// Argon2id with the parameters that OWASP's Password Storage Cheat Sheet names first: 19 MiB, 2 passes, 1 lane.
///
/// # Errors
/// When the password is too short or too long.
pub fn digest_of_password(password: &str) -> anyhow::Result<String> {
    ensure!(password.chars().count() >= SHORTEST, "a password needs at least {SHORTEST} characters");
    ensure!(password.len() <= LONGEST, "a password can have at most {LONGEST} bytes");
    let digest = Argon2::default().hash_password(password.as_bytes());
    Ok(digest.map_err(|error| anyhow::anyhow!("{error}")).context("failed to hash the password")?.to_string())
}

fn verifies(password: &str, known: &str) -> bool {
    PasswordHash::new(known).is_ok_and(|known| Argon2::default().verify_password(password.as_bytes(), &known).is_ok())
}

/// 256 bits that nobody can guess.
fn secret() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("no random bytes from the operating system: {error}"));
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A secret of 256 bits needs no slow hash: there is nothing to guess.
fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_digest_alone() {
        let (one, other) = (digest_of_password("correct horse").unwrap(), digest_of_password("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != other, "{one}");
        assert!(verifies("correct horse", &one) && verifies("correct horse", &other));
        for (wrong, known) in [("correct hors", one.as_str()), ("", &one), ("correct horse", ""), ("x", "$argon2id$")] {
            assert!(!verifies(wrong, known), "{wrong}: {known}");
        }
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(digest_of_password("123456789").unwrap_err().to_string().contains("at least 10"));
        assert!(digest_of_password(&"x".repeat(1025)).is_err() && digest_of_password("ÄÖÜäöüßẞéè").is_ok());
    }

    #[test]
    fn no_two_sessions_share_a_secret() {
        let (one, other) = (secret(), secret());
        assert!(one != other && one.len() == 64 && digest(&one) != digest(&other));
    }
}
