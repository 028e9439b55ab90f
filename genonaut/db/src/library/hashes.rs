//! Hashes of whole files, which are made when there is time for it.

use genonaut_sources::hash::Hashes;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::contents;
use super::import::{Content, Sameness};

/// A file that is to be read whole.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ToHash {
    pub id: i64,
    pub root: String,
    /// Below the root.
    pub path: String,
    pub size: i64,
    pub modified: i64,
    pub tensors_at: Option<i64>,
}

/// The files that wait, which an index has.
macro_rules! waiting {
    () => {
        "hashed IS NULL AND hash_problem IS NULL AND missing_since IS NULL AND model IS NOT NULL"
    };
}

/// The first number of every lock on a file that is being read whole; the second is the file's.
const READING: i32 = 0x6861_7368;

/// Takes the next files that nobody reads, small ones first: they make the most models known in the least time. Nobody
/// else gets them until [`let_go`], or until the connection is closed, as it is when its process dies.
pub(super) async fn take(connection: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<ToHash>> {
    // Locks are tried for no more files than there are in the inner query, which PostgreSQL must not flatten.
    const TAKE: &str = concat!(
        "WITH next AS MATERIALIZED (
            SELECT id FROM files WHERE ",
        waiting!(),
        " AND id & 2147483647 NOT IN (SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
                AND classid::bigint = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            ORDER BY size, id LIMIT $2)
         SELECT id FROM next WHERE pg_try_advisory_lock($1, (id & 2147483647)::int)"
    );
    // Somebody may have read one to its end between our look and our lock.
    const STILL: &str = concat!(
        "SELECT files.id, roots.path AS root, concat_ws('/', nullif(folder, ''), name) AS path, size, modified, tensors_at
         FROM files JOIN roots ON roots.id = files.root WHERE files.id = ANY($1) AND ",
        waiting!(),
        " ORDER BY size, files.id"
    );
    let taken: Vec<i64> = sqlx::query_scalar(TAKE).bind(READING).bind(limit).fetch_all(&mut *connection).await?;
    let files: Vec<ToHash> = sqlx::query_as(STILL).bind(&taken).fetch_all(&mut *connection).await?;
    let done: Vec<i64> = taken.into_iter().filter(|id| !files.iter().any(|file| file.id == *id)).collect();
    let_go(connection, &done).await?;
    Ok(files)
}

/// Lets others have files that were taken.
pub(super) async fn let_go(connection: &mut PgConnection, files: &[i64]) -> sqlx::Result<()> {
    let sql = "SELECT pg_advisory_unlock($1, (id & 2147483647)::int) FROM unnest($2::bigint[]) id";
    sqlx::query(sql).bind(READING).bind(files).execute(connection).await.map(drop)
}

/// How many files are still to be read whole, and their bytes.
pub async fn hashes_left(db: &PgPool) -> sqlx::Result<(i64, i64)> {
    const SQL: &str = concat!("SELECT count(*), coalesce(sum(size), 0)::bigint FROM files WHERE ", waiting!());
    sqlx::query_as(SQL).fetch_one(db).await
}

/// Keeps a file's hashes, unless it has changed since it was chosen. They confirm which model it is, or undo it: a file
/// that passed for a model of which other contents are known is read again, and finds its own; the file that came first
/// keeps the model, whichever is hashed first. Returns whether another
/// model has this content too.
pub async fn hashed(db: &PgPool, file: &ToHash, hashes: &Hashes) -> sqlx::Result<bool> {
    let mut transaction = db.begin().await?;
    if judge(&mut transaction, file, hashes).await?.is_some_and(|judged| judged.is_another) {
        // Models change then: as in an import, and not while there is one.
        transaction.rollback().await?;
        transaction = db.begin().await?;
        super::import::alone(&mut transaction).await?;
    }
    sqlx::query("SELECT FROM files WHERE id = $1 FOR UPDATE").bind(file.id).execute(&mut *transaction).await?;
    let Some(judged) = judge(&mut transaction, file, hashes).await? else { return Ok(false) };
    let twin = match judged.model {
        Some(model) if judged.is_another => {
            let later = later(&mut transaction, file.id, model).await?;
            if later.is_empty() {
                contents::keep_files(&mut transaction, &[file.id]).await?;
            }
            let parted = if later.is_empty() { vec![file.id] } else { later };
            part(&mut transaction, &parted, model).await?;
            false
        }
        Some(model) => contents::is_elsewhere(&mut transaction, model, &judged.content).await?,
        None => false,
    };
    keep(&mut transaction, file, hashes).await?;
    transaction.commit().await?;
    Ok(twin)
}

/// Files that passed for copies of this one and were hashed before it, where only they show that it is another: then it
/// is they that are. Nothing is known of a file that came before it.
async fn later(connection: &mut PgConnection, file: i64, model: Uuid) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT id FROM files f WHERE model = $1 AND id > $2 AND hashed IS NOT NULL
            AND NOT EXISTS (SELECT FROM files WHERE id = $2 AND sha256 IS NOT NULL)
            AND NOT EXISTS (SELECT FROM files WHERE model = $1 AND id < $2 AND hashed IS NOT NULL)
            AND NOT EXISTS (SELECT FROM model_contents WHERE model = $1 AND sha256 IS NOT NULL)",
    )
    .bind(model)
    .bind(file)
    .fetch_all(connection)
    .await
}

/// A file with its hashes, and whether they are those of the model that it passed for.
struct Judged {
    model: Option<Uuid>,
    content: Content,
    is_another: bool,
}

/// `None` for a file that has changed since it was chosen.
async fn judge(connection: &mut PgConnection, file: &ToHash, hashes: &Hashes) -> sqlx::Result<Option<Judged>> {
    let Some(before) = before(connection, file).await? else { return Ok(None) };
    let content = Content {
        sha256: Some(hashes.sha256.clone()),
        tensors_sha256: hashes.tensors.clone(),
        ..before.content.clone()
    };
    let others = match before.model {
        Some(model) => contents::of_model(connection, model, file.id).await?,
        None => Vec::new(),
    };
    // Hashes that the file had elsewhere are the model's.
    let own = before.content.sha256.is_some().then_some(&before.content);
    let is_another = content.compare_all(others.iter().chain(own)) == Sameness::Different;
    Ok(Some(Judged { model: before.model, content, is_another }))
}

#[derive(sqlx::FromRow)]
struct Before {
    model: Option<Uuid>,
    #[sqlx(flatten)]
    content: Content,
}

async fn before(connection: &mut PgConnection, file: &ToHash) -> sqlx::Result<Option<Before>> {
    sqlx::query_as(
        "SELECT model, digest, tensors_digest, sha256, tensors_sha256 FROM files WHERE id = $1 AND modified = $2 AND size = $3",
    )
    .bind(file.id)
    .bind(file.modified)
    .bind(file.size)
    .fetch_optional(connection)
    .await
}

async fn keep(connection: &mut PgConnection, file: &ToHash, hashes: &Hashes) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE files SET sha256 = $2, tensors_sha256 = $3, autov1 = $4, blake3 = $5, crc32 = $6, hashed = now()
         WHERE id = $1",
    )
    .bind(file.id)
    .bind(&hashes.sha256)
    .bind(&hashes.tensors)
    .bind(&hashes.autov1)
    .bind(&hashes.blake3)
    .bind(&hashes.crc32)
    .execute(connection)
    .await
    .map(drop)
}

/// The files are not that model: they are read again by whoever asks for [`unheard`](super::unheard), or by the next scan.
async fn part(connection: &mut PgConnection, files: &[i64], model: Uuid) -> sqlx::Result<()> {
    let parted = "WITH parted AS (UPDATE files SET model = NULL, judged = NULL, beside = '' WHERE id = ANY($1) RETURNING root, folder)
        DELETE FROM folders USING parted WHERE folders.root = parted.root AND folders.path = parted.folder";
    sqlx::query(parted).bind(files).execute(&mut *connection).await?;
    super::missing::models(connection, &[Some(model)]).await
}

/// Remembers why a file could not be read whole, so that it is not tried again before it changes.
pub async fn not_hashed(db: &PgPool, file: &ToHash, why: &str) -> sqlx::Result<()> {
    let sql = "UPDATE files SET hash_problem = $3 WHERE id = $1 AND modified = $2";
    sqlx::query(sql).bind(file.id).bind(file.modified).bind(why).execute(db).await.map(drop)
}
