//! A backup is read into a database of its own, which takes the place of the old one when all of it is there.

use std::path::Path;

use anyhow::{Context, ensure};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{Rows, analyse, counted, tables};
use crate::server::Server;
use crate::server::clients::Clients;

/// A restored database under a name of its own.
pub struct Beside<'a> {
    server: &'a Server,
    name: String,
}

/// Whether the database has no tables.
pub async fn is_empty(server: &Server) -> sqlx::Result<bool> {
    let mut connection = server.options().connect().await?;
    let tables = tables::names(&mut connection).await?;
    connection.close().await?;
    Ok(tables.is_empty())
}

/// # Errors
/// When others are connected: what they write would be lost.
pub async fn ensure_unused(server: &Server) -> anyhow::Result<()> {
    let mut connection = server.options().connect().await?;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND coalesce(backend_type, 'client backend') = 'client backend'";
    let others: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    ensure!(
        others == 0,
        "the database {} is in use by {others} other connections; end every `genonaut serve` and `genonaut worker` first",
        server.database()
    );
    Ok(())
}

impl<'a> Beside<'a> {
    /// Fills it from a file that programs of that version of PostgreSQL wrote, and counts what is in it.
    ///
    /// # Errors
    /// When it fails, or the rows are not as many; nothing is left then.
    pub async fn restore(server: &'a Server, dump: &Path, postgres: u32, rows: &Rows) -> anyhow::Result<Self> {
        let beside = Self { server, name: format!("genonaut_restoring_{}", std::process::id()) };
        match beside.fill(dump, postgres, rows).await {
            Ok(()) => Ok(beside),
            Err(error) => {
                beside.discard().await.ok();
                Err(error.context("failed to restore the database"))
            }
        }
    }

    async fn fill(&self, dump: &Path, postgres: u32, rows: &Rows) -> anyhow::Result<()> {
        let mut connection = other(&self.server.options()).await?;
        let major = tables::major(&mut connection).await?;
        let clients = Clients::find(major)?;
        ensure!(
            clients.major >= postgres,
            "the backup was written by PostgreSQL {postgres}, and this one is {major}; restore it on PostgreSQL {postgres} \
             or newer"
        );
        let created = create(&mut connection, &self.name).await;
        connection.close().await?;
        created?;
        clients.restore(self.server.named(&self.name), dump).await?;
        let mut connection = self.server.options().database(&self.name).connect().await?;
        let restored = counted(&mut connection).await?;
        analyse(&mut connection).await?;
        connection.close().await?;
        ensure!(restored == *rows, "{}", difference(rows, &restored));
        Ok(())
    }

    /// Gives it the name of the old database, which stays under another one or, without one, is dropped: it was empty.
    pub async fn take_place(&self, aside: Option<&str>) -> anyhow::Result<()> {
        let (own, database) = (quoted(&self.name), quoted(self.server.database()));
        let spare = format!("{}_old", self.name);
        let old = quoted(aside.unwrap_or(&spare));
        let mut connection = other(&self.server.options()).await?;
        let mut both = connection.begin().await?;
        for sql in
            [format!("ALTER DATABASE {database} RENAME TO {old}"), format!("ALTER DATABASE {own} RENAME TO {database}")]
        {
            let renamed = sqlx::query(AssertSqlSafe(sql)).execute(&mut *both).await;
            renamed.context("failed to put the restored database into place; is the old one still in use?")?;
        }
        both.commit().await?;
        // From here on it is in place, whatever becomes of the empty one.
        if aside.is_none()
            && let Err(error) = connection.execute(AssertSqlSafe(format!("DROP DATABASE {old}"))).await
        {
            tracing::warn!("drop the empty database {old}: {error}");
        }
        connection.close().await.ok();
        Ok(())
    }

    pub async fn discard(&self) -> anyhow::Result<()> {
        let mut connection = other(&self.server.options()).await?;
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(&self.name));
        connection.execute(AssertSqlSafe(sql)).await?;
        Ok(connection.close().await?)
    }
}

/// Databases are made and renamed from another one of their server.
async fn other(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    match options.clone().database("postgres").connect().await {
        Ok(connection) => Ok(connection),
        Err(_) => options.clone().database("template1").connect().await,
    }
}

async fn create(connection: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    // A restore that was killed may have had the same number.
    connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {}", quoted(name)))).await?;
    let created =
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {} TEMPLATE template0", quoted(name)))).await;
    let advice = "failed to create a database to restore into; its role needs CREATEDB (ALTER ROLE … CREATEDB)";
    created.map(drop).context(advice)
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The tables that have not as many rows as they had.
pub(crate) fn difference(before: &Rows, after: &Rows) -> String {
    let other = before.iter().filter(|(table, count)| after.get(*table) != Some(*count));
    let found = |table: &String| after.get(table).map_or("no".to_owned(), i64::to_string);
    let words = other.map(|(table, count)| format!("{table} has {} rows instead of {count}", found(table)));
    let added = after.keys().filter(|table| !before.contains_key(*table)).map(|table| format!("{table} is new"));
    words.chain(added).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_with_other_rows_are_named() {
        let rows =
            |list: &[(&str, i64)]| list.iter().map(|(table, count)| ((*table).to_owned(), *count)).collect::<Rows>();
        let words = difference(&rows(&[("a", 1), ("b", 2)]), &rows(&[("a", 1), ("b", 3), ("c", 0)]));
        assert_eq!(words, "b has 3 rows instead of 2, c is new");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
