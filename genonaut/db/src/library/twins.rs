//! Models that turn out to be one: hashes show that they have the same content. One that nobody has put anything into
//! becomes part of the other; where a person has put something into both, both stay, and it is reported.

use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::missing;
use crate::scans;

/// Two models with the same content, each with something of a person's.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Twins {
    pub path: String,
    pub other_path: String,
}

#[derive(sqlx::FromRow)]
struct Group {
    table_name: String,
    models: Vec<Uuid>,
}

// Tensors of other names over the same bytes are another model.
const GROUPS: &str = "
WITH contents AS (
    SELECT table_name, model, sha256, tensors_sha256, tensors_digest FROM files
    WHERE model IS NOT NULL AND table_name IS NOT NULL AND hashed IS NOT NULL
    UNION ALL SELECT table_name, model, sha256, tensors_sha256, tensors_digest FROM model_contents WHERE sha256 IS NOT NULL)
SELECT table_name, array_agg(DISTINCT model ORDER BY model) AS models FROM contents WHERE sha256 IS NOT NULL
GROUP BY table_name, sha256 HAVING count(DISTINCT model) > 1
UNION
SELECT table_name, array_agg(DISTINCT model ORDER BY model) FROM contents WHERE tensors_sha256 IS NOT NULL
GROUP BY table_name, tensors_sha256 HAVING count(DISTINCT model) > 1 AND count(DISTINCT tensors_digest) <= 1";

/// Joins them. Returns those that stay two.
pub async fn merge_twins(db: &PgPool) -> sqlx::Result<Vec<Twins>> {
    let mut transaction = db.begin().await?;
    super::import::alone(&mut transaction).await?;
    let groups: Vec<Group> = sqlx::query_as(GROUPS).fetch_all(&mut *transaction).await?;
    let mut twins = Vec::new();
    for group in groups {
        twins.extend(merge(&mut transaction, &group).await?);
    }
    transaction.commit().await?;
    Ok(twins)
}

async fn merge(connection: &mut PgConnection, group: &Group) -> sqlx::Result<Option<Twins>> {
    let table = &group.table_name;
    // One in the trash keeps what it has, and takes nothing away from those that are not. Of the others
    // those with something of a person's first, then those whose file is there, then the oldest.
    let sql = format!(
        "SELECT id, path, used FROM (SELECT m.id, m.path, m.missing_since, coalesce(m.pictures, 0) > 0 OR m.last_used IS NOT NULL
            OR EXISTS (SELECT FROM field_sources WHERE table_name = '{table}' AND row_key = m.id::text AND source <> 'scan')
            OR EXISTS (SELECT FROM jobs WHERE models @> ARRAY[m.id]) AS used
            FROM {table} m WHERE m.id = ANY($1) AND m.deleted_at IS NULL) rows
         ORDER BY used DESC, missing_since IS NOT NULL, id"
    );
    let rows: Vec<(Uuid, String, bool)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(&group.models).fetch_all(&mut *connection).await?;
    let Some(((keep, path, _), others)) = rows.split_first() else { return Ok(None) };
    for (other, ..) in others.iter().filter(|(.., used)| !used) {
        absorb(connection, table, *keep, *other).await?;
    }
    let used = others.iter().find(|(.., used)| *used);
    Ok(used.map(|(_, other_path, _)| Twins { path: path.clone(), other_path: other_path.clone() }))
}

async fn absorb(connection: &mut PgConnection, table: &str, keep: Uuid, other: Uuid) -> sqlx::Result<()> {
    for sql in [
        "UPDATE files SET model = $1 WHERE model = $2 AND table_name = $3",
        "INSERT INTO model_contents (table_name, model, digest, tensors_digest, sha256, tensors_sha256)
         SELECT table_name, $1, digest, tensors_digest, sha256, tensors_sha256 FROM model_contents
         WHERE model = $2 AND table_name = $3 ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(sql).bind(keep).bind(other).bind(table).execute(&mut *connection).await?;
    }
    let sql = format!("DELETE FROM {table} WHERE id = $1");
    sqlx::query(AssertSqlSafe(sql)).bind(other).execute(&mut *connection).await?;
    missing::models(connection, &[Some(keep)]).await?;
    super::import::previews(connection, &[Some(keep)]).await?;
    scans::models_changed(connection).await
}
