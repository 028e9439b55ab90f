//! Databases for a program without SQL, as the browser tests are: empty ones, and copies of those.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{Held, create, started, sweep, url};

/// How the names of those begin that outlive their maker.
const KEPT: &str = "kept_";

/// Databases on the private test server, until the last use of this.
pub struct Copies {
    options: PgConnectOptions,
    _server: Held,
}

impl Copies {
    pub async fn start() -> Self {
        let server = started().await;
        let options = server.options();
        let mut connection = options.connect().await.expect("connect to the test server");
        sweep(&mut connection).await;
        connection.close().await.expect("close");
        Self { options, _server: server.into() }
    }

    /// The address of a new one: empty, or a copy of another, which nobody may be connected to.
    pub async fn create(&self, of: Option<&str>) -> anyhow::Result<String> {
        let of = of.map(database).transpose()?;
        Ok(url(&create(&self.options, of.as_deref().unwrap_or("template1")).await?))
    }

    /// The address of the one that is kept under that name.
    pub async fn kept(&self, name: &str) -> anyhow::Result<Option<String>> {
        let name = format!("{KEPT}{name}");
        let mut connection = self.options.connect().await?;
        let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
        let found: bool = sqlx::query_scalar(sql).bind(&name).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(found.then(|| url(&self.options.clone().database(&name))))
    }

    /// Has the next runs find it under that name; whatever was kept before goes. Its new address.
    pub async fn keep(&self, address: &str, name: &str) -> anyhow::Result<String> {
        let (from, to) = (database(address)?, format!("{KEPT}{name}"));
        let mut connection = self.options.connect().await?;
        let sql = "SELECT datname::text FROM pg_database WHERE starts_with(datname, $1)";
        let old: Vec<String> = sqlx::query_scalar(sql).bind(KEPT).fetch_all(&mut connection).await?;
        for old in old {
            connection.execute(AssertSqlSafe(format!("DROP DATABASE \"{old}\" WITH (FORCE)"))).await?;
        }
        connection.execute(AssertSqlSafe(format!("ALTER DATABASE {from} RENAME TO \"{to}\""))).await?;
        connection.close().await?;
        Ok(url(&self.options.clone().database(&to)))
    }

    /// Takes away what is at that address, and whoever is connected to it.
    pub async fn drop(&self, address: &str) -> anyhow::Result<()> {
        let mut connection = self.options.connect().await?;
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database(address)?);
        connection.execute(AssertSqlSafe(sql)).await?;
        Ok(connection.close().await?)
    }
}

fn database(address: &str) -> anyhow::Result<String> {
    let options: PgConnectOptions = address.parse()?;
    let name = options.get_database().filter(|name| name.starts_with("t_"));
    Ok(name.ok_or_else(|| anyhow::anyhow!("{address} is no database of a test"))?.to_owned())
}
