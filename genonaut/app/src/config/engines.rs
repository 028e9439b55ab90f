//! Which engines make the images: `[NAME=]KIND[=URL]`, each with the token or header that its server asks for.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use genonaut_engines::comfyui::Access;
use genonaut_engines::{ComfyUi, Embedded, Engine, Failure, Scripted};

use crate::secret_file;

/// An engine, and what people call it.
#[derive(Debug, Clone)]
pub struct Named {
    pub name: String,
    pub engine: Engine,
}

/// Engines of this process. Each works on its own on the one queue.
#[derive(Debug, Clone, Default, Args)]
pub struct Engines {
    /// Engine that generates the images; may be repeated: `scripted` (demo engine, draws placeholder landscapes),
    /// `comfyui=URL` (a ComfyUI server) or `embedded` (built-in engine; `embedded=THREADS` sets its threads). Prefix a name to tell several apart: `big=comfyui=http://gpu:8188`.
    #[arg(long = "engine", env = "GENONAUT_ENGINE", value_name = "[NAME=]ENGINE", value_delimiter = ',')]
    pub engines: Vec<String>,
    /// File with the access token of ComfyUI servers, sent as `Authorization: Bearer …`; for one engine `NAME=FILE`.
    #[arg(
        long = "engine-token-file",
        env = "GENONAUT_ENGINE_TOKEN_FILE",
        value_name = "[NAME=]FILE",
        value_delimiter = ','
    )]
    pub token_files: Vec<String>,
    /// File with one line `Header: value` for a proxy in front of ComfyUI; for one engine `NAME=FILE`.
    #[arg(
        long = "engine-header-file",
        env = "GENONAUT_ENGINE_HEADER_FILE",
        value_name = "[NAME=]FILE",
        value_delimiter = ','
    )]
    pub header_files: Vec<String>,
    /// Milliseconds per step of the demo engine.
    #[arg(long, env = "GENONAUT_DEMO_STEP", value_name = "MS", default_value_t = 60)]
    pub demo_step: u64,
}

/// An engine as it is written: name, kind, address.
#[derive(Debug, PartialEq, Eq)]
struct Written<'a> {
    name: Option<&'a str>,
    kind: &'a str,
    address: Option<&'a str>,
}

const KINDS: [&str; 3] = ["scripted", "comfyui", "embedded"];

impl Engines {
    /// All that are named; none where none is.
    ///
    /// # Errors
    /// When one cannot be read, two have the same name, or a token or header cannot be read.
    pub fn named(&self) -> anyhow::Result<Vec<Named>> {
        let written: Vec<_> = self.engines.iter().map(|text| Written::read(text)).collect::<Result<_, _>>()?;
        for file in self.token_files.iter().chain(&self.header_files) {
            let named = name_of(file).filter(|name| !written.iter().any(|engine| engine.name == Some(*name)));
            ensure!(named.is_none(), "no engine named {:?} for {file:?}", named.unwrap_or_default());
        }
        let mut engines: Vec<Named> = Vec::new();
        for written in &written {
            let engine = self.engine(written)?;
            let name = written.name.map_or_else(|| unnamed(&engine, self.engines.len()), str::to_owned);
            ensure!(engines.iter().all(|other| other.name != name), "two engines are named {name:?}; rename one");
            engines.push(Named { name, engine });
        }
        Ok(engines)
    }

    /// The demo engine, for who has named none.
    pub fn demo(&self) -> Named {
        let engine = Engine::Scripted(Scripted { step: Duration::from_millis(self.demo_step) });
        Named { name: engine.name().to_owned(), engine }
    }

    /// The ComfyUI at an address that a person entered on the page.
    ///
    /// # Errors
    /// When the address is none, or no engine may be there.
    pub fn comfyui(&self, url: &str, access: &Access) -> Result<Named, Failure> {
        let engine = Engine::ComfyUi(ComfyUi::named_on_page(url, access)?);
        Ok(Named { name: engine.name().to_owned(), engine })
    }

    /// What every server without a token or header of its own is sent.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn access_of_all(&self) -> anyhow::Result<Access> {
        self.access(None)
    }

    /// The engine of our own, for who has chosen it on the page.
    ///
    /// # Errors
    /// When this program was built without it.
    pub fn built_in(&self) -> anyhow::Result<Named> {
        let engine = embedded(None)?;
        Ok(Named { name: engine.name().to_owned(), engine })
    }

    fn engine(&self, written: &Written) -> anyhow::Result<Engine> {
        match (written.kind, written.address) {
            ("scripted", None) => Ok(self.demo().engine),
            ("comfyui", Some(url)) => Ok(Engine::ComfyUi(ComfyUi::new(url, &self.access(written.name)?)?)),
            ("embedded", threads) => embedded(threads),
            (kind, _) => bail!(
                "invalid engine {kind:?}; use `scripted`, `embedded` or `comfyui=URL`, e.g. comfyui=http://127.0.0.1:8188"
            ),
        }
    }

    /// An engine's own token or header comes before that of all.
    fn access(&self, name: Option<&str>) -> anyhow::Result<Access> {
        let own = name.into_iter().map(Some).chain([None]);
        for name in own {
            if let Some(file) = self.header_files.iter().find(|file| name_of(file) == name) {
                return header(file_of(file));
            }
            if let Some(file) = self.token_files.iter().find(|file| name_of(file) == name) {
                return Ok(Access::Token(secret_file::read(file_of(file))?));
            }
        }
        Ok(Access::Open)
    }
}

impl<'a> Written<'a> {
    fn read(text: &'a str) -> anyhow::Result<Self> {
        let (first, rest) = text.split_once('=').map_or((text, None), |(first, rest)| (first, Some(rest)));
        if KINDS.contains(&first) {
            return Ok(Self { name: None, kind: first, address: rest });
        }
        let Some(rest) = rest.filter(|_| is_name(first)) else {
            bail!(
                "unknown engine {text:?}; use `scripted`, `embedded` or `comfyui=URL`, e.g. comfyui=http://127.0.0.1:8188, \
                 with `NAME=` in front to name it"
            );
        };
        let (kind, address) = rest.split_once('=').map_or((rest, None), |(kind, address)| (kind, Some(address)));
        ensure!(
            KINDS.contains(&kind),
            "engine {first:?} has the unknown kind {kind:?}; use scripted, embedded or comfyui"
        );
        Ok(Self { name: Some(first), kind, address })
    }
}

/// Several servers without a name are told apart by their addresses.
fn unnamed(engine: &Engine, all: usize) -> String {
    match engine.comfyui() {
        Some(comfyui) if all > 1 => format!("{} at {}", engine.name(), comfyui.address()),
        _ => engine.name().to_owned(),
    }
}

/// The engine of our own: this program, once more.
fn embedded(threads: Option<&str>) -> anyhow::Result<Engine> {
    anyhow::ensure!(
        cfg!(feature = "embedded"),
        "this program was built without the built-in engine; rebuild with `cargo build --release --features embedded`"
    );
    let threads = threads.map(str::parse::<std::num::NonZeroU32>).transpose();
    let threads = threads.context("failed to read the number of threads, e.g. embedded=4")?;
    let program = std::env::current_exe().context("failed to find this program's own file")?;
    Ok(Engine::Embedded(Embedded::new(program, threads.map(Into::into))))
}

fn is_name(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    (1..=40).contains(&text.len()) && text.chars().all(is_plain)
}

/// `big` of `big=FILE`; a file whose path has a `=` is none.
fn name_of(file: &str) -> Option<&str> {
    file.split_once('=').map(|(name, _)| name).filter(|name| is_name(name))
}

fn file_of(file: &str) -> &Path {
    Path::new(name_of(file).map_or(file, |name| &file[name.len() + 1..]))
}

fn header(file: &Path) -> anyhow::Result<Access> {
    let line = secret_file::read(file)?;
    let Some((name, value)) = line.split_once(':') else {
        bail!("{} contains no header; write one line such as X-Api-Key: secret", file.display());
    };
    Ok(Access::Header { name: name.trim().to_owned(), value: value.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engines(written: &[&str]) -> Engines {
        Engines { engines: written.iter().map(|text| (*text).to_owned()).collect(), ..Engines::default() }
    }

    fn names(written: &[&str]) -> anyhow::Result<Vec<String>> {
        Ok(engines(written).named()?.into_iter().map(|engine| engine.name).collect())
    }

    #[test]
    fn engines_have_the_name_before_them_or_their_kinds() -> anyhow::Result<()> {
        assert_eq!(names(&["comfyui=http://a:8188"])?, ["ComfyUI"]);
        assert_eq!(names(&["scripted", "big=comfyui=http://gpu:8188/x?a=b"])?, ["demo engine", "big"]);
        let two = ["comfyui=http://a:8188", "comfyui=http://b:8188"];
        assert_eq!(names(&two)?, ["ComfyUI at http://a:8188", "ComfyUI at http://b:8188"]);
        Ok(())
    }

    #[test]
    fn the_embedded_engine_is_there_or_it_is_said_how_to_build_it() {
        if cfg!(feature = "embedded") {
            assert_eq!(embedded(Some("2")).unwrap().name(), "built-in engine");
            let failure = embedded(Some("0")).unwrap_err();
            assert!(format!("{failure:#}").contains("embedded=4"), "{failure:#}");
        } else {
            let failure = embedded(None).unwrap_err();
            assert!(format!("{failure:#}").contains("--features embedded"), "{failure:#}");
        }
    }

    #[test]
    fn what_is_no_engine_says_what_there_is() {
        for written in [
            "",
            "comfy",
            "comfyui",
            "comfyui=",
            "scripted=x",
            "big=",
            "big=comfy=http://a",
            "a b=scripted",
            "=scripted",
        ] {
            let said = names(&[written]).unwrap_err().to_string();
            assert!(said.contains("comfyui") || said.contains("http://"), "{written}: {said}");
        }
        assert!(names(&["a=scripted", "a=scripted"]).unwrap_err().to_string().contains("two engines"));
    }

    #[test]
    fn an_engine_has_its_own_secret_or_that_of_all() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = |name: &str, text: &str| -> anyhow::Result<String> {
            std::fs::write(folder.path().join(name), text)?;
            std::fs::set_permissions(folder.path().join(name), std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            Ok(folder.path().join(name).display().to_string())
        };
        let mut engines = engines(&["big=comfyui=http://a", "small=comfyui=http://b"]);
        engines.token_files = vec![file("all", "secret\n")?];
        engines.header_files = vec![format!("big={}", file("own", "X-Key: more secret\n")?)];
        let Access::Header { name, value } = engines.access(Some("big"))? else { panic!("no header") };
        assert_eq!((name.as_str(), value.as_str()), ("X-Key", "more secret"));
        let Access::Token(token) = engines.access(Some("small"))? else { panic!("no token") };
        assert_eq!(token, "secret");
        engines.header_files = vec!["nobody=/x".to_owned()];
        assert!(engines.named().unwrap_err().to_string().contains("nobody"));
        Ok(())
    }
}
