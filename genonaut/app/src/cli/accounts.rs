//! `genonaut accounts`

use std::io::{self, IsTerminal};

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use genonaut_db::{PgPool, accounts, server::Server};
use serde_json::{Value, json};

use super::output::{json, plain, say};
use crate::accounts::digest_of_password;
use crate::config::Place;

const ADD_EXAMPLES: &str = "Examples:
  genonaut accounts add me                prompts for the password
  genonaut accounts add me < password     reads the password from the first line";

/// Manage accounts. Once an account exists, everyone has to sign in.
#[derive(Debug, Subcommand)]
pub enum Accounts {
    /// Add an account.
    #[command(after_help = ADD_EXAMPLES)]
    Add { name: String },
    /// Change a password and sign out all its browsers.
    Password { name: String },
    /// Make an account an administrator, who sees the images of all accounts; --revoke reverts that.
    Administrator {
        name: String,
        #[arg(long)]
        revoke: bool,
    },
    /// Delete an account. Its images stay, visible to administrators.
    Remove { name: String },
    /// List all accounts.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(place: &Place, command: &Accounts) -> anyhow::Result<()> {
    let server: Server = place.server().await?;
    let db = genonaut_db::connect(server.options()).await?;
    let done = match super::ensure_current(&server, &db).await {
        Ok(()) => act(&db, command).await,
        Err(error) => Err(error),
    };
    db.close().await;
    server.stop().await?;
    done
}

async fn act(db: &PgPool, command: &Accounts) -> anyhow::Result<()> {
    match command {
        Accounts::Add { name } => add(db, name.trim()).await,
        Accounts::Password { name } => {
            let changed = accounts::change_password(db, name, &digest_of_password(&asked()?)?).await?;
            ensure!(changed, missing(name));
            say(format!("password of {} changed", plain(name)))
        }
        Accounts::Administrator { name, revoke } => administrator(db, name, !revoke).await,
        Accounts::Remove { name } => {
            ensure_another_administrator(db, name).await?;
            ensure!(accounts::remove(db, name).await?, missing(name));
            say(format!("{} removed", plain(name)))
        }
        Accounts::List { json: true } => {
            let row = |account: &accounts::Account| json!({"name": account.name, "administrator": account.administrator, "last_created": account.last_created, "last_used": account.last_used});
            json(&accounts::list(db).await?.iter().map(row).collect::<Vec<Value>>())
        }
        Accounts::List { json: false } => accounts::list(db).await?.iter().try_for_each(|account| {
            let used = account.last_used.map(|time| format!("last seen {}", time.format("%Y-%m-%d %H:%M")));
            let role = if account.administrator { "administrator, " } else { "" };
            say(format!("{}  ({role}{})", plain(&account.name), used.as_deref().unwrap_or("never signed in")))
        }),
    }
}

async fn add(db: &PgPool, name: &str) -> anyhow::Result<()> {
    let plain_name = !name.is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
    ensure!(plain_name, "a name must have 1 to 64 characters");
    let password = digest_of_password(&asked()?)?;
    ensure!(accounts::add(db, name, &password).await?, "account {name:?} already exists");
    say(format!("{name} added; everyone now has to sign in"))
}

async fn administrator(db: &PgPool, name: &str, administrator: bool) -> anyhow::Result<()> {
    if !administrator {
        ensure_another_administrator(db, name).await?;
    }
    ensure!(accounts::set_administrator(db, name, administrator).await?, missing(name));
    let role = if administrator { "an administrator" } else { "a regular account" };
    say(format!("{} is now {role}", plain(name)))
}

async fn ensure_another_administrator(db: &PgPool, name: &str) -> anyhow::Result<()> {
    ensure!(
        !accounts::is_last_administrator(db, name).await?,
        "{name} is the only administrator; add another one first: genonaut accounts administrator NAME"
    );
    Ok(())
}

fn missing(name: &str) -> String {
    format!("no account named {name:?}; see `genonaut accounts list`")
}

/// Typed twice at a terminal, which does not show it; otherwise the first line of what comes in.
fn asked() -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line).context("failed to read the password")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let once = rpassword::prompt_password("Password: ").context("failed to read the password")?;
    if rpassword::prompt_password("Repeat password: ").context("failed to read the password")? != once {
        bail!("the passwords do not match; nothing was changed");
    }
    Ok(once)
}
