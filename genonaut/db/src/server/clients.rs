//! PostgreSQL's programs that write a database into a file and read it again.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, ensure};
use tokio::process::Command;

use super::access::Access;
use super::programs;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clients {
    folder: PathBuf,
    pub major: u32,
}

/// A database of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    pub access: &'a Access,
    pub database: &'a str,
}

impl Clients {
    /// Those of the server's version, else of the next newer one: an older pg_dump refuses a newer server.
    pub fn find(server: u32) -> anyhow::Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = programs::candidates().into_iter().chain(std::env::split_paths(&path));
        choose(folders.filter_map(Self::look).collect(), server).with_context(|| {
            format!(
                "pg_dump and pg_restore of PostgreSQL {server} or newer are not installed; install \
                 postgresql-client-{server}, or set PG_BIN to their folder"
            )
        })
    }

    /// Writes a database into a file in PostgreSQL's own format, as it is in the snapshot if one is named.
    pub async fn dump(&self, from: Named<'_>, snapshot: Option<&str>, file: &Path) -> anyhow::Result<()> {
        let mut command = self.command("pg_dump", from);
        command.args(["--format=custom", "--no-owner", "--no-privileges"]).arg("--file").arg(file);
        if let Some(snapshot) = snapshot {
            command.arg(format!("--snapshot={snapshot}"));
        }
        run(command, "pg_dump").await
    }

    /// Fills an empty database from such a file: with all of it, or with nothing.
    pub async fn restore(&self, into: Named<'_>, file: &Path) -> anyhow::Result<()> {
        let mut command = self.command("pg_restore", into);
        command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]).arg(file);
        run(command, "pg_restore").await
    }

    fn command(&self, program: &str, Named { access, database }: Named<'_>) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command.arg("--no-password").arg("--dbname").arg(access.address(database));
        if let Some(password) = access.password() {
            command.env("PGPASSWORD", password);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    fn look(folder: PathBuf) -> Option<Self> {
        let found = ["pg_dump", "pg_restore"].iter().all(|name| folder.join(name).is_file());
        let major = programs::major(&folder.join("pg_dump")).filter(|_| found)?;
        Some(Self { folder, major })
    }
}

/// Among equals the first one.
fn choose(found: Vec<Clients>, server: u32) -> Option<Clients> {
    found.into_iter().filter(|clients| clients.major >= server).min_by_key(|clients| clients.major)
}

async fn run(mut command: Command, name: &str) -> anyhow::Result<()> {
    let output = command.output().await.with_context(|| format!("failed to run {name}"))?;
    ensure!(output.status.success(), "{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_version_that_is_not_older_is_taken() {
        let clients = |major: u32| Clients { folder: major.to_string().into(), major };
        let chosen = |server| choose(vec![clients(14), clients(18), clients(16)], server).map(|found| found.major);
        assert_eq!([14, 15, 16, 17, 19].map(chosen), [Some(14), Some(16), Some(16), Some(18), None]);
    }
}
