//! `scans`: walks through folders of models, as whoever waits for one sees them, in whatever process it runs.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::changes::Told;

pub(crate) const DDL: &str = "
CREATE TABLE scans (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    -- What was named; empty for every known root.
    paths text[] NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    -- Counts so far, as the program writes them.
    report jsonb NOT NULL DEFAULT '{}',
    -- Why it failed.
    problem text,
    cancel_requested boolean NOT NULL DEFAULT false,
    -- When it was last heard of; one that is silent for long has died.
    heard timestamptz NOT NULL DEFAULT now(),
    finished timestamptz,
    last_created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX scans_running ON scans (number) WHERE state = 'running';

CREATE FUNCTION tell_scan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('genonaut_library', NEW.id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER scans_tell AFTER INSERT OR UPDATE ON scans FOR EACH ROW EXECUTE FUNCTION tell_scan();
";

/// Where a scan is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum State {
    Running,
    Done,
    Failed,
    Cancelled,
}

impl State {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Scan {
    pub id: Uuid,
    pub paths: Vec<String>,
    pub state: State,
    pub report: Value,
    pub problem: Option<String>,
    pub last_created: DateTime<Utc>,
    pub finished: Option<DateTime<Utc>>,
}

macro_rules! columns {
    () => {
        "id, paths, state, report, problem, last_created, finished"
    };
}

pub async fn begin(db: &PgPool, paths: &[String]) -> sqlx::Result<Scan> {
    const SQL: &str = concat!("INSERT INTO scans (paths) VALUES ($1) RETURNING ", columns!());
    sqlx::query_as(SQL).bind(paths).fetch_one(db).await
}

/// Writes how far it is. `false` when it is to stop.
pub async fn tell(db: &PgPool, id: Uuid, report: &Value) -> sqlx::Result<bool> {
    let sql = "UPDATE scans SET report = $2, heard = now() WHERE id = $1 RETURNING NOT cancel_requested";
    Ok(sqlx::query_scalar(sql).bind(id).bind(report).fetch_optional(db).await?.unwrap_or(false))
}

pub async fn end(db: &PgPool, id: Uuid, state: State, report: &Value, problem: Option<&str>) -> sqlx::Result<()> {
    let sql = "UPDATE scans SET state = $2, report = $3, problem = $4, finished = now() WHERE id = $1";
    sqlx::query(sql).bind(id).bind(state).bind(report).bind(problem).execute(db).await.map(drop)
}

/// Asks a scan to stop; what it has read is kept. `false` when it is over.
pub async fn cancel(db: &PgPool, id: Uuid) -> sqlx::Result<bool> {
    let sql = "UPDATE scans SET cancel_requested = true WHERE id = $1 AND state = 'running'";
    Ok(sqlx::query(sql).bind(id).execute(db).await?.rows_affected() == 1)
}

pub async fn find(db: &PgPool, id: Uuid) -> sqlx::Result<Option<Scan>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM scans WHERE id = $1");
    sqlx::query_as(SQL).bind(id).fetch_optional(db).await
}

/// The latest first. One that has not been heard of for a minute has died with its process, and has failed.
pub async fn latest(db: &PgPool, limit: i64) -> sqlx::Result<Vec<Scan>> {
    let dead = "UPDATE scans SET state = 'failed', problem = 'its process ended', finished = now()
        WHERE state = 'running' AND heard < now() - interval '1 minute'";
    sqlx::query(dead).execute(db).await?;
    const SQL: &str = concat!("SELECT ", columns!(), " FROM scans ORDER BY number DESC LIMIT $1");
    sqlx::query_as(SQL).bind(limit).fetch_all(db).await
}

/// Deletes scans that ended more than so many days ago, but the latest `keep`. Returns how many.
pub async fn expire(db: &PgPool, days: i32, keep: i64) -> sqlx::Result<u64> {
    let sql = "DELETE FROM scans WHERE state <> 'running' AND finished < now() - make_interval(days => $1)
        AND number < (SELECT min(number) FROM (SELECT number FROM scans ORDER BY number DESC LIMIT $2) latest)";
    Ok(sqlx::query(sql).bind(days).bind(keep).execute(db).await?.rows_affected())
}

/// Tells whoever shows models that some are different now, once the transaction is committed.
pub(crate) async fn models_changed(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_notify('genonaut_library', 'models')").execute(connection).await.map(drop)
}

/// What is told: every scan's progress, how far the hashing is, and that models changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Scan(Uuid),
    /// Some rows of models are different now.
    Models,
    /// Somebody who reads files whole is further, or has ended.
    Hashing,
    /// Reading files whole is to wait, or to go on.
    Later,
}

impl Told for Change {
    const CHANNEL: &'static str = "genonaut_library";

    fn read(payload: &str) -> Option<Self> {
        Some(match payload {
            "hashers" => Self::Hashing,
            "hashing" => Self::Later,
            _ => payload.parse().map_or(Self::Models, Self::Scan),
        })
    }
}
