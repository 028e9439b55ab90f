//! Folders to import: those of known programs, and a list of what is there to browse.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::accounts::Viewer;
use genonaut_db::{DbError, PgPool, library};
use genonaut_sources::folder::{self, text};

use crate::app::App;
use crate::patience;
use crate::scan;
use crate::web::answer::{Failure, Htmx};
use crate::web::query::Pairs;

/// Folders that are listed of one.
const LISTED: usize = 300;

pub struct Folders {
    /// Of programs that keep models, as far as they are not imported.
    pub programs: Vec<Program>,
    /// Missing for who does not see everything here.
    pub here: Option<Here>,
}

pub struct Program {
    pub label: String,
    pub path: String,
}

/// A folder whose folders are listed.
pub struct Here {
    pub path: String,
    /// The query that lists the folder above.
    pub up: Option<String>,
    pub folders: Vec<Below>,
    pub said: String,
    /// Somebody has asked for this one.
    pub asked: bool,
}

pub struct Below {
    pub name: String,
    pub query: String,
}

#[derive(Template)]
#[template(path = "imports/folders.html")]
struct Part<'a> {
    folders: &'a Folders,
}

/// Without htmx the page that has them.
pub async fn show(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    if !htmx.partial {
        return Ok(Redirect::to(super::PLACE).into_response());
    }
    let folders = Folders::load(&app.db, htmx.viewer, at(&pairs)).await.map_err(|error| htmx.failure(error))?;
    htmx.html(&Part { folders: &folders })
}

/// The folder that is asked for.
pub fn at(pairs: &[(String, String)]) -> Option<&str> {
    pairs.iter().find(|(key, _)| key == "at").map(|(_, path)| path.as_str())
}

/// A path as somebody has typed or pasted it.
pub fn entered(path: &str) -> String {
    folder::entered(path, std::env::home_dir().as_deref()).to_string_lossy().into_owned()
}

impl Folders {
    pub async fn load(db: &PgPool, viewer: Viewer, at: Option<&str>) -> Result<Self, DbError> {
        if !viewer.administers() {
            return Ok(Self { programs: Vec::new(), here: None });
        }
        let imported: Vec<PathBuf> = library::roots(db).await?.iter().map(|root| text::path(&root.path)).collect();
        let programs = match std::env::home_dir() {
            Some(home) => programs(home, &imported).await,
            None => Vec::new(),
        };
        Ok(Self { programs, here: Some(Here::load(at).await) })
    }
}

async fn programs(home: PathBuf, imported: &[PathBuf]) -> Vec<Program> {
    let within = home.clone();
    let found = patience::ask(&home, move || folder::known(&within)).await.unwrap_or_default();
    let is_new = |path: &Path| !imported.iter().any(|root| root.starts_with(path));
    let new = found.into_iter().filter(|(path, _)| is_new(path));
    new.filter_map(|(path, origin)| Some(Program { label: scan::origin(&origin), path: path.to_str()?.to_owned() }))
        .collect()
}

impl Here {
    async fn load(at: Option<&str>) -> Self {
        let usual = || std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
        let named = at.map(|at| PathBuf::from(entered(at))).filter(|path| path.is_absolute());
        let path = folder::normal(&named.unwrap_or_else(usual));
        let asked = path.clone();
        let listed = patience::ask(&path, move || below(&asked)).await;
        let (names, said) = match listed {
            None => (Vec::new(), "This folder does not respond. Check that its disk is connected.".to_owned()),
            Some(Err(error)) => (Vec::new(), unreadable(&error).to_owned()),
            Some(Ok(names)) if names.is_empty() => (names, "No folders here.".to_owned()),
            Some(Ok(names)) if names.len() > LISTED => {
                let said = format!("The first {LISTED} of {} folders.", names.len());
                (names, said)
            }
            Some(Ok(names)) => {
                let said = format!("{} {}.", names.len(), if names.len() == 1 { "folder" } else { "folders" });
                (names, said)
            }
        };
        let below = |name: String| Below { query: query(&path.join(&name)), name };
        Self {
            up: path.parent().map(query),
            folders: names.into_iter().take(LISTED).map(below).collect(),
            said,
            asked: at.is_some(),
            path: path.to_string_lossy().into_owned(),
        }
    }
}

fn query(path: &Path) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("at", &path.to_string_lossy()).finish()
}

/// Hidden ones and those whose names are no text are left out.
fn below(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)?.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !name.starts_with('.') && entry.path().is_dir() {
            names.push(name);
        }
    }
    names.sort_by_key(|name| name.to_lowercase());
    Ok(names)
}

fn unreadable(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "There is no such folder.",
        io::ErrorKind::PermissionDenied => "Genonaut has no permission to read this folder.",
        _ => "This folder cannot be read.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_folders_that_can_be_seen_are_listed() {
        let disk = tempfile::tempdir().unwrap();
        for name in ["b", "A & co", ".hidden"] {
            fs::create_dir(disk.path().join(name)).unwrap();
        }
        fs::write(disk.path().join("file"), "").unwrap();
        let here = Here::load(disk.path().to_str()).await;
        let names: Vec<_> = here.folders.iter().map(|folder| folder.name.as_str()).collect();
        assert_eq!((names, here.said.as_str(), here.asked), (vec!["A & co", "b"], "2 folders.", true));
        assert!(here.folders[0].query.ends_with("%2FA+%26+co") && here.up.is_some());
        assert_eq!(Here::load(Some("/no/such/folder")).await.said, "There is no such folder.");
        assert!(Here::load(Some("/")).await.up.is_none());
    }
}
