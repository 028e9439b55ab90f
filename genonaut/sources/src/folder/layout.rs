//! Whose folder it is: the layouts of the programs that people keep models for.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{FolderKind, Origin, Problem, Root, Roots, extra_paths, normal, walk};

/// Where a program's folder keeps its models; the last is the folder of models itself.
const PLACES: [&str; 4] = ["models", "Models", "Data/Models", ""];

/// Folders that only one program makes. ComfyUI's are last: the others hold some of its names too.
const MARKS: [(Origin, &[&str]); 4] = [
    (Origin::StabilityMatrix, &["StableDiffusion"]),
    (Origin::SwarmUi, &["Stable-Diffusion"]),
    (Origin::A1111, &["Stable-diffusion"]),
    (Origin::ComfyUi, &["checkpoints", "diffusion_models", "unet", "loras"]),
];

/// The roots that a path stands for: a program's folder, its folder of models, an `extra_model_paths.yaml`, or any
/// folder.
pub fn roots(path: &Path) -> Roots {
    let path = &normal(path);
    let mut found = match path.extension() {
        Some(ending) if (ending == "yaml" || ending == "yml") && path.is_file() => extra_paths::read(path),
        _ => of_folder(path),
    };
    found.roots.sort_by_key(|root| !matches!(root.origin, Origin::ExtraPaths { is_default: true, .. }));
    found.roots.iter_mut().for_each(|root| root.path = normal(&root.path));
    let mut paths = HashSet::new();
    found.roots.retain(|root| paths.insert((root.path.clone(), root.shallow)));
    found
}

fn of_folder(path: &Path) -> Roots {
    for place in PLACES {
        let models = if place.is_empty() { path.to_owned() } else { path.join(place) };
        let Ok(names) = folders(&models) else { continue };
        let Some(origin) = origin(&names) else { continue };
        let mut found = below(&models, names, &origin);
        if !place.is_empty() {
            found.add_home(path, origin);
        }
        return found;
    }
    let mut found = Roots::default();
    match fs::read_dir(path) {
        Ok(_) => found.roots.push(Root { path: path.to_owned(), kind: None, origin: Origin::Plain, shallow: false }),
        Err(source) => found.problems.push(Problem::Unreadable { path: path.to_owned(), source }),
    }
    found
}

/// Names of folders, and of links that could be folders.
fn folders(path: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let is_file = entry.file_type()?.is_file() || entry.path().is_file();
        if !is_file && !walk::is_hidden(&entry.file_name()) {
            names.push(entry.file_name());
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn origin(names: &[OsString]) -> Option<Origin> {
    if names.iter().filter_map(|name| name.to_str()).any(is_uuid) {
        return Some(Origin::InvokeAi);
    }
    let has = |mark: &&str| names.iter().any(|name| name == mark);
    MARKS.into_iter().find(|(_, marks)| marks.iter().any(has)).map(|(origin, _)| origin)
}

/// InvokeAI keeps each model in a folder named by its id.
fn is_uuid(name: &str) -> bool {
    let groups: Vec<_> = name.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && name.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

fn below(models: &Path, names: Vec<OsString>, origin: &Origin) -> Roots {
    let mut found = Roots::default();
    let root = |path: PathBuf, kind, shallow| Root { path, kind, origin: origin.clone(), shallow };
    if *origin == Origin::InvokeAi {
        found.roots.push(root(models.to_owned(), None, false));
        return found;
    }
    for name in names {
        let path = models.join(&name);
        match path.is_dir() {
            true => found.roots.push(root(path, FolderKind::of_name(&name.to_string_lossy()), false)),
            false => found.problems.push(Problem::Missing { path, by: "a link".to_owned() }),
        }
    }
    found.roots.push(root(models.to_owned(), None, true));
    found
}

impl Roots {
    /// What lies beside the folder of models.
    fn add_home(&mut self, home: &Path, origin: Origin) {
        let embeddings = home.join("embeddings");
        if origin == Origin::A1111 && embeddings.is_dir() {
            self.roots.push(Root { path: embeddings, kind: Some(FolderKind::Embedding), origin, shallow: false });
        }
        let settings = home.join("extra_model_paths.yaml");
        if settings.is_file() {
            let extra = extra_paths::read(&settings);
            self.roots.extend(extra.roots);
            self.problems.extend(extra.problems);
        }
    }
}
