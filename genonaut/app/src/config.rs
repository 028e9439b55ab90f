//! Settings: each is a flag, an environment variable and a line of help, in one place.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use genonaut_db::server::{self, Env, Server};
use genonaut_engines::comfyui::Access;
use genonaut_engines::{ComfyUi, Embedded, Engine, Scripted};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::pictures::Pictures;

/// Where the catalogue is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Place {
    /// Folder of everything that Genonaut keeps; ~/.local/share/genonaut unless given, for root /var/lib/genonaut.
    #[arg(long, global = true, env = "GENONAUT_DATA", value_name = "DIR", default_value_os_t = server::default_data(), hide_default_value = true, hide_env_values = true)]
    pub data: PathBuf,
    /// Database of the private server: demo or test.
    #[arg(long, global = true, env = "GENONAUT_ENV", value_name = "ENV", default_value_t = Env::Demo)]
    pub env: Env,
    /// A PostgreSQL of your own instead of the private one, e.g. postgres://me@localhost/genonaut.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

impl Place {
    /// Makes sure that the server runs.
    pub async fn server(&self) -> anyhow::Result<Server> {
        let database_url = self.database_url.clone().filter(|url| !url.is_empty());
        server::start(&server::Config { data: self.data.clone(), database_url, env: self.env }).await
    }
}

/// What is told on stderr while it works.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Logs {
    /// What to log: error, warn, info, debug or trace, or a list like warn,genonaut=debug.
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
  genonaut serve                                        on http://127.0.0.1:7878, for this machine
  genonaut serve --listen 127.0.0.1:0                   on a free port; the address is printed
  genonaut serve --listen 0.0.0.0:7878                  for others too, who sign in: genonaut accounts add NAME
  genonaut serve --listen 0.0.0.0:7878 --token-file t   or open http://HOST:7878/?token=TOKEN once
  DATABASE_URL=postgres://me@db/models genonaut serve --migrate";

/// How the pages and the API are served.
#[derive(Debug, Clone, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    #[arg(long, env = "GENONAUT_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:7878")]
    pub listen: SocketAddr,
    /// File with a token that clients may show; it or an account is needed to listen anywhere but on this machine.
    #[arg(long, env = "GENONAUT_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Another name that this server is reached by, e.g. behind a proxy; may be repeated.
    #[arg(long = "allow-host", env = "GENONAUT_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allow_hosts: Vec<String>,
    /// Apply pending migrations to a database of your own; the private one is always kept current.
    #[arg(long)]
    pub migrate: bool,
    #[command(flatten)]
    pub library: Library,
    #[command(flatten)]
    pub making: Making,
}

/// How the folders of models are followed while the server runs.
#[derive(Debug, Clone, Args)]
pub struct Library {
    /// Look through the known folders of models every so many minutes, beside watching them; 0 leaves them alone.
    #[arg(long, env = "GENONAUT_RESCAN", value_name = "MINUTES", default_value_t = 10)]
    pub rescan: u64,
    /// Do not read model files whole for their hashes.
    #[arg(long, env = "GENONAUT_NO_HASH")]
    pub no_hash: bool,
}

/// What makes images, and where they are kept.
#[derive(Debug, Clone, Args)]
pub struct Making {
    /// Where images are kept: a folder, or s3://BUCKET/FOLDER with the usual AWS_… variables [default: DIR/images].
    #[arg(long, env = "GENONAUT_IMAGES", value_name = "FOLDER|URL", hide_env_values = true)]
    pub images: Option<String>,
    /// What makes the images: `scripted`, a demo that draws landscapes from the words, `comfyui=URL`, a ComfyUI server, or `embedded`, this program itself, on so many threads with `embedded=THREADS`.
    #[arg(long, env = "GENONAUT_ENGINE", value_name = "ENGINE", default_value = "scripted")]
    pub engine: String,
    /// File with the token that the ComfyUI server asks for.
    #[arg(long, env = "GENONAUT_ENGINE_TOKEN_FILE", value_name = "FILE")]
    pub engine_token_file: Option<PathBuf>,
    /// Seconds that a job is kept for a worker which says nothing; then another goes on with it.
    #[arg(long, env = "GENONAUT_LEASE", value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub lease: u64,
    /// Milliseconds that the demo engine takes for a step.
    #[arg(long, env = "GENONAUT_DEMO_STEP", value_name = "MS", default_value_t = 60)]
    pub demo_step: u64,
}

impl Making {
    /// # Errors
    /// When there is no such engine, its address is none, or the token cannot be read.
    pub fn engine(&self) -> anyhow::Result<Engine> {
        match self.engine.split_once('=') {
            None if self.engine == "scripted" => {
                Ok(Engine::Scripted(Scripted { step: Duration::from_millis(self.demo_step) }))
            }
            Some(("comfyui", url)) => Ok(Engine::ComfyUi(ComfyUi::new(url, &self.access()?)?)),
            None if self.engine == "embedded" => embedded(None),
            Some(("embedded", threads)) => embedded(Some(threads)),
            _ => anyhow::bail!(
                "there is no engine {:?}; there are `scripted`, `embedded` and `comfyui=URL`, e.g. comfyui=http://127.0.0.1:8188",
                self.engine
            ),
        }
    }

    fn access(&self) -> anyhow::Result<Access> {
        let Some(file) = &self.engine_token_file else { return Ok(Access::Open) };
        let token = std::fs::read_to_string(file).with_context(|| format!("read the token in {}", file.display()))?;
        Ok(Access::Token(token.trim().to_owned()))
    }

    /// # Errors
    /// When the folder cannot be made, or the address names no store.
    pub fn pictures(&self, place: &Place) -> anyhow::Result<Pictures> {
        match &self.images {
            Some(url) if url.contains("://") => Pictures::at(url),
            Some(folder) => Pictures::in_folder(folder.as_ref()),
            None => Pictures::in_folder(&place.data.join("images").join(place.env.to_string())),
        }
    }
}

/// The engine of our own: this program, once more.
fn embedded(threads: Option<&str>) -> anyhow::Result<Engine> {
    anyhow::ensure!(
        cfg!(feature = "embedded"),
        "this program was built without the embedded engine; `cargo build --release --features embedded` builds it in"
    );
    let threads = threads.map(str::parse::<std::num::NonZeroU32>).transpose();
    let threads = threads.context("read the number of threads, e.g. embedded=4")?;
    let program = std::env::current_exe().context("find this program's own file")?;
    Ok(Engine::Embedded(Embedded::new(program, threads.map(Into::into))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_engine_is_there_or_it_is_said_how_to_build_it() {
        if cfg!(feature = "embedded") {
            assert_eq!(embedded(Some("2")).unwrap().name(), "embedded engine");
            let failure = embedded(Some("0")).unwrap_err();
            assert!(format!("{failure:#}").contains("embedded=4"), "{failure:#}");
        } else {
            let failure = embedded(None).unwrap_err();
            assert!(format!("{failure:#}").contains("--features embedded"), "{failure:#}");
        }
    }
}
