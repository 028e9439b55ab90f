//! Tables that were uploaded, to be looked at and imported: files of the system's temporary folder, few and for an hour.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use genonaut_db::accounts::Viewer;
use genonaut_db::seed::{FileWins, Import, Imported};
use tempfile::TempPath;
use uuid::Uuid;

const LIFETIME: Duration = Duration::from_secs(3600);
/// Files of one account; the oldest makes room.
const MOST_OF_ONE: usize = 4;
const MOST: usize = 32;

#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<Vec<Arc<Upload>>>>);

/// A table, until it was imported and after that.
pub struct Upload {
    pub id: Uuid,
    /// What it is called where it comes from.
    pub name: String,
    pub table: &'static str,
    /// What the import came to. Held while it runs, so that it runs once.
    pub imported: tokio::sync::Mutex<Option<Arc<Imported>>>,
    file: TempPath,
    owner: Option<Uuid>,
    begun: Instant,
}

impl Upload {
    pub fn new(owner: Viewer, name: String, table: &'static str, file: TempPath) -> Self {
        let (id, imported) = (Uuid::new_v4(), tokio::sync::Mutex::default());
        Self { id, name, table, imported, file, owner: owner.account(), begun: Instant::now() }
    }

    pub fn import(&self, file_wins: FileWins) -> Import<'_> {
        Import { path: &self.file, name: &self.name, table: self.table, file_wins }
    }
}

impl Uploads {
    pub fn add(&self, upload: Upload) -> Uuid {
        let id = upload.id;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.begun.elapsed() < LIFETIME);
        let is_theirs = |known: &Arc<Upload>| known.owner == upload.owner;
        if all.iter().filter(|known| is_theirs(known)).count() >= MOST_OF_ONE
            && let Some(oldest) = all.iter().position(is_theirs)
        {
            all.remove(oldest);
        }
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(Arc::new(upload));
        id
    }

    /// Nobody sees what another account has uploaded.
    pub fn find(&self, id: Uuid, viewer: Viewer) -> Option<Arc<Upload>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|upload| upload.id == id && upload.begun.elapsed() < LIFETIME);
        found.filter(|upload| viewer.sees(upload.owner)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(uploads: &Uploads, owner: Viewer) -> Uuid {
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        uploads.add(Upload::new(owner, "a.csv".to_owned(), "models_loras", file))
    }

    #[test]
    fn uploads_are_their_owners_and_the_oldest_makes_room() {
        let (uploads, one, other) = (Uploads::default(), Viewer::Own(Uuid::new_v4()), Viewer::Own(Uuid::new_v4()));
        let (first, theirs) = (add(&uploads, one), add(&uploads, other));
        assert!(uploads.find(first, one).is_some() && uploads.find(first, Viewer::EVERYTHING).is_some());
        assert!(uploads.find(first, other).is_none() && uploads.find(Uuid::new_v4(), one).is_none());
        let path = uploads.find(first, one).unwrap().file.to_path_buf();
        let later: Vec<_> = (0..MOST_OF_ONE).map(|_| add(&uploads, one)).collect();
        assert!(uploads.find(first, one).is_none() && !path.exists(), "with its file");
        assert!(later.iter().all(|id| uploads.find(*id, one).is_some()) && uploads.find(theirs, other).is_some());
        (0..MOST).for_each(|_| _ = add(&uploads, Viewer::Own(Uuid::new_v4())));
        assert!(uploads.find(theirs, other).is_none());
    }
}
