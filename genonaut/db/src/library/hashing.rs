//! Who reads files whole for their hashes, and how far they are, over all processes: no two read the same file, and
//! everybody can see it and have it wait.

use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::hashes::{ToHash, hashes_left, let_go, take};

pub(crate) const DDL: &str = "
-- Whoever reads files whole for their hashes; one that is silent for long has died.
CREATE TABLE hashers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- What anybody still has to read, when this one looked.
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    -- The file at hand.
    path text,
    -- Bytes a second.
    rate double precision NOT NULL,
    heard timestamptz NOT NULL DEFAULT now()
);

-- One row at most: whether reading waits until somebody says otherwise.
CREATE TABLE hashing (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    later boolean NOT NULL
);

CREATE FUNCTION tell_hashing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('genonaut_library', TG_TABLE_NAME);
    RETURN NULL;
END
$$;
CREATE TRIGGER hashers_tell AFTER INSERT OR UPDATE OR DELETE ON hashers FOR EACH ROW EXECUTE FUNCTION tell_hashing();
CREATE TRIGGER hashing_tell AFTER INSERT OR UPDATE ON hashing FOR EACH ROW EXECUTE FUNCTION tell_hashing();
";

/// How far the reading of whole files is.
#[derive(Debug, Clone, PartialEq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
// The API's schema of the same name is made of this one.
#[schema(as = HashingProgress)]
pub struct Hashing {
    /// Files that are still to be read, and their bytes.
    pub files: i64,
    pub bytes: i64,
    /// Somebody wants it to wait.
    pub later: bool,
    /// The file that is being read; missing where nobody reads.
    pub path: Option<String>,
    /// Bytes a second; 0 where nobody reads.
    pub rate: f64,
}

impl Hashing {
    /// How long it takes still; missing where nobody knows.
    pub fn seconds(&self) -> Option<f64> {
        (self.rate >= 1.0).then(|| self.bytes as f64 / self.rate)
    }
}

/// How it stands.
pub async fn hashing(db: &PgPool) -> sqlx::Result<Hashing> {
    let told: Option<Hashing> = sqlx::query_as(
        "SELECT files, bytes, coalesce((SELECT later FROM hashing), false) AS later, path, sum(rate) OVER () AS rate
         FROM hashers WHERE heard > now() - interval '10 seconds' ORDER BY heard DESC LIMIT 1",
    )
    .fetch_optional(db)
    .await?;
    if let Some(told) = told {
        return Ok(told);
    }
    let (files, bytes) = hashes_left(db).await?;
    Ok(Hashing { files, bytes, later: is_later(db).await?, path: None, rate: 0.0 })
}

/// Has all readers wait, or go on; whoever reads hears of it within a moment.
pub async fn read_later(db: &PgPool, later: bool) -> sqlx::Result<()> {
    let sql = "INSERT INTO hashing (later) VALUES ($1) ON CONFLICT (id) DO UPDATE SET later = excluded.later";
    sqlx::query(sql).bind(later).execute(db).await.map(drop)
}

/// Whether reading waits.
pub async fn is_later(db: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT coalesce((SELECT later FROM hashing), false)").fetch_one(db).await
}

/// A reader's hold on the files it has taken.
pub struct Reader {
    id: Uuid,
    /// Of its own: what it has taken is free when it is closed, however that comes.
    held: PgConnection,
    taken: Vec<i64>,
}

impl Reader {
    pub async fn new(db: &PgPool) -> sqlx::Result<Self> {
        sqlx::query("DELETE FROM hashers WHERE heard < now() - interval '1 minute'").execute(db).await?;
        Ok(Self { id: Uuid::now_v7(), held: crate::connection_for_locks(db).await?, taken: Vec::new() })
    }

    /// Lets the files go that it has, and takes the next ones.
    pub async fn take(&mut self, limit: i64) -> sqlx::Result<Vec<ToHash>> {
        let_go(&mut self.held, &self.taken).await?;
        let files = take(&mut self.held, limit).await?;
        self.taken = files.iter().map(|file| file.id).collect();
        Ok(files)
    }

    /// Tells how far it is. Whoever listens asks [`hashing`].
    pub async fn tell(&self, db: &PgPool, now: &Hashing) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO hashers (id, files, bytes, path, rate) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE
             SET files = excluded.files, bytes = excluded.bytes, path = excluded.path, rate = excluded.rate, heard = now()",
        )
        .bind(self.id)
        .bind(now.files)
        .bind(now.bytes)
        .bind(&now.path)
        .bind(now.rate)
        .execute(db)
        .await
        .map(drop)
    }

    /// Reads no more.
    pub async fn end(self, db: &PgPool) -> sqlx::Result<()> {
        self.held.close().await?;
        sqlx::query("DELETE FROM hashers WHERE id = $1").bind(self.id).execute(db).await.map(drop)
    }
}
