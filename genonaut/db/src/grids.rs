//! `grids`: sets of jobs that differ along axes, each of one image for a cell of a table.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgExecutor, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::accounts::Viewer;
use crate::jobs::{self, State};

pub(crate) const DDL: &str = "
CREATE TABLE grids (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- Grows in the order they were made.
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    -- What varies along x, y and z, and what the values are called.
    axes jsonb NOT NULL CHECK (jsonb_typeof(axes) = 'array' AND jsonb_array_length(axes) BETWEEN 1 AND 3),
    -- What all cells have in common, as the recipe's own JSON.
    recipe jsonb NOT NULL CHECK (jsonb_typeof(recipe) = 'object'),
    -- Whose it is.
    account uuid REFERENCES accounts (id) ON DELETE SET NULL,
    last_created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX grids_by_account ON grids (account, number DESC);
CREATE TABLE grid_cells (
    grid uuid NOT NULL REFERENCES grids (id) ON DELETE CASCADE,
    -- From 0, along x first, then y, then z.
    place integer NOT NULL CHECK (place >= 0),
    -- What makes it; cells that come to the same image share one.
    job uuid REFERENCES jobs (id),
    -- Why nothing is made here.
    reason text,
    PRIMARY KEY (grid, place),
    CONSTRAINT grid_cells_made_or_empty CHECK ((job IS NULL) <> (reason IS NULL))
);
CREATE INDEX grid_cells_job ON grid_cells (job);
";

/// A grid, and how far it is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Grid {
    pub id: Uuid,
    pub number: i64,
    pub axes: Value,
    pub recipe: Value,
    pub last_created: DateTime<Utc>,
    /// Images that are wanted, and how many of them there are.
    pub images: i64,
    pub made: i64,
    /// Images that failed or were cancelled.
    pub failed: i64,
    /// Images that wait or are being made.
    pub open: i64,
    /// Of all images together, with the steps of those in work.
    pub percent: i64,
}

/// A cell as it stands.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Cell {
    pub place: i32,
    pub job: Option<Uuid>,
    /// Why nothing is made here.
    pub reason: Option<String>,
    /// The job's; missing where there is none.
    pub state: Option<State>,
    /// The image, unless it is in the bin.
    pub image: Option<Uuid>,
    /// 1 to 5.
    pub rating: Option<i16>,
    pub file: Option<String>,
    pub thumbnail: Option<String>,
    /// Pixels.
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub step: Option<i32>,
    pub steps: Option<i32>,
    /// Why it failed, and what to do.
    pub problem: Option<String>,
    pub hint: Option<String>,
}

/// A grid that is to be made.
#[derive(Debug, Clone)]
pub struct NewGrid {
    pub owner: Option<Uuid>,
    pub axes: Value,
    pub recipe: Value,
    /// Recipes with their checkpoints, in the order of the queue.
    pub jobs: Vec<(Value, Uuid)>,
    /// In the order of their places.
    pub cells: Vec<NewCell>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NewCell {
    /// Which of the jobs makes it.
    Job(usize),
    /// Why nothing is made here.
    Empty(String),
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT grids.id, grids.number, grids.axes, grids.recipe, grids.last_created, far.*
             FROM grids CROSS JOIN LATERAL (SELECT count(*) AS images,
                count(*) FILTER (WHERE state = 'done') AS made,
                count(*) FILTER (WHERE state IN ('failed', 'cancelled')) AS failed,
                count(*) FILTER (WHERE state IN ('waiting', 'running')) AS open,
                coalesce(sum(CASE state WHEN 'done' THEN 100 WHEN 'running' THEN 100 * step / greatest(steps, 1)
                    ELSE 0 END) / nullif(count(*), 0), 0) AS percent
                FROM jobs WHERE id IN (SELECT job FROM grid_cells WHERE grid = grids.id)) AS far ",
            $rest
        )
    };
}

/// Puts all of its jobs into the queue, or none.
pub async fn add(db: &PgPool, new: &NewGrid) -> sqlx::Result<Uuid> {
    let mut transaction = db.begin().await?;
    let sql = "INSERT INTO grids (axes, recipe, account) VALUES ($1, $2, $3) RETURNING id";
    let added = sqlx::query_scalar(sql).bind(&new.axes).bind(&new.recipe).bind(new.owner);
    let id: Uuid = added.fetch_one(&mut *transaction).await?;
    let mut made_by = Vec::new();
    for (recipe, checkpoint) in &new.jobs {
        made_by.push(jobs::add(&mut *transaction, new.owner, recipe, 1, Some(*checkpoint)).await?.id);
    }
    let (jobs, reasons): (Vec<_>, Vec<_>) = new.cells.iter().map(|cell| cell.columns(&made_by)).unzip();
    let sql = "INSERT INTO grid_cells (grid, place, job, reason)
        SELECT $1, at - 1, job, reason FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS cells (job, reason, at)";
    sqlx::query(sql).bind(id).bind(jobs).bind(reasons).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(id)
}

impl NewCell {
    fn columns(&self, jobs: &[Uuid]) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::Job(at) => (jobs.get(*at).copied(), None),
            Self::Empty(reason) => (None, Some(reason)),
        }
    }
}

pub async fn find(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<Option<Grid>> {
    let sql = concat!(select!("WHERE id = $1"), jobs::seen_by!("$2"));
    sqlx::query_as(sql).bind(id).bind(viewer.only()).fetch_optional(db).await
}

/// The grid that a job is of.
pub async fn of_job(db: &PgPool, job: Uuid) -> sqlx::Result<Option<Grid>> {
    let sql = select!("WHERE id IN (SELECT grid FROM grid_cells WHERE job = $1)");
    sqlx::query_as(sql).bind(job).fetch_optional(db).await
}

/// The newest first, of those whose number is below `before`; and whether there are more behind them.
pub async fn list(db: &PgPool, viewer: Viewer, before: Option<i64>, limit: u16) -> sqlx::Result<(Vec<Grid>, bool)> {
    let mut query = QueryBuilder::<Postgres>::new(select!("WHERE number < "));
    query.push_bind(before.unwrap_or(i64::MAX));
    if let Some(owner) = viewer.only() {
        query.push(" AND account = ").push_bind(owner);
    }
    query.push(" ORDER BY number DESC LIMIT ").push_bind(i64::from(limit) + 1);
    let mut found: Vec<Grid> = query.build_query_as().fetch_all(db).await?;
    let more = found.len() > usize::from(limit);
    found.truncate(limit.into());
    Ok((found, more))
}

/// In the order of their places.
pub async fn cells(db: &PgPool, id: Uuid) -> sqlx::Result<Vec<Cell>> {
    let sql = "SELECT cell.place, cell.job, cell.reason, jobs.state, images.id AS image, images.rating, images.file,
            images.thumbnail, images.width, images.height, jobs.step, jobs.steps, jobs.problem, jobs.hint
        FROM grid_cells cell LEFT JOIN jobs ON jobs.id = cell.job
            LEFT JOIN images ON images.job = cell.job AND images.place = 0 AND images.deleted IS NULL
        WHERE cell.grid = $1 ORDER BY cell.place";
    sqlx::query_as(sql).bind(id).fetch_all(db).await
}

/// The first images of each of some grids: grid and image.
pub async fn first_images(db: &PgPool, grids: &[Uuid], most: i64) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    let sql = "SELECT wanted.grid, first.id FROM unnest($1) AS wanted (grid) CROSS JOIN LATERAL (
            SELECT images.id FROM grid_cells cell JOIN images ON images.job = cell.job AND images.deleted IS NULL
            WHERE cell.grid = wanted.grid ORDER BY cell.place LIMIT $2) AS first";
    sqlx::query_as(sql).bind(grids).bind(most).fetch_all(db).await
}

/// Cancels what is not made yet; returns how many images that were.
pub async fn cancel(db: impl PgExecutor<'_>, viewer: Viewer, id: Uuid) -> sqlx::Result<u64> {
    let sql = concat!(
        "UPDATE jobs SET ",
        jobs::no_more!(),
        " AND id IN (SELECT job FROM grid_cells WHERE grid = $1)",
        jobs::seen_by!("$2")
    );
    Ok(sqlx::query(sql).bind(id).bind(viewer.only()).execute(db).await?.rows_affected())
}

/// Puts what failed or was cancelled back into the queue; returns how many images that are.
pub async fn retry(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<u64> {
    let sql = concat!(
        "UPDATE jobs SET ",
        jobs::again!(),
        " AND id IN (SELECT job FROM grid_cells WHERE grid = $1)",
        jobs::seen_by!("$2")
    );
    Ok(sqlx::query(sql).bind(id).bind(viewer.only()).execute(db).await?.rows_affected())
}

/// Forgets the grid and cancels what is not made yet; its images stay. `false` when there is none.
pub async fn delete(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<bool> {
    const SQL: &str = concat!("DELETE FROM grids WHERE id = $1", jobs::seen_by!("$2"));
    let mut transaction = db.begin().await?;
    cancel(&mut *transaction, viewer, id).await?;
    let gone = sqlx::query(SQL).bind(id).bind(viewer.only()).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(gone.rows_affected() == 1)
}
