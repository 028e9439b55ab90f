//! The database's part of a backup: written as one moment shows it, and read again beside the database that is there.

mod beside;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection, Executor};

use crate::server::Server;
use crate::server::clients::Clients;

pub use beside::{Beside, ensure_unused, is_empty};
pub(crate) use beside::{difference, quoted};
pub(crate) use tables::{analyse, counted};

/// Rows of each table.
pub type Rows = BTreeMap<String, i64>;

/// The database as it is at one moment, while others go on changing it.
pub struct Snapshot<'a> {
    server: &'a Server,
    connection: PgConnection,
    clients: Clients,
    id: String,
    /// The migrations that it has.
    pub migrations: Vec<i64>,
}

impl<'a> Snapshot<'a> {
    /// # Errors
    /// When there is nothing to back up, or PostgreSQL's programs for it are not installed.
    pub async fn take(server: &'a Server) -> anyhow::Result<Self> {
        let mut connection = server.options().connect().await?;
        let clients = Clients::find(tables::major(&mut connection).await?)?;
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // It only waits while the programs work.
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let id = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut connection).await?;
        if !tables::exists(&mut connection, "_sqlx_migrations").await? {
            bail!("there is nothing to back up: the database {} has no tables", server.database());
        }
        let sql = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
        let migrations = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
        Ok(Self { server, connection, clients, id, migrations })
    }

    /// The major version of the programs that write the file; older ones cannot read it.
    pub const fn postgres(&self) -> u32 {
        self.clients.major
    }

    /// The files of images that the database knows, in the trash too.
    pub async fn images(&mut self) -> sqlx::Result<Vec<String>> {
        if !tables::exists(&mut self.connection, "images").await? {
            return Ok(Vec::new());
        }
        let sql =
            "SELECT DISTINCT name FROM images, LATERAL (VALUES (file), (thumbnail)) AS files (name) ORDER BY name";
        sqlx::query_scalar(sql).fetch_all(&mut self.connection).await
    }

    /// Names of the previews that people have chosen for models, in the trash too. All others are made again from the
    /// files beside the models.
    pub async fn own_previews(&mut self) -> sqlx::Result<Vec<String>> {
        if !tables::has_column(&mut self.connection, "models_loras", "preview").await? {
            return Ok(Vec::new());
        }
        let sql = "SELECT preview FROM models_checkpoints WHERE preview LIKE '0-%'
            UNION SELECT preview FROM models_loras WHERE preview LIKE '0-%' ORDER BY preview";
        sqlx::query_scalar(sql).fetch_all(&mut self.connection).await
    }

    pub async fn rows(&mut self) -> sqlx::Result<Rows> {
        counted(&mut self.connection).await
    }

    /// Writes all of it into a file.
    pub async fn dump(&self, file: &Path) -> anyhow::Result<()> {
        let database = self.server.named(self.server.database());
        self.clients.dump(database, Some(&self.id), file).await.context("failed to write out the database")
    }

    /// Lets go of it.
    pub async fn finish(self) -> sqlx::Result<()> {
        self.connection.close().await
    }
}
