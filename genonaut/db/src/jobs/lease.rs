//! A worker's hold on a job.

use std::time::Duration;

use sqlx::PgPool;
use uuid::Uuid;

use super::{Job, columns};
use crate::engines::live;

/// A job that brought its worker down this often is not given to another.
const MOST_ATTEMPTS: i32 = 5;

/// A job that this worker may work on, as long as it keeps renewing.
#[derive(Debug, Clone)]
pub struct Lease {
    pub job: Job,
    token: Uuid,
    /// Where the worker before was writing an image when it ended: files that nobody else knows of.
    pub left_behind: Option<String>,
    /// How long it lasts without being renewed.
    pub lasts: Duration,
}

/// What became of the lease when it was to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    Kept,
    /// Still ours, but the work is no longer wanted.
    Cancelled,
    /// Another worker has the job; nothing of ours counts any more.
    Lost,
}

/// How a job ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Done,
    Cancelled,
    Failed { problem: String, hint: String },
}

/// An image that is in the store already.
#[derive(Debug, Clone)]
pub struct NewImage {
    pub id: Uuid,
    /// Its place in the job, from 0.
    pub place: i32,
    pub file: String,
    pub thumbnail: String,
    pub width: i32,
    pub height: i32,
    pub seed: i64,
    pub seconds: f64,
}

impl Lease {
    /// How a job ends that has had its last attempt.
    pub fn exhausted(&self) -> Option<Ending> {
        (self.job.attempts > MOST_ATTEMPTS).then(|| Ending::Failed {
            problem: format!("The worker stopped {MOST_ATTEMPTS} times during this job"),
            hint: "Check the server log, then retry.".to_owned(),
        })
    }
}

/// Who takes a job.
#[derive(Debug, Clone)]
pub struct Taker {
    /// As the table of engines knows it.
    pub engine: Uuid,
    pub name: String,
    /// Reads model files; what fails there is not for an engine that only draws.
    pub uses_models: bool,
    /// Only jobs all of whose models it has.
    pub lists_models: bool,
    /// A checkpoint whose jobs come before others, because it is in memory.
    pub prefers: Option<Uuid>,
}

/// Whether engine `$engine` has all models of a job; a job of which nothing is known can be made by any.
macro_rules! has_all {
    ($engine:literal) => {
        concat!(
            "NOT EXISTS (SELECT FROM unnest(jobs.models) wanted (model) WHERE NOT EXISTS (
                SELECT FROM engine_models h WHERE h.engine = ",
            $engine,
            " AND h.model = wanted.model))"
        )
    };
}

/// Whether a living engine other than `$engine`, of its kind, can make a job.
macro_rules! another {
    ($engine:literal, $uses_models:literal) => {
        concat!(
            "EXISTS (SELECT FROM engines e WHERE e.id <> ",
            $engine,
            " AND e.id <> ALL(tried) AND e.reachable IS NOT FALSE AND e.uses_models = ",
            $uses_models,
            " AND ",
            live!(),
            " AND (NOT e.lists_models OR ",
            has_all!("e.id"),
            "))"
        )
    };
}

#[derive(sqlx::FromRow)]
struct Taken {
    #[sqlx(flatten)]
    job: Job,
    writing: Option<String>,
}

/// Takes the job that has waited longest of those that the engine can make, or one whose worker has not renewed its
/// lease.
pub async fn claim(db: &PgPool, taker: &Taker, lasts: Duration) -> sqlx::Result<Option<Lease>> {
    const SQL: &str = concat!(
        "UPDATE jobs SET state = 'running', lease_token = $1, lease_until = now() + make_interval(secs => $2),
            attempts = attempts + 1, engine = $3, step = 0, preview = NULL, problem = NULL, hint = NULL,
            started = coalesce(started, now())
         WHERE id = (SELECT id FROM jobs
            WHERE state IN ('waiting', 'running') AND (state = 'waiting' OR lease_until < now())
                AND $4 <> ALL(tried) AND (NOT $5 OR ",
        has_all!("$4"),
        ") ORDER BY $6::uuid IS NOT NULL AND checkpoint IS DISTINCT FROM $6, number FOR UPDATE SKIP LOCKED LIMIT 1)
         RETURNING jobs.writing, ",
        columns!()
    );
    let token = Uuid::new_v4();
    let taken = sqlx::query_as(SQL)
        .bind(token)
        .bind(lasts.as_secs_f64())
        .bind(&taker.name)
        .bind(taker.engine)
        .bind(taker.lists_models)
        .bind(taker.prefers);
    let taken: Option<Taken> = taken.fetch_optional(db).await?;
    Ok(taken.map(|Taken { job, writing }| Lease { job, token, left_behind: writing, lasts }))
}

/// Gives the job back for another engine to make, with what went wrong here. `for_good` keeps this engine from taking it
/// again; otherwise it may when it is back, and the attempt counts, so that a job cannot go round for ever. `false` when
/// no other living engine can make it: it is to end here then.
pub async fn pass_on(
    db: &PgPool,
    lease: &Lease,
    taker: &Taker,
    (problem, hint): (&str, &str),
    for_good: bool,
) -> sqlx::Result<bool> {
    const SQL: &str = concat!(
        "UPDATE jobs SET state = 'waiting', tried = CASE WHEN $7 THEN tried || $3 ELSE tried END,
            attempts = attempts - CASE WHEN $7 THEN 1 ELSE 0 END, lease_token = NULL, lease_until = NULL, step = 0, preview = NULL, problem = $5, hint = $6
         WHERE id = $1 AND lease_token = $2 AND state = 'running' AND ",
        another!("$3", "$4")
    );
    let passed = sqlx::query(SQL).bind(lease.job.id).bind(lease.token).bind(taker.engine).bind(taker.uses_models);
    Ok(passed.bind(problem).bind(hint).bind(for_good).execute(db).await?.rows_affected() == 1)
}

/// Whether somebody else could make the job just now.
pub async fn can_pass_on(db: &PgPool, lease: &Lease, engine: Uuid, uses_models: bool) -> sqlx::Result<bool> {
    const SQL: &str = concat!("SELECT EXISTS (SELECT FROM jobs WHERE id = $1 AND ", another!("$2", "$3"), ")");
    sqlx::query_scalar(SQL).bind(lease.job.id).bind(engine).bind(uses_models).fetch_one(db).await
}

/// Gives the job back unfinished, for the next worker to go on with at once. It counts as an attempt where the engine
/// lost it, so that a job cannot go round for ever.
pub async fn release(db: &PgPool, lease: &Lease, lost: bool) -> sqlx::Result<()> {
    let sql = "UPDATE jobs SET state = 'waiting', attempts = attempts - CASE WHEN $3 THEN 0 ELSE 1 END, lease_token = NULL, lease_until = NULL,
            step = 0, preview = NULL
        WHERE id = $1 AND lease_token = $2 AND state = 'running'";
    sqlx::query(sql).bind(lease.job.id).bind(lease.token).bind(lost).execute(db).await.map(drop)
}

/// Keeps the lease, and tells how far the image in work is.
pub async fn renew(
    db: &PgPool,
    lease: &Lease,
    (step, steps): (u32, u32),
    preview: Option<&[u8]>,
) -> sqlx::Result<Renewal> {
    let cancelled: Option<bool> = sqlx::query_scalar(
        "UPDATE jobs SET lease_until = now() + make_interval(secs => $3), step = $4, steps = $5,
            preview = coalesce($6, preview)
         WHERE id = $1 AND lease_token = $2 AND state = 'running' RETURNING cancel_requested",
    )
    .bind(lease.job.id)
    .bind(lease.token)
    .bind(lease.lasts.as_secs_f64())
    .bind(i32::try_from(step).unwrap_or(i32::MAX))
    .bind(i32::try_from(steps).unwrap_or(i32::MAX))
    .bind(preview)
    .fetch_optional(db)
    .await?;
    Ok(match cancelled {
        None => Renewal::Lost,
        Some(true) => Renewal::Cancelled,
        Some(false) => Renewal::Kept,
    })
}

/// Says where an image is about to be written, so that whoever comes next can clear it away if we end before
/// `store`. `false` when the lease is lost.
pub async fn writes(db: &PgPool, lease: &Lease, place: &str) -> sqlx::Result<bool> {
    let sql = "UPDATE jobs SET writing = $3 WHERE id = $1 AND lease_token = $2 AND state = 'running'";
    Ok(sqlx::query(sql).bind(lease.job.id).bind(lease.token).bind(place).execute(db).await?.rows_affected() == 1)
}

/// Adds a finished image to the job, and ends the job with the last one. `false` when the lease is lost: the image does
/// not count.
pub async fn store(db: &PgPool, lease: &Lease, image: &NewImage) -> sqlx::Result<bool> {
    let mut transaction = db.begin().await?;
    let counted = sqlx::query(
        "UPDATE jobs SET made = $3 + 1, attempts = 1, writing = NULL, step = 0, preview = NULL,
            lease_until = CASE WHEN $3 + 1 < images THEN now() + make_interval(secs => $4) END,
            lease_token = CASE WHEN $3 + 1 < images THEN lease_token END,
            state = CASE WHEN $3 + 1 < images THEN state ELSE 'done' END,
            finished = CASE WHEN $3 + 1 < images THEN NULL ELSE now() END
         WHERE id = $1 AND lease_token = $2 AND state = 'running' AND made = $3",
    )
    .bind(lease.job.id)
    .bind(lease.token)
    .bind(image.place)
    .bind(lease.lasts.as_secs_f64());
    if counted.execute(&mut *transaction).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO images (id, job, place, file, thumbnail, width, height, seed, seconds, checkpoint, account)
         SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, checkpoint, account FROM jobs WHERE id = $2",
    )
    .bind(image.id)
    .bind(lease.job.id)
    .bind(image.place)
    .bind(&image.file)
    .bind(&image.thumbnail)
    .bind(image.width)
    .bind(image.height)
    .bind(image.seed)
    .bind(image.seconds)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends the job. `false` when the lease is lost: someone else will end it.
pub async fn finish(db: &PgPool, lease: &Lease, ending: &Ending) -> sqlx::Result<bool> {
    let (state, problem, hint) = match ending {
        Ending::Done => ("done", None, None),
        Ending::Cancelled => ("cancelled", None, None),
        Ending::Failed { problem, hint } => ("failed", Some(problem), Some(hint)),
    };
    let ended = sqlx::query(
        "UPDATE jobs SET state = $3, problem = $4, hint = $5, finished = now(), lease_token = NULL,
            lease_until = NULL, writing = NULL, preview = NULL
         WHERE id = $1 AND lease_token = $2 AND state = 'running'",
    )
    .bind(lease.job.id)
    .bind(lease.token)
    .bind(state)
    .bind(problem)
    .bind(hint);
    Ok(ended.execute(db).await?.rows_affected() == 1)
}
