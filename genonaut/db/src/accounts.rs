//! `accounts`: who may sign in; `sessions`: which browsers have. Passwords and cookies come here already digested.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

pub(crate) const DDL: &str = "
CREATE TABLE accounts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (name ~ '\\S' AND length(name) <= 64),
    -- Argon2id, as a PHC string.
    password text NOT NULL,
    -- Sees what all accounts have made, not only its own.
    administrator boolean NOT NULL DEFAULT false,
    last_created timestamptz NOT NULL DEFAULT now(),
    last_updated timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX accounts_name ON accounts (lower(name));

CREATE TABLE sessions (
    -- SHA-256 of what the cookie holds: whoever reads this table cannot sign in with it.
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    last_created timestamptz NOT NULL DEFAULT now(),
    last_used timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_account ON sessions (account);
";

/// Somebody who may sign in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Account {
    pub id: Uuid,
    pub name: String,
    pub administrator: bool,
    pub last_created: DateTime<Utc>,
    /// When one of its browsers was here last.
    pub last_used: Option<DateTime<Utc>>,
}

/// Whose images, jobs, grids and drafts a request may see and change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Everybody's. What it makes belongs to this account, if to any.
    All(Option<Uuid>),
    /// Everybody's too, as they are shared with this account; it does not administer the server.
    Shared(Uuid),
    /// Only those of this account.
    Own(Uuid),
}

impl Viewer {
    /// A server without accounts, a client that shows the token, and the program itself.
    pub const EVERYTHING: Self = Self::All(None);

    /// The owner of what it makes.
    pub const fn account(self) -> Option<Uuid> {
        match self {
            Self::All(account) => account,
            Self::Shared(account) | Self::Own(account) => Some(account),
        }
    }

    /// The only owner whose rows it sees; `None` when it sees all.
    pub const fn only(self) -> Option<Uuid> {
        match self {
            Self::All(_) | Self::Shared(_) => None,
            Self::Own(account) => Some(account),
        }
    }

    /// Whether it sets engines and sees the folders of the machine.
    pub const fn administers(self) -> bool {
        matches!(self, Self::All(_))
    }

    /// Whether it sees what belongs to this owner.
    pub fn sees(self, owner: Option<Uuid>) -> bool {
        self.only().is_none_or(|own| owner == Some(own))
    }
}

/// Whether anybody has to sign in at all.
pub async fn any(db: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM accounts)").fetch_one(db).await
}

pub async fn list(db: &PgPool) -> sqlx::Result<Vec<Account>> {
    let sql =
        "SELECT id, name, administrator, last_created, (SELECT max(last_used) FROM sessions WHERE account = accounts.id) AS last_used
        FROM accounts ORDER BY lower(name)";
    sqlx::query_as(sql).fetch_all(db).await
}

/// `false` when the name is taken, in whatever case. The first account is an administrator's.
pub async fn add(db: &PgPool, name: &str, password: &str) -> sqlx::Result<bool> {
    let sql = "INSERT INTO accounts (name, password, administrator)
        SELECT $1, $2, NOT EXISTS (SELECT FROM accounts) ON CONFLICT (lower(name)) DO NOTHING";
    Ok(sqlx::query(sql).bind(name).bind(password).execute(db).await?.rows_affected() == 1)
}

/// Ends its sessions too: whoever knew the old password is out. `false` when there is no such account.
pub async fn change_password(db: &PgPool, name: &str, password: &str) -> sqlx::Result<bool> {
    let sql = "WITH changed AS (
            UPDATE accounts SET password = $2, last_updated = now() WHERE lower(name) = lower($1) RETURNING id
        ), ended AS (DELETE FROM sessions USING changed WHERE account = changed.id)
        SELECT EXISTS (SELECT FROM changed)";
    sqlx::query_scalar(sql).bind(name).bind(password).fetch_one(db).await
}

/// Makes an account an administrator's, or an ordinary one. `false` when there is no such account.
pub async fn set_administrator(db: &PgPool, name: &str, administrator: bool) -> sqlx::Result<bool> {
    let sql = "UPDATE accounts SET administrator = $2, last_updated = now() WHERE lower(name) = lower($1)";
    Ok(sqlx::query(sql).bind(name).bind(administrator).execute(db).await?.rows_affected() == 1)
}

/// Whether others would be left without any administrator if this account were none.
pub async fn is_last_administrator(db: &PgPool, name: &str) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM accounts WHERE administrator AND lower(name) = lower($1))
            AND NOT EXISTS (SELECT FROM accounts WHERE administrator AND lower(name) <> lower($1))
            AND EXISTS (SELECT FROM accounts WHERE lower(name) <> lower($1))";
    sqlx::query_scalar(sql).bind(name).fetch_one(db).await
}

/// The oldest account becomes an administrator's where none is: databases from before there were any.
pub(crate) async fn ensure_administrator(db: &PgPool) -> sqlx::Result<()> {
    let sql = "UPDATE accounts SET administrator = true
        WHERE id = (SELECT id FROM accounts ORDER BY last_created, id LIMIT 1)
            AND NOT EXISTS (SELECT FROM accounts WHERE administrator)";
    sqlx::query(sql).execute(db).await.map(drop)
}

/// `false` when there is no such account. What it has made stays, for administrators to see.
pub async fn remove(db: &PgPool, name: &str) -> sqlx::Result<bool> {
    let sql = "DELETE FROM accounts WHERE lower(name) = lower($1)";
    Ok(sqlx::query(sql).bind(name).execute(db).await?.rows_affected() == 1)
}

/// The account of that name, and its password's PHC string.
pub async fn password(db: &PgPool, name: &str) -> sqlx::Result<Option<(Uuid, String)>> {
    sqlx::query_as("SELECT id, password FROM accounts WHERE lower(name) = lower($1)")
        .bind(name)
        .fetch_optional(db)
        .await
}

/// Starts a session, and sweeps away those that nobody has used for `days`.
pub async fn start_session(db: &PgPool, account: Uuid, digest: &[u8], days: i32) -> sqlx::Result<()> {
    let sql = "WITH swept AS (DELETE FROM sessions WHERE last_used < now() - make_interval(days => $3))
        INSERT INTO sessions (digest, account) VALUES ($1, $2)";
    sqlx::query(sql).bind(digest).bind(account).bind(days).execute(db).await.map(drop)
}

/// An account with a session.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionAccount {
    pub id: Uuid,
    pub name: String,
    pub administrator: bool,
}

macro_rules! account_of_session {
    () => {
        "SELECT accounts.id, accounts.name, accounts.administrator FROM sessions JOIN accounts ON accounts.id = sessions.account
         WHERE digest = $1 AND last_used > now() - make_interval(days => $2)"
    };
}

/// Whose session it is, if it was used within the last `days`. Using it keeps it; that is written once an hour.
pub async fn who(db: &PgPool, digest: &[u8], days: i32) -> sqlx::Result<Option<SessionAccount>> {
    const SQL: &str = concat!(
        "WITH used AS (
            UPDATE sessions SET last_used = now() WHERE digest = $1
                AND last_used BETWEEN now() - make_interval(days => $2) AND now() - interval '1 hour'
        ) ",
        account_of_session!()
    );
    sqlx::query_as(SQL).bind(digest).bind(days).fetch_optional(db).await
}

/// The same without using it.
pub async fn session(db: &PgPool, digest: &[u8], days: i32) -> sqlx::Result<Option<SessionAccount>> {
    sqlx::query_as(account_of_session!()).bind(digest).bind(days).fetch_optional(db).await
}

pub async fn end_session(db: &PgPool, digest: &[u8]) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE digest = $1").bind(digest).execute(db).await.map(drop)
}
