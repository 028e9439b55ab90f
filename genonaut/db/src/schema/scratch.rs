//! A database that exists for one comparison.

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use uuid::Uuid;

pub(crate) struct Scratch {
    options: PgConnectOptions,
    name: String,
    pub connection: PgConnection,
}

impl Scratch {
    /// Makes an empty database on the server that `options` lead to.
    pub async fn create(options: &PgConnectOptions) -> anyhow::Result<Self> {
        let name = format!("genonaut_scratch_{}", Uuid::new_v4().simple());
        run(options, format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
        let connection = options.clone().database(&name).connect().await?;
        Ok(Self { options: options.clone(), name, connection })
    }

    /// `None` when the role may not.
    pub async fn create_if_allowed(options: &PgConnectOptions) -> anyhow::Result<Option<Self>> {
        match Self::create(options).await {
            Err(error) if error.chain().filter_map(|cause| cause.downcast_ref()).any(is_forbidden) => Ok(None),
            created => created.map(Some),
        }
    }

    /// Drops it again.
    pub async fn drop(self) -> anyhow::Result<()> {
        self.connection.close().await?;
        run(&self.options, format!("DROP DATABASE {}", self.name)).await
    }
}

/// The code of insufficient privileges.
fn is_forbidden(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|refused| refused.code()).is_some_and(|code| code == "42501")
}

async fn run(options: &PgConnectOptions, sql: String) -> anyhow::Result<()> {
    let mut connection = options.connect().await?;
    let done = connection.execute(AssertSqlSafe(sql)).await;
    done.context("failed to create a scratch database (the role needs CREATEDB)")?;
    Ok(connection.close().await?)
}
