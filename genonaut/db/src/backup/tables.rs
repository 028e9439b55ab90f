//! What a database has, whatever its tables are.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor};

use super::Rows;

/// The major version of the server.
pub(super) async fn major(connection: &mut PgConnection) -> anyhow::Result<u32> {
    let number: i32 =
        sqlx::query_scalar("SELECT current_setting('server_version_num')::int / 10000").fetch_one(connection).await?;
    Ok(u32::try_from(number)?)
}

pub(super) async fn exists(connection: &mut PgConnection, table: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(table).fetch_one(connection).await
}

/// Whether there is such a table, and it has the column.
pub(super) async fn has_column(connection: &mut PgConnection, table: &str, column: &str) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped)";
    sqlx::query_scalar(sql).bind(table).bind(column).fetch_one(connection).await
}

/// Tables as SQL names them.
pub(super) async fn names(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let sql =
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1";
    sqlx::query_scalar(sql).fetch_all(connection).await
}

pub(crate) async fn counted(connection: &mut PgConnection) -> sqlx::Result<Rows> {
    let mut rows = Rows::new();
    for table in names(&mut *connection).await? {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
        rows.insert(table, count);
    }
    Ok(rows)
}

/// A database that was just filled has no statistics, and plans without them are slow.
pub(crate) async fn analyse(connection: &mut PgConnection) -> sqlx::Result<()> {
    connection.execute("ANALYZE").await.map(drop)
}
