//! `jobs`: what is to be made, and the queue that workers take it from. PostgreSQL is the only coordinator, so
//! any number of servers and workers share one queue.
//!
//! A worker holds a job under a lease that it renews; when the lease runs out, the next worker goes on with the
//! first image that is missing. The lease's token fences off a worker that comes back late: nothing it writes
//! counts any more.

mod lease;

use std::collections::HashSet;
use std::iter;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgExecutor, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::accounts::Viewer;
use crate::changes::Told;
pub use lease::{
    Ending, Lease, NewImage, Renewal, Taker, can_pass_on, claim, finish, pass_on, release, renew, store, writes,
};

pub(crate) const DDL: &str = "
CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- Its place in the queue.
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    -- What the images are made from, as the recipe's own JSON.
    recipe jsonb NOT NULL CHECK (jsonb_typeof(recipe) = 'object'),
    checkpoint uuid,
    -- What an engine must have to take it: the checkpoint and the LoRAs of all images.
    models uuid[] NOT NULL DEFAULT '{}',
    -- Engines that could not make it.
    tried uuid[] NOT NULL DEFAULT '{}',
    -- Whose it is; NULL when it was made without an account, or that account is gone.
    account uuid REFERENCES accounts (id) ON DELETE SET NULL,
    -- How many are wanted, and how many there are.
    images integer NOT NULL CHECK (images BETWEEN 1 AND 100),
    made integer NOT NULL DEFAULT 0,
    engine text,
    -- Whoever has another token than this has lost the job.
    lease_token uuid,
    lease_until timestamptz,
    -- How often it was taken.
    attempts integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    -- Where the image in work is being written: files that are there and that no row of images knows.
    writing text,
    -- Of the image in work.
    step integer NOT NULL DEFAULT 0,
    steps integer NOT NULL DEFAULT 0,
    preview bytea,
    -- Why it failed, and what to do.
    problem text,
    hint text,
    last_created timestamptz NOT NULL DEFAULT now(),
    started timestamptz,
    finished timestamptz
);
CREATE INDEX jobs_finished ON jobs (finished DESC) WHERE finished IS NOT NULL;
CREATE INDEX jobs_finished_by_account ON jobs (account, finished DESC) WHERE finished IS NOT NULL;
CREATE INDEX jobs_open ON jobs (number) WHERE state IN ('waiting', 'running');

-- Notifies workers of work and pages of progress: state, id, and the account where there is one.
CREATE FUNCTION tell_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('genonaut_jobs', NEW.state || ' ' || NEW.id || coalesce(' ' || NEW.account, ''));
    RETURN NULL;
END
$$;
CREATE TRIGGER jobs_tell AFTER INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION tell_job();
";

/// Where a job is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum State {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl State {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Some images to make from one recipe.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Job {
    pub id: Uuid,
    pub number: i64,
    pub state: State,
    pub recipe: Value,
    pub checkpoint: Option<Uuid>,
    /// How many images are wanted, and how many there are.
    pub images: i32,
    pub made: i32,
    pub engine: Option<String>,
    /// Engines that could not make it.
    pub tried: Vec<Uuid>,
    pub attempts: i32,
    pub cancel_requested: bool,
    /// Of the image in work.
    pub step: i32,
    pub steps: i32,
    pub problem: Option<String>,
    pub hint: Option<String>,
    pub last_created: DateTime<Utc>,
    pub started: Option<DateTime<Utc>>,
    pub finished: Option<DateTime<Utc>>,
}

impl Job {
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Waiting | State::Running)
    }
}

macro_rules! columns {
    () => {
        "jobs.id, jobs.number, jobs.state, jobs.recipe, jobs.checkpoint, jobs.images, jobs.made, jobs.engine, \
         jobs.tried, jobs.attempts, jobs.cancel_requested, jobs.step, jobs.steps, jobs.problem, jobs.hint, jobs.last_created, \
         jobs.started, jobs.finished"
    };
}
pub(crate) use columns;

/// Only rows of the owner that `$owner` names, or all where it is NULL.
macro_rules! seen_by {
    ($owner:literal) => {
        concat!(" AND (", $owner, "::uuid IS NULL OR account = ", $owner, ")")
    };
}
pub(crate) use seen_by;

/// How jobs that are not over are cancelled: at once while they wait, else by their workers.
macro_rules! no_more {
    () => {
        "cancel_requested = true, state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END,
            finished = CASE state WHEN 'waiting' THEN now() END
         WHERE state IN ('waiting', 'running')"
    };
}
pub(crate) use no_more;

/// How jobs that failed or were cancelled are put back.
macro_rules! again {
    () => {
        "state = 'waiting', attempts = 0, tried = '{}', cancel_requested = false, problem = NULL, hint = NULL,
            finished = NULL, step = 0
         WHERE state IN ('failed', 'cancelled')"
    };
}
pub(crate) use again;

/// Puts a job of that owner at the end of the queue.
pub async fn add(
    db: impl PgExecutor<'_>,
    owner: Option<Uuid>,
    recipe: &Value,
    images: i32,
    checkpoint: Option<Uuid>,
) -> sqlx::Result<Job> {
    const SQL: &str = concat!(
        "INSERT INTO jobs (recipe, images, checkpoint, models, account) VALUES ($1, $2, $3, $4, $5) RETURNING ",
        columns!()
    );
    let models = models(recipe, checkpoint);
    let added = sqlx::query_as(SQL).bind(recipe).bind(images).bind(checkpoint).bind(models).bind(owner);
    added.fetch_one(db).await
}

/// The checkpoint and the LoRAs of a recipe, with those that its images have drawn; each once.
fn models(recipe: &Value, checkpoint: Option<Uuid>) -> Vec<Uuid> {
    let drawn = recipe["resolved"].as_array().into_iter().flatten();
    let lists = iter::once(recipe).chain(drawn).filter_map(|made| made["loras"].as_array());
    let loras = lists.flatten().filter_map(|lora| lora["id"].as_str()?.parse().ok());
    let mut known = HashSet::new();
    checkpoint.into_iter().chain(loras).filter(|model| known.insert(*model)).collect()
}

pub async fn find(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<Option<Job>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM jobs WHERE id = $1", seen_by!("$2"));
    sqlx::query_as(SQL).bind(id).bind(viewer.only()).fetch_optional(db).await
}

/// Jobs that are not over, in the queue's order.
pub async fn open(db: &PgPool, viewer: Viewer) -> sqlx::Result<Vec<Job>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM jobs WHERE state IN ('waiting', 'running')",
        seen_by!("$1"),
        " ORDER BY number LIMIT 100"
    );
    sqlx::query_as(SQL).bind(viewer.only()).fetch_all(db).await
}

/// The job that ended last, when it failed.
pub async fn latest_failure(db: &PgPool, viewer: Viewer) -> sqlx::Result<Option<Job>> {
    let mut query = QueryBuilder::<Postgres>::new(concat!("SELECT ", columns!(), " FROM jobs"));
    query.push(" WHERE finished IS NOT NULL");
    // Built from what is there: one plan for "this owner or all" could use neither index.
    if let Some(owner) = viewer.only() {
        query.push(" AND account = ").push_bind(owner);
    }
    query.push(" ORDER BY finished DESC LIMIT 1");
    let latest: Option<Job> = query.build_query_as().fetch_optional(db).await?;
    Ok(latest.filter(|job| job.state == State::Failed))
}

/// Cancels a job: at once while it waits, as soon as its worker hears of it while it runs. `false` when it is over.
pub async fn cancel(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<bool> {
    let sql = concat!("UPDATE jobs SET ", no_more!(), " AND id = $1", seen_by!("$2"));
    Ok(sqlx::query(sql).bind(id).bind(viewer.only()).execute(db).await?.rows_affected() == 1)
}

/// Cancels every job that is not over, as [`cancel`] does; how many there were.
pub async fn cancel_all(db: &PgPool, viewer: Viewer) -> sqlx::Result<u64> {
    let sql = concat!("UPDATE jobs SET ", no_more!(), seen_by!("$1"));
    Ok(sqlx::query(sql).bind(viewer.only()).execute(db).await?.rows_affected())
}

/// Puts a job that failed or was cancelled back into the queue, at its old place; what is made stays.
/// `None` when it is none of these.
pub async fn retry(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<Option<Job>> {
    const SQL: &str = concat!("UPDATE jobs SET ", again!(), " AND id = $1", seen_by!("$2"), " RETURNING ", columns!());
    sqlx::query_as(SQL).bind(id).bind(viewer.only()).fetch_optional(db).await
}

/// The latest look at the image in work (JPEG).
pub async fn preview(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<Option<Vec<u8>>> {
    const SQL: &str = concat!("SELECT preview FROM jobs WHERE id = $1", seen_by!("$2"));
    let found: Option<Option<Vec<u8>>> =
        sqlx::query_scalar(SQL).bind(id).bind(viewer.only()).fetch_optional(db).await?;
    Ok(found.flatten())
}

/// A job that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub job: Uuid,
    /// There is something to take for a worker.
    pub waits: bool,
    /// Nothing more will become of it.
    pub over: bool,
    /// Whose job it is.
    pub owner: Option<Uuid>,
}

impl Told for Change {
    const CHANNEL: &'static str = "genonaut_jobs";

    fn read(payload: &str) -> Option<Self> {
        let mut parts = payload.split(' ');
        let (state, id, owner) = (parts.next()?, parts.next()?, parts.next());
        let over = !matches!(state, "waiting" | "running");
        let owner = owner.map(str::parse).transpose().ok()?;
        Some(Self { job: id.parse().ok()?, waits: state == "waiting", over, owner })
    }
}
