//! A path belongs to the file that lies there: a model whose file was replaced gives its path, and the names that came
//! of it, to the model that is there now, and keeps them with a mark.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{Placed, TABLES, table_name};

/// Gives way to the primary files of a batch.
pub(super) async fn displace(connection: &mut PgConnection, placed: &[Placed<'_>]) -> sqlx::Result<()> {
    for table in TABLES {
        let primary = placed.iter().filter(|file| file.entry.table == table && file.is_primary);
        let (models, paths): (Vec<Uuid>, Vec<&str>) = primary.map(|file| (file.model, &*file.path)).unzip();
        let displaced = mark(connection, table_name(table), &models, &paths).await?;
        restate(connection, table_name(table), &displaced).await?;
    }
    Ok(())
}

/// Marks the path of each model whose path another one has now, and its names where they are the scan's own.
async fn mark(connection: &mut PgConnection, table: &str, models: &[Uuid], paths: &[&str]) -> sqlx::Result<Vec<Uuid>> {
    let own = |field: &str| {
        format!(
            "m.{field} = w.said ->> '{field}' AND NOT EXISTS (SELECT FROM field_sources o WHERE o.table_name = '{table}'
                AND o.row_key = m.id::text AND o.source <> 'scan' AND '{field}' = ANY(o.fields))"
        )
    };
    let marked = |field: &str| format!("left({field}, 600) || ' (replaced ' || right(m.id::text, 8) || ')'");
    let sql = format!(
        "UPDATE {table} m SET path = {}, filename = CASE WHEN {} THEN {} ELSE m.filename END,
            name = CASE WHEN {} THEN {} ELSE m.name END
         FROM {table} had LEFT JOIN field_sources w ON w.table_name = '{table}' AND w.source = 'scan' AND w.source_key = had.id::text
         WHERE had.id = m.id AND m.path = ANY($1) AND NOT m.id = ANY($2) RETURNING m.id",
        marked("m.path"),
        own("filename"),
        marked("m.filename"),
        own("name"),
        marked("m.name"),
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(paths).bind(models).fetch_all(connection).await
}

/// The scan says so itself, or it would take the marks for somebody's own words.
async fn restate(connection: &mut PgConnection, table: &str, displaced: &[Uuid]) -> sqlx::Result<()> {
    if displaced.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE field_sources w SET said = w.said || jsonb_build_object('path', m.path, 'filename', m.filename, 'name', m.name)
         FROM {table} m WHERE m.id = ANY($1) AND w.table_name = '{table}' AND w.source = 'scan' AND w.source_key = m.id::text"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(displaced).execute(connection).await.map(drop)
}
