//! `images`: what was made. The files are in the store; a row says which, from which job, and how it is liked.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgPool, Postgres, QueryBuilder, Transaction};
use uuid::Uuid;

pub(crate) const DDL: &str = "
CREATE TABLE images (
    id uuid PRIMARY KEY,
    -- Grows in the order they were made.
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    job uuid NOT NULL REFERENCES jobs (id),
    -- Its place in the job, from 0; no place is filled twice.
    place integer NOT NULL,
    -- Where the store has the image and its thumbnail.
    file text NOT NULL,
    thumbnail text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    seed bigint NOT NULL,
    seconds double precision NOT NULL,
    -- Stars.
    rating smallint CHECK (rating BETWEEN 1 AND 5),
    -- The model may be gone from the catalogue since.
    checkpoint uuid,
    -- When it was moved to the bin.
    deleted timestamptz,
    last_created timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT images_place UNIQUE (job, place)
);
CREATE INDEX images_shown ON images (number DESC) WHERE deleted IS NULL;
CREATE INDEX images_liked ON images (number DESC) WHERE deleted IS NULL AND rating >= 4;
CREATE INDEX images_by_checkpoint ON images (checkpoint, number DESC) WHERE deleted IS NULL;
";

/// One image, with what it was made from.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Image {
    pub id: Uuid,
    pub number: i64,
    pub job: Uuid,
    pub place: i32,
    pub file: String,
    pub thumbnail: String,
    pub width: i32,
    pub height: i32,
    pub seed: i64,
    pub seconds: f64,
    /// 1 to 5.
    pub rating: Option<i16>,
    pub deleted: Option<DateTime<Utc>>,
    pub last_created: DateTime<Utc>,
    /// The job's.
    pub recipe: Value,
    pub engine: Option<String>,
}

/// Which images to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    #[default]
    All,
    /// Four stars and up.
    Liked,
    /// Made with this checkpoint.
    Checkpoint(Uuid),
}

const SELECT: &str = "SELECT images.*, jobs.recipe, jobs.engine FROM images JOIN jobs ON jobs.id = images.job";

/// Which part of the list, by the images' numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// Only those made before this one.
    pub before: Option<i64>,
    /// At least all down to this one, up to a few hundred.
    pub since: Option<i64>,
    pub limit: u16,
}

/// So many are listed at most, however far `since` reaches back.
const MOST: i64 = 500;

/// The newest first; and whether there are more behind them.
pub async fn list(db: &PgPool, shown: Shown, window: Window) -> sqlx::Result<(Vec<Image>, bool)> {
    let mut limit = i64::from(window.limit);
    if let Some(since) = window.since {
        limit = limit.max(count_since(db, shown, since).await?);
    }
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    narrow(&mut query, shown);
    if let Some(before) = window.before {
        query.push(" AND images.number < ").push_bind(before);
    }
    query.push(" ORDER BY images.number DESC LIMIT ").push_bind(limit + 1);
    let mut images: Vec<Image> = query.build_query_as().fetch_all(db).await?;
    let listed = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = images.len() > listed;
    images.truncate(listed);
    Ok((images, more))
}

async fn count_since(db: &PgPool, shown: Shown, since: i64) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT count(*) FROM (SELECT FROM images");
    narrow(&mut query, shown);
    query.push(" AND images.number >= ").push_bind(since).push(" LIMIT ").push_bind(MOST).push(") AS counted");
    query.build_query_scalar().fetch_one(db).await
}

fn narrow(query: &mut QueryBuilder<Postgres>, shown: Shown) {
    query.push(" WHERE images.deleted IS NULL");
    match shown {
        Shown::All => {}
        Shown::Liked => _ = query.push(" AND images.rating >= 4"),
        Shown::Checkpoint(id) => _ = query.push(" AND images.checkpoint = ").push_bind(id),
    }
}

/// Also one in the bin.
pub async fn find(db: &PgPool, id: Uuid) -> sqlx::Result<Option<Image>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(" WHERE images.id = ").push_bind(id);
    query.build_query_as().fetch_optional(db).await
}

/// The images of one job, in its order, without those in the bin.
pub async fn of_job(db: &PgPool, job: Uuid) -> sqlx::Result<Vec<Image>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(" WHERE images.deleted IS NULL AND images.job = ").push_bind(job).push(" ORDER BY images.place");
    query.build_query_as().fetch_all(db).await
}

/// Seconds that a pixel takes at one step, as the latest images had it; none where there are none.
pub async fn pace(db: &PgPool) -> sqlx::Result<Option<f64>> {
    let sql = "SELECT sum(seconds) / nullif(sum(pixels * steps), 0) FROM (
            SELECT seconds, width::float8 * height AS pixels,
                CASE WHEN jsonb_typeof(recipe -> 'steps') = 'number' THEN (recipe ->> 'steps')::float8 END AS steps
            FROM images JOIN jobs ON jobs.id = images.job ORDER BY images.number DESC LIMIT 20) AS latest
        WHERE steps IS NOT NULL";
    sqlx::query_scalar(sql).fetch_one(db).await
}

/// Gives it 1 to 5 stars, or takes them away. `false` when there is no such image.
pub async fn rate(db: &PgPool, id: Uuid, stars: Option<i16>) -> sqlx::Result<bool> {
    let rated = sqlx::query("UPDATE images SET rating = $2 WHERE id = $1").bind(id).bind(stars);
    Ok(rated.execute(db).await?.rows_affected() == 1)
}

/// Moves it to the bin, or back out of it. `false` when there is no such image.
pub async fn bin(db: &PgPool, id: Uuid, binned: bool) -> sqlx::Result<bool> {
    let sql = "UPDATE images SET deleted = CASE WHEN $2 THEN coalesce(deleted, now()) END WHERE id = $1";
    Ok(sqlx::query(sql).bind(id).bind(binned).execute(db).await?.rows_affected() == 1)
}

/// Images that leave the bin. Nobody can restore them while this is held; dropped, it leaves all as it was.
pub struct Leaving {
    transaction: Transaction<'static, Postgres>,
    images: Vec<Uuid>,
    /// What has to be removed from the store first: a row without files can be found again, files without a row cannot.
    pub files: Vec<String>,
}

/// Some of the images that have been in the bin for so many days; `None` when there are none.
pub async fn leaving(db: &PgPool, days: i32) -> sqlx::Result<Option<Leaving>> {
    let mut transaction = db.begin().await?;
    let gone: Vec<(Uuid, String, String)> = sqlx::query_as(
        "SELECT id, file, thumbnail FROM images WHERE deleted < now() - make_interval(days => $1)
         LIMIT 100 FOR UPDATE",
    )
    .bind(days)
    .fetch_all(&mut *transaction)
    .await?;
    let images: Vec<Uuid> = gone.iter().map(|(id, ..)| *id).collect();
    let files = gone.into_iter().flat_map(|(_, file, thumbnail)| [file, thumbnail]).collect();
    Ok((!images.is_empty()).then_some(Leaving { transaction, images, files }))
}

impl Leaving {
    /// Once the files are gone.
    pub async fn forget(mut self) -> sqlx::Result<()> {
        let sql = "DELETE FROM images WHERE id = ANY($1)";
        sqlx::query(sql).bind(&self.images).execute(&mut *self.transaction).await?;
        self.transaction.commit().await
    }
}
