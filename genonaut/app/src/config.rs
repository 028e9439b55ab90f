//! Settings: each is a flag, an environment variable and a line of help, in one place.

mod engines;

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use genonaut_db::architecture;
use genonaut_db::server::{self, Env, Server};
use genonaut_sources::architectures;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::pictures::Pictures;
use crate::wildcards::Wildcards;
pub use engines::{Engines, Named};

/// Where the catalogue is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Place {
    /// Data folder [default: ~/.local/share/genonaut, /var/lib/genonaut for root].
    #[arg(long, global = true, env = "GENONAUT_DATA", value_name = "DIR", default_value_os_t = server::default_data(), hide_default_value = true, hide_env_values = true)]
    pub data: PathBuf,
    /// Database of the private server: demo or test.
    #[arg(long, global = true, env = "GENONAUT_ENV", value_name = "ENV", default_value_t = Env::Demo)]
    pub env: Env,
    /// Your own PostgreSQL instead of the private server, e.g. postgres://me@localhost/genonaut.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Architecture table to use instead of the built-in one: rules, aliases, labels, compatibility, defaults.
    #[arg(long, global = true, env = "GENONAUT_ARCHITECTURES", value_name = "FILE", hide_env_values = true)]
    pub architectures: Option<PathBuf>,
}

impl Place {
    /// Has the table of architectures hold that was named.
    ///
    /// # Errors
    /// When it cannot be read, or which entry and field of it is wrong; then nothing has been done.
    pub fn know(&self) -> anyhow::Result<()> {
        let Some(file) = self.architectures.as_ref().filter(|file| !file.as_os_str().is_empty()) else { return Ok(()) };
        let table = std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
        let context = || format!("failed to read the architecture table {}", file.display());
        architecture::check(&table).with_context(context)?;
        architectures::replace(table).with_context(context).map(drop)
    }

    /// Makes sure that the server runs.
    pub async fn server(&self) -> anyhow::Result<Server> {
        server::start(&self.database()).await
    }

    pub fn database(&self) -> server::Config {
        let database_url = self.database_url.clone().filter(|url| !url.is_empty());
        server::Config { data: self.data.clone(), database_url, env: self.env }
    }
}

/// What is told on stderr while it works.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Logs {
    /// Log filter: error, warn, info, debug or trace, or a list like warn,genonaut=debug.
    #[arg(long = "log", global = true, env = "RUST_LOG", value_name = "FILTER", default_value = "warn,genonaut=info,sqlx=error", hide_env_values = true, value_parser = filter)]
    filter: String,
}

impl Logs {
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.filter)
    }
}

/// A filter with a mistake in it is a wrong usage, not a log that says nothing.
fn filter(text: &str) -> Result<String, ParseError> {
    EnvFilter::try_new(text).map(|_| text.to_owned())
}

const SERVE_EXAMPLES: &str = "Examples:
  genonaut serve                                        on http://127.0.0.1:7878, for this computer
  genonaut serve --engine comfyui=http://127.0.0.1:8188
  genonaut serve --engine big=comfyui=http://gpu:8188 --engine small=comfyui=http://127.0.0.1:8188
  genonaut serve --listen 127.0.0.1:0                   on a free port, printed at start
  genonaut serve --listen 0.0.0.0:7878                  for other computers, with accounts
  genonaut serve --listen 0.0.0.0:7878 --token-file t   or open http://HOST:7878/?token=TOKEN once
  DATABASE_URL=postgres://me@db/models genonaut serve --migrate";

/// How the pages and the API are served.
#[derive(Debug, Clone, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct Listen {
    /// Address and port; port 0 picks a free port.
    #[arg(long, env = "GENONAUT_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:7878")]
    pub listen: SocketAddr,
    /// File with an access token. A token or an account is required to listen on anything but this computer.
    #[arg(long, env = "GENONAUT_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Additional host name of this server, e.g. behind a proxy; may be repeated.
    #[arg(long = "allow-host", env = "GENONAUT_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allow_hosts: Vec<String>,
    /// Share images, jobs and grids among all accounts; by default only administrators see those of others.
    #[arg(long, env = "GENONAUT_SHARE_IMAGES")]
    pub share_images: bool,
    /// Apply pending migrations to your own database; the private one is migrated automatically.
    #[arg(long)]
    pub migrate: bool,
    #[command(flatten)]
    pub library: Library,
    #[command(flatten)]
    pub making: Making,
    #[command(flatten)]
    pub prompts: Prompts,
    /// Without --engine: addresses to search for a ComfyUI, which is then offered on the page. Only status requests are
    /// sent there.
    #[arg(long = "look-for", env = "GENONAUT_LOOK_FOR", value_name = "URL", value_delimiter = ',', default_values = ["http://127.0.0.1:8188", "http://127.0.0.1:8000"])]
    pub look_for: Vec<String>,
}

/// What prompts may draw from.
#[derive(Debug, Clone, Default, Args)]
pub struct Prompts {
    /// Folder of wildcards: __name__ in a prompt picks a line of name.txt [default: DATA/wildcards].
    #[arg(long, env = "GENONAUT_WILDCARDS", value_name = "DIR", hide_env_values = true)]
    pub wildcards: Option<PathBuf>,
}

impl Prompts {
    pub fn wildcards(&self, place: &Place) -> Wildcards {
        Wildcards::new(self.folder(place))
    }

    /// The folder may come later.
    pub fn folder(&self, place: &Place) -> PathBuf {
        self.wildcards.clone().unwrap_or_else(|| place.data.join("wildcards"))
    }
}

/// How the folders of models are followed while the server runs.
#[derive(Debug, Clone, Args)]
pub struct Library {
    /// Minutes between rescans of the library folders, in addition to watching them; 0 turns rescans off.
    #[arg(long, env = "GENONAUT_RESCAN", value_name = "MINUTES", default_value_t = 10)]
    pub rescan: u64,
    /// Do not hash model files.
    #[arg(long, env = "GENONAUT_NO_HASH")]
    pub no_hash: bool,
}

/// What makes images, and where they are kept.
#[derive(Debug, Clone, Args)]
pub struct Making {
    #[command(flatten)]
    pub storage: Storage,
    /// Lease duration in seconds: how long a silent worker keeps its job before another takes over.
    #[arg(long, env = "GENONAUT_LEASE", value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub lease: u64,
    #[command(flatten)]
    pub engines: Engines,
}

impl Making {
    /// # Errors
    /// When the folder cannot be made, or the address names no store.
    pub fn pictures(&self, place: &Place) -> anyhow::Result<Pictures> {
        self.storage.pictures(place)
    }
}

/// Where images are kept.
#[derive(Debug, Clone, Default, Args)]
pub struct Storage {
    /// Image storage: a folder, or s3://BUCKET/FOLDER with the usual AWS_… variables [default: DIR/images].
    #[arg(long, env = "GENONAUT_IMAGES", value_name = "FOLDER|URL", hide_env_values = true)]
    pub images: Option<String>,
}

impl Storage {
    /// # Errors
    /// When the folder cannot be made, or the address names no store.
    pub fn pictures(&self, place: &Place) -> anyhow::Result<Pictures> {
        match &self.images {
            Some(url) if url.contains("://") => Pictures::at(url),
            Some(folder) => Pictures::in_folder(folder.as_ref()),
            None => {
                let images = place.data.join("images");
                let pictures = Pictures::in_folder(&images.join(place.env.to_string()))?;
                // An earlier version has left it open to others.
                let closed = std::fs::set_permissions(&images, Permissions::from_mode(0o700));
                closed.with_context(|| format!("close the folder {} to others", images.display()))?;
                Ok(pictures)
            }
        }
    }
}
