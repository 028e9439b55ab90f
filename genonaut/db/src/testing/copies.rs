//! Databases for a program without SQL, as the browser tests are: empty ones, and copies of those.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{Held, create, started, sweep, url};

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
