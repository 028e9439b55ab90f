//! ComfyUI's `extra_model_paths.yaml`: named sections of folders, read as ComfyUI reads them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use saphyr::{ScanError, Yaml, YamlLoader};
use saphyr_parser::Parser;

use super::{FolderKind, Origin, Problem, Root, Roots};
use crate::decode;

/// Keys of a section that name no folder of models.
const NOT_MODELS: [&str; 4] = ["base_path", "is_default", "configs", "custom_nodes"];

/// A folder that does not exist is a problem of its own; so is a section that makes no sense.
pub fn read(file: &Path) -> Roots {
    let mut settings = Settings { file, found: Roots::default() };
    match fs::read(file) {
        Ok(bytes) => settings.read(&decode::text(&bytes)),
        Err(source) => settings.found.problems.push(Problem::Unreadable { path: file.to_owned(), source }),
    }
    settings.found
}

struct Settings<'a> {
    file: &'a Path,
    found: Roots,
}

impl Settings<'_> {
    fn read(&mut self, text: &str) {
        let documents = match documents(text) {
            Ok(documents) => documents,
            Err(error) => return self.complain(error.to_string()),
        };
        match documents.first() {
            None => {}
            Some(document) if document.is_null() => {}
            Some(document) => match document.as_mapping() {
                Some(sections) => sections.iter().for_each(|(name, values)| self.section(name, values)),
                None => {
                    self.complain("no sections found; expected e.g. `comfyui:` and indented lines below it".to_owned())
                }
            },
        }
    }

    fn section(&mut self, name: &Yaml, values: &Yaml) {
        let name = name.as_str().unwrap_or_default();
        // A section that is commented out but for its name.
        if values.is_null() {
            return;
        }
        let Some(keys) = values.as_mapping() else {
            return self.complain(format!("section {name}: expected `key: folder` lines"));
        };
        let base = self.absolute(values.as_mapping_get("base_path").and_then(Yaml::as_str).unwrap_or_default());
        let is_default = values.as_mapping_get("is_default").and_then(Yaml::as_bool).unwrap_or_default();
        let origin = Origin::ExtraPaths { section: name.to_owned(), is_default };
        for (key, value) in keys {
            let key = key.as_str().unwrap_or_default();
            if NOT_MODELS.contains(&key) {
                continue;
            }
            match lines(value) {
                Some(lines) => lines.iter().for_each(|line| self.folder(base.join(expanded(line)), key, &origin)),
                None => self.complain(format!("section {name}: `{key}` is not a folder or lines of folders")),
            }
        }
    }

    fn folder(&mut self, path: PathBuf, key: &str, origin: &Origin) {
        // Without `.` and doubled slashes; `..` stays, for a link may stand before it.
        let path: PathBuf = path.components().collect();
        if path.is_dir() {
            let root = Root { path, kind: FolderKind::of_name(key), origin: origin.clone(), shallow: false };
            return self.found.roots.push(root);
        }
        let Origin::ExtraPaths { section, .. } = origin else { return };
        let unset =
            unset(&path.to_string_lossy()).map(|name| format!("; ${name} is not set in the environment of Genonaut"));
        let by = format!("{}, section {section}, {key}{}", self.file.display(), unset.unwrap_or_default());
        self.found.problems.push(Problem::Missing { path, by });
    }

    /// Relative paths begin where the file lies.
    fn absolute(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(expanded(path))
    }

    fn complain(&mut self, reason: String) {
        self.found.problems.push(Problem::Settings { path: self.file.to_owned(), reason });
    }
}

/// One folder a line, whether as a text or, more kindly than ComfyUI, as a list.
fn lines<'a>(value: &'a Yaml) -> Option<Vec<&'a str>> {
    let texts: Vec<&str> = match value.as_sequence() {
        Some(list) => list.iter().map(Yaml::as_str).collect::<Option<_>>()?,
        None if value.is_null() => vec![],
        None => vec![value.as_str()?],
    };
    Some(texts.into_iter().flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()).collect())
}

/// Of a key that stands twice the last one counts, as in ComfyUI.
fn documents(text: &str) -> Result<Vec<Yaml<'_>>, ScanError> {
    let mut loader = YamlLoader::default();
    loader.allow_duplicate_keys(true);
    Parser::new_from_str(text).load(&mut loader, true)?;
    match loader.error() {
        Some(error) => Err(error.clone()),
        None => Ok(loader.into_documents()),
    }
}

/// `~` is the user's home, `$NAME` and `${NAME}` a variable of the environment, as in a shell.
fn expanded(path: &str) -> PathBuf {
    home(&with_variables(path, |name| env::var(name).ok()))
}

fn home(path: &str) -> PathBuf {
    match (path.strip_prefix('~'), env::home_dir()) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// What has no value stays as it is.
fn with_variables(path: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        let (name, length) = variable(&rest[at..]);
        let value = value(name).filter(|_| !name.is_empty());
        expanded += &rest[..at];
        expanded += value.as_deref().unwrap_or(&rest[at..at + length]);
        rest = &rest[at + length..];
    }
    expanded + rest
}

/// The name behind a dollar sign, and the bytes of all of it.
fn variable(text: &str) -> (&str, usize) {
    if let Some((name, _)) = text.strip_prefix("${").and_then(|inner| inner.split_once('}')) {
        return (name, name.len() + 3);
    }
    let end = text[1..].find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).map_or(text.len(), |end| end + 1);
    (&text[1..end], end)
}

/// A variable that a path still names.
fn unset(path: &str) -> Option<&str> {
    Some(variable(&path[path.find('$')?..]).0).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{unset, with_variables};

    #[test]
    fn variables_are_expanded_as_python_expands_them() {
        let value = |name: &str| (name == "MODELS").then(|| "/disk/models".to_owned());
        for (path, expected) in [
            ("$MODELS", "/disk/models"),
            ("${MODELS}/loras", "/disk/models/loras"),
            ("a/$MODELS-x$MODELS.y", "a//disk/models-x/disk/models.y"),
            ("$NONE/${NONE}/$/${", "$NONE/${NONE}/$/${"),
            ("größe", "größe"),
        ] {
            assert_eq!(with_variables(path, value), expected, "{path}");
        }
        assert_eq!((unset("/a/${NONE}/b"), unset("/a/$"), unset("/a")), (Some("NONE"), None, None));
    }
}
