//! Which PostgreSQL the catalogue lives in: the one of `DATABASE_URL`, else a private one that is started when
//! it is needed and stopped by the last process that used it.

pub(crate) mod access;
mod account;
mod alive;
pub(crate) mod clients;
mod cluster;
mod keeper;
mod place;
mod private;
mod programs;
mod share;
mod upgrade;

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::availability::Availability;
use access::Access;
use clients::Named;
use cluster::Cluster;
use keeper::Keeper;
use programs::Programs;
use share::Share;

pub use place::default_data;
pub use upgrade::{Upgraded, upgrade};

/// Where the catalogue is.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of everything that Genonaut keeps.
    pub data: PathBuf,
    /// A server of the user's own; the private one is then left alone.
    pub database_url: Option<String>,
    pub env: Env,
}

/// Databases of the private server that have nothing to do with each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Env {
    #[default]
    Demo,
    Test,
}

impl Env {
    fn database(self) -> &'static str {
        match self {
            Self::Demo => "genonaut_demo",
            Self::Test => "genonaut_test",
        }
    }
}

impl std::fmt::Display for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Demo => "demo",
            Self::Test => "test",
        })
    }
}

impl FromStr for Env {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> anyhow::Result<Self> {
        match word {
            "demo" => Ok(Self::Demo),
            "test" => Ok(Self::Test),
            _ => bail!("unknown environment {word:?}; use demo or test"),
        }
    }
}

/// A server that runs at least until this is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    options: PgConnectOptions,
    described: String,
    access: Access,
    share: Option<Share>,
}

/// Makes sure that the server runs and has the environment's database.
///
/// # Errors
/// When there is no PostgreSQL to start, or it does not start; the message says what to do.
pub async fn start(config: &Config) -> anyhow::Result<Server> {
    match &config.database_url {
        Some(url) => external(url).await,
        None => private(config, &[]).await,
    }
}

/// The private server, started (if it is not running) with more settings.
pub(crate) async fn private(config: &Config, settings: &[&str]) -> anyhow::Result<Server> {
    let cluster = Cluster::at(&config.data)?;
    let share = Share::enter(cluster, settings).await?;
    let options = share.cluster().options();
    let database = config.env.database();
    create_database(&options, database).await.with_context(|| format!("failed to create the database {database}"))?;
    let described = format!("private, {}", share.cluster().data.display());
    let access = share.cluster().access();
    Ok(Server { options: options.database(database), described, access, share: Some(share) })
}

async fn external(url: &str) -> anyhow::Result<Server> {
    let options: PgConnectOptions = url.parse().context("failed to read DATABASE_URL")?;
    let described = format!("external, {}:{}", options.get_host(), options.get_port());
    let connection = options.connect().await;
    connection
        .context("failed to connect to the database of DATABASE_URL (it must exist: create it with createdb)")?
        .close()
        .await?;
    Ok(Server { options, described, access: Access::external(url)?, share: None })
}

impl Server {
    /// How to connect to the environment's database.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// For a person: whose server it is, and where.
    pub fn describe(&self) -> &str {
        &self.described
    }

    pub fn is_private(&self) -> bool {
        self.share.is_some()
    }

    /// The newer major version that is installed beside the one that a private server has.
    pub fn newer_version(&self) -> Option<u32> {
        let own = self.share.as_ref()?.programs().major;
        Programs::find(None).ok().map(|newest| newest.major).filter(|newest| *newest > own)
    }

    /// The name of the environment's database.
    pub fn database(&self) -> &str {
        self.options.get_database().unwrap_or_else(|| self.options.get_username())
    }

    /// How PostgreSQL's own programs get to a database of this server.
    pub(crate) fn named<'a>(&'a self, database: &'a str) -> Named<'a> {
        Named { access: &self.access, database }
    }

    /// Watches it until `stop` says so; a private server that dies is started again.
    pub fn watch(&self, stop: watch::Receiver<bool>) -> (Availability, JoinHandle<()>) {
        let database = self.options.get_database().unwrap_or_default();
        let availability = match &self.share {
            Some(share) => Availability::new(&format!("the private database {database}"), Some(&share.cluster().data)),
            None => Availability::new(&format!("the database {database} ({})", self.described), None),
        };
        let revival = self.share.as_ref().map(Share::revival);
        let keeper = Keeper { options: self.options(), availability: availability.clone(), revival };
        (availability, tokio::spawn(keeper.keep(stop)))
    }

    /// Stops a private server unless another process still uses it.
    pub async fn stop(self) -> anyhow::Result<()> {
        match self.share {
            // A task of this process may hold the lock that this waits for, and needs the thread to go on.
            Some(share) => tokio::task::spawn_blocking(|| share.leave()).await?,
            None => Ok(()),
        }
    }

    /// The same where nothing can wait, as when a value is dropped.
    #[cfg(feature = "testing")]
    pub(crate) fn leave(&mut self) -> anyhow::Result<()> {
        self.share.take().map_or(Ok(()), Share::leave)
    }
}

async fn create_database(options: &PgConnectOptions, name: &str) -> anyhow::Result<()> {
    let mut connection: PgConnection = options.connect().await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        let created = connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await;
        // Another process may have been faster.
        let duplicate = |error: &sqlx::Error| {
            error.as_database_error().is_some_and(|e| matches!(e.code().as_deref(), Some("42P04" | "23505")))
        };
        if let Err(error) = created.map(drop)
            && !duplicate(&error)
        {
            return Err(error.into());
        }
    }
    Ok(connection.close().await?)
}
