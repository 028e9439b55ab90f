//! PostgreSQL refuses to run as root, so root runs it as somebody else.

use std::process::Command;

use anyhow::{Context, ensure};
use nix::unistd::{User, geteuid};

/// Who the server runs as when we are root.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// `None` when it can run as ourselves.
    pub fn choose() -> anyhow::Result<Option<Self>> {
        let own = geteuid();
        if !own.is_root() {
            // initdb asks for the user's name.
            let known = User::from_uid(own).context("failed to look up the user")?.is_some();
            ensure!(
                known,
                "user {own} has no entry in /etc/passwd, which PostgreSQL needs; add one, or set DATABASE_URL"
            );
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name).context("failed to look up a user for PostgreSQL")? {
                return Ok(Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
            }
        }
        anyhow::bail!(
            "PostgreSQL does not run as root, and there is no user postgres or nobody; add one, or set DATABASE_URL"
        )
    }
}

/// Makes a command run as the account, in a folder that it can enter.
pub(super) fn run_as<'a>(command: &'a mut Command, account: Option<&Account>) -> &'a mut Command {
    use std::os::unix::process::CommandExt;
    command.current_dir("/");
    match account {
        Some(account) => command.gid(account.gid).uid(account.uid),
        None => command,
    }
}
