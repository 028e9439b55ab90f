//! `images`: what was made. The files are in the store; a row says which, from which job, and how it is liked.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::accounts::Viewer;
use crate::jobs::seen_by;

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
    -- Whose it is: the job's.
    account uuid REFERENCES accounts (id) ON DELETE SET NULL,
    -- When it was moved to the bin.
    deleted timestamptz,
    last_created timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT images_place UNIQUE (job, place)
);
CREATE INDEX images_shown ON images (number DESC) WHERE deleted IS NULL;
CREATE INDEX images_liked ON images (number DESC) WHERE deleted IS NULL AND rating >= 4;
CREATE INDEX images_by_checkpoint ON images (checkpoint, number DESC) WHERE deleted IS NULL;
CREATE INDEX images_by_account ON images (account, number DESC) WHERE deleted IS NULL;
CREATE INDEX images_deleted ON images (deleted) WHERE deleted IS NOT NULL;
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
pub async fn list(db: &PgPool, viewer: Viewer, shown: Shown, window: Window) -> sqlx::Result<(Vec<Image>, bool)> {
    let mut limit = i64::from(window.limit);
    if let Some(since) = window.since {
        limit = limit.max(count_since(db, viewer, shown, since).await?);
    }
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    narrow(&mut query, viewer, shown);
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

async fn count_since(db: &PgPool, viewer: Viewer, shown: Shown, since: i64) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT count(*) FROM (SELECT FROM images");
    narrow(&mut query, viewer, shown);
    query.push(" AND images.number >= ").push_bind(since).push(" LIMIT ").push_bind(MOST).push(") AS counted");
    query.build_query_scalar().fetch_one(db).await
}

fn narrow(query: &mut QueryBuilder<Postgres>, viewer: Viewer, shown: Shown) {
    query.push(" WHERE images.deleted IS NULL");
    if let Some(owner) = viewer.only() {
        query.push(" AND images.account = ").push_bind(owner);
    }
    match shown {
        Shown::All => {}
        Shown::Liked => _ = query.push(" AND images.rating >= 4"),
        Shown::Checkpoint(id) => _ = query.push(" AND images.checkpoint = ").push_bind(id),
    }
}

/// Also one in the bin.
pub async fn find(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<Option<Image>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(" WHERE images.id = ").push_bind(id);
    if let Some(owner) = viewer.only() {
        query.push(" AND images.account = ").push_bind(owner);
    }
    query.build_query_as().fetch_optional(db).await
}

/// The next newer and the next older image of the list, of the one with this number; `except` is none of them.
pub async fn beside(
    db: &PgPool,
    viewer: Viewer,
    shown: Shown,
    number: i64,
    except: Option<Uuid>,
) -> sqlx::Result<(Option<Uuid>, Option<Uuid>)> {
    let mut found = [None, None];
    for (place, (behind, order)) in found.iter_mut().zip([(" > ", ""), (" < ", " DESC")]) {
        let mut query = QueryBuilder::<Postgres>::new("SELECT images.id FROM images");
        narrow(&mut query, viewer, shown);
        query.push(" AND images.number").push(behind).push_bind(number);
        if let Some(id) = except {
            query.push(" AND images.id <> ").push_bind(id);
        }
        query.push(" ORDER BY images.number").push(order).push(" LIMIT 1");
        *place = query.build_query_scalar::<Uuid>().fetch_optional(db).await?;
    }
    let [newer, older] = found;
    Ok((newer, older))
}

/// The images of one job, in its order, without those in the bin.
pub async fn of_job(db: &PgPool, job: Uuid) -> sqlx::Result<Vec<Image>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(" WHERE images.deleted IS NULL AND images.job = ").push_bind(job).push(" ORDER BY images.place");
    query.build_query_as().fetch_all(db).await
}

/// So many of the latest images are looked through for those made with a model.
const LOOKED_THROUGH: i64 = 20_000;

/// The latest images made with a LoRA, the newest first.
pub async fn made_with(db: &PgPool, viewer: Viewer, lora: Uuid, limit: u16) -> sqlx::Result<Vec<Image>> {
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT images.*, jobs.recipe, jobs.engine FROM (SELECT images.* FROM images");
    narrow(&mut query, viewer, Shown::All);
    query.push(" ORDER BY images.number DESC LIMIT ").push_bind(LOOKED_THROUGH);
    query.push(") AS images JOIN jobs ON jobs.id = images.job WHERE jobs.models @> ARRAY[").push_bind(lora);
    query.push("] ORDER BY images.number DESC LIMIT ").push_bind(i64::from(limit));
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

/// How many of the latest images these engines have made, twenty at most, and the seconds that one took on the average.
pub async fn usual_seconds(db: &PgPool, engines: &[String]) -> sqlx::Result<(i64, Option<f64>)> {
    let sql = "SELECT count(*), avg(seconds) FROM (SELECT images.seconds FROM images JOIN jobs ON jobs.id = images.job
            WHERE jobs.engine = ANY($1) ORDER BY images.number DESC LIMIT 20) AS latest";
    sqlx::query_as(sql).bind(engines).fetch_one(db).await
}

/// Gives it 1 to 5 stars, or takes them away. `false` when there is no such image.
pub async fn rate(db: &PgPool, viewer: Viewer, id: Uuid, stars: Option<i16>) -> sqlx::Result<bool> {
    const SQL: &str = concat!("UPDATE images SET rating = $2 WHERE id = $1", seen_by!("$3"));
    let rated = sqlx::query(SQL).bind(id).bind(stars).bind(viewer.only());
    Ok(rated.execute(db).await?.rows_affected() == 1)
}

/// Days that an image stays in the trash.
pub const TRASH_DAYS: i32 = 30;

/// Moves it to the trash, or back out of it. `false` when there is no such image, or it has been there for too long: its
/// files may be gone by now.
pub async fn bin(db: &PgPool, viewer: Viewer, id: Uuid, binned: bool) -> sqlx::Result<bool> {
    const SQL: &str = concat!(
        "UPDATE images SET deleted = CASE WHEN $2 THEN coalesce(deleted, now()) END
         WHERE id = $1 AND ($2 OR deleted IS NULL OR deleted > now() - make_interval(days => $4))",
        seen_by!("$3")
    );
    let moved = sqlx::query(SQL).bind(id).bind(binned).bind(viewer.only()).bind(TRASH_DAYS);
    Ok(moved.execute(db).await?.rows_affected() == 1)
}

/// Where a page of the trash begins: behind this one.
pub type Behind = (DateTime<Utc>, Uuid);

/// Images in the trash that can be restored, the latest first.
pub async fn trashed(db: &PgPool, viewer: Viewer, behind: Option<Behind>, limit: u16) -> sqlx::Result<Vec<Image>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(" WHERE images.deleted > now() - make_interval(days => ").push_bind(TRASH_DAYS).push(")");
    if let Some(owner) = viewer.only() {
        query.push(" AND images.account = ").push_bind(owner);
    }
    if let Some((time, id)) = behind {
        query.push(" AND (images.deleted, images.id) < (").push_bind(time).push(", ").push_bind(id).push(")");
    }
    query.push(" ORDER BY images.deleted DESC, images.id DESC LIMIT ").push_bind(i64::from(limit));
    query.build_query_as().fetch_all(db).await
}

/// Marks one in the trash as one whose time there is over, so that nobody restores it while its files are removed; where
/// that is interrupted, the next cleanup goes on. `None` when no such image is in the trash.
pub async fn condemn(db: &PgPool, viewer: Viewer, id: Uuid) -> sqlx::Result<Option<Expired>> {
    const SQL: &str = concat!(
        "UPDATE images SET deleted = least(deleted, now() - make_interval(days => $3 + 1))
         WHERE id = $1 AND deleted IS NOT NULL",
        seen_by!("$2"),
        " RETURNING id, file, thumbnail"
    );
    sqlx::query_as(SQL).bind(id).bind(viewer.only()).bind(TRASH_DAYS).fetch_optional(db).await
}

/// An image whose time in the trash is over.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Expired {
    pub id: Uuid,
    pub file: String,
    pub thumbnail: String,
}

/// Some of the images that have been in the trash for longer than so many days, and an hour: by then nobody who began to
/// restore one is still at it. Remove their files first, then `purge` them: a row without files can be found again, files
/// without a row cannot. Nothing is locked meanwhile.
pub async fn expired(db: &PgPool, days: i32) -> sqlx::Result<Vec<Expired>> {
    let sql = "SELECT id, file, thumbnail FROM images
        WHERE deleted < now() - make_interval(days => $1, hours => sign($1)::int) ORDER BY deleted LIMIT 100";
    sqlx::query_as(sql).bind(days).fetch_all(db).await
}

/// Removes rows of images from the trash whose files are gone. Returns how many.
pub async fn purge(db: &PgPool, images: &[Uuid]) -> sqlx::Result<u64> {
    let sql = "DELETE FROM images WHERE id = ANY($1) AND deleted IS NOT NULL";
    Ok(sqlx::query(sql).bind(images).execute(db).await?.rows_affected())
}
