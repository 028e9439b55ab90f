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
    pub last_created: DateTime<Utc>,
    /// When one of its browsers was here last.
    pub last_used: Option<DateTime<Utc>>,
}

/// Whether anybody has to sign in at all.
pub async fn any(db: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM accounts)").fetch_one(db).await
}

pub async fn list(db: &PgPool) -> sqlx::Result<Vec<Account>> {
    let sql =
        "SELECT id, name, last_created, (SELECT max(last_used) FROM sessions WHERE account = accounts.id) AS last_used
        FROM accounts ORDER BY lower(name)";
    sqlx::query_as(sql).fetch_all(db).await
}

/// `false` when the name is taken, in whatever case.
pub async fn add(db: &PgPool, name: &str, password: &str) -> sqlx::Result<bool> {
    let sql = "INSERT INTO accounts (name, password) VALUES ($1, $2) ON CONFLICT (lower(name)) DO NOTHING";
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

/// `false` when there is no such account.
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

/// Whose session it is, if it was used within the last `days`. Using it keeps it; that is written once an hour.
pub async fn who(db: &PgPool, digest: &[u8], days: i32) -> sqlx::Result<Option<String>> {
    let sql = "WITH used AS (
            UPDATE sessions SET last_used = now() WHERE digest = $1
                AND last_used BETWEEN now() - make_interval(days => $2) AND now() - interval '1 hour'
        )
        SELECT accounts.name FROM sessions JOIN accounts ON accounts.id = sessions.account
        WHERE digest = $1 AND last_used > now() - make_interval(days => $2)";
    sqlx::query_scalar(sql).bind(digest).bind(days).fetch_optional(db).await
}

pub async fn end_session(db: &PgPool, digest: &[u8]) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE digest = $1").bind(digest).execute(db).await.map(drop)
}
