//! A cluster: its files, and how it is made, started and stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use sqlx::postgres::PgConnectOptions;

use super::access::Access;
use super::account::{Account, run_as};
use super::place;
use super::private;
use super::programs::Programs;

const USER: &str = "genonaut";

#[derive(Debug)]
pub(super) struct Cluster {
    /// The files of the cluster.
    pub data: PathBuf,
    pub sockets: PathBuf,
    pub home: PathBuf,
    account: Option<Account>,
}

impl Cluster {
    /// Finds its folders and makes them. Nothing is started.
    pub fn at(data: &Path) -> anyhow::Result<Self> {
        let account = Account::choose()?;
        private::make_data(data, account.as_ref())?;
        let data = data.canonicalize().context("failed to find the data folder")?;
        let home = place::home(&data, account.as_ref());
        if home != data {
            private::make_passage(&home)?;
        }
        let sockets = place::sockets(&home);
        if let Some(parent) = sockets.parent().filter(|parent| !parent.exists()) {
            private::make_passage(parent)?;
        }
        private::make(&sockets, account.as_ref())?;
        Ok(Self { data: home.join("postgres"), sockets, home, account })
    }

    /// How to connect to the database that every cluster has.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.sockets).port(5432).username(USER).database("postgres")
    }

    /// How PostgreSQL's own programs connect.
    pub fn access(&self) -> Access {
        Access::private(&self.sockets, USER)
    }

    /// Another one beside it, which runs at the same time. It is swept away until it has another name.
    pub fn beside(&self) -> anyhow::Result<Self> {
        let mut sockets = self.sockets.clone().into_os_string();
        sockets.push("-u");
        let sockets = PathBuf::from(sockets);
        private::make(&sockets, self.account.as_ref())?;
        let data = self.home.join(format!("postgres.new-{}", std::process::id()));
        Ok(Self { data, sockets, home: self.home.clone(), account: self.account.clone() })
    }

    /// A lock file that any of our processes may take, and nobody else.
    pub fn lock_file(&self, name: &str) -> anyhow::Result<fs::File> {
        private::file(&self.home.join(name))
    }

    /// Makes the cluster if there is none yet. A start that was killed in here leaves nothing half-made.
    pub fn ensure(&self) -> anyhow::Result<Programs> {
        self.sweep();
        self.finish_upgrade()?;
        let version = self.version();
        let programs = Programs::find(version)?;
        if version.is_none() {
            self.initialise(&programs)?;
        }
        Ok(programs)
    }

    /// The major version that its files are of; `None` where there are none.
    pub fn version(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok())
    }

    /// Where an upgrade puts the new files once they are complete.
    pub fn upgraded(&self) -> PathBuf {
        self.home.join("postgres.upgraded")
    }

    /// An upgrade may have been killed: the old files are where they were, and it counts as not begun, or they have been
    /// put aside, and the new ones take their place.
    pub fn finish_upgrade(&self) -> anyhow::Result<()> {
        let upgraded = self.upgraded();
        match (upgraded.exists(), self.data.exists()) {
            (false, _) => Ok(()),
            (true, true) => fs::remove_dir_all(&upgraded).context("failed to remove what an upgrade left"),
            (true, false) => fs::rename(&upgraded, &self.data).context("failed to move the upgraded files into place"),
        }
    }

    pub fn start(&self, programs: &Programs, settings: &[&str]) -> anyhow::Result<()> {
        let sockets = self.sockets.display();
        let mut options = format!("-k '{sockets}' -c listen_addresses='' -c unix_socket_permissions=0700");
        for setting in
            ["shared_buffers=256MB", "jit=off", "wal_compression=on", "max_connections=100"].iter().chain(settings)
        {
            options += &format!(" -c {setting}");
        }
        let log = self.data.join("server.log");
        let mut command = Command::new(programs.path("pg_ctl"));
        command.args(["start", "-w", "-s", "-t", "60", "-o", &options, "-l"]).arg(&log).arg("-D").arg(&self.data);
        // The server inherits what pg_ctl has open; a pipe would stay open as long as it runs.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = run_as(&mut command, self.account.as_ref()).status().context("failed to run pg_ctl")?;
        match status.success() {
            true => Ok(()),
            false => bail!("PostgreSQL does not start. Last lines of {}:\n{}", log.display(), tail(&log)),
        }
    }

    pub fn stop(&self, programs: &Programs) -> anyhow::Result<()> {
        let mut command = Command::new(programs.path("pg_ctl"));
        command.args(["stop", "-w", "-s", "-m", "fast", "-D"]).arg(&self.data);
        let output = run_as(&mut command, self.account.as_ref()).output().context("failed to run pg_ctl")?;
        match output.status.success() {
            true => Ok(()),
            false => bail!("PostgreSQL does not stop: {}", String::from_utf8_lossy(&output.stderr).trim()),
        }
    }

    fn initialise(&self, programs: &Programs) -> anyhow::Result<()> {
        let unfinished = self.home.join(format!("postgres.new-{}", std::process::id()));
        self.initialise_in(&unfinished, programs)?;
        fs::rename(&unfinished, &self.data).context("failed to move the new cluster into place")
    }

    pub fn initialise_in(&self, unfinished: &Path, programs: &Programs) -> anyhow::Result<()> {
        private::make(unfinished, self.account.as_ref())?;
        let mut command = Command::new(programs.path("initdb"));
        command.args(["-U", USER, "-A", "trust", "-E", "UTF8", "--data-checksums", "--no-instructions"]);
        command.args(locale(programs.major)).arg("-D").arg(unfinished);
        let output = run_as(&mut command, self.account.as_ref()).output().context("failed to run initdb")?;
        if !output.status.success() {
            fs::remove_dir_all(unfinished).context("failed to remove the unfinished cluster")?;
            bail!("PostgreSQL's initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// Clusters that were never finished.
    pub fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.home) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("postgres.new-")) {
                // What cannot be removed now is tried again by the next start.
                fs::remove_dir_all(path).ok();
            }
        }
    }
}

/// UTF-8 without a language: pg_trgm drops other letters under plain C, and the order is the same everywhere.
fn locale(major: u32) -> &'static [&'static str] {
    if major >= 17 {
        &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    } else {
        &["--locale=C.UTF-8"]
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
