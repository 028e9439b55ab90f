//! Files whose words are to be read again, though nothing has changed on the disk: a hash has become known by which
//! what lies beside them is judged, or the file that spoke for their model is gone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use genonaut_db::PgPool;
use genonaut_db::library::{self, Batch, Unheard};
use genonaut_sources::folder::{self, Folder, Found, Origin, Root, text};
use uuid::Uuid;

use super::keep::keep;
use super::read::{self, ToRead};

/// Files of one transaction.
const BATCH: i64 = 400;

/// Reads them, and brings their models up to date. Returns how many models are different now.
///
/// # Errors
/// When the database fails. Files that are not as they were are left to the next scan.
pub async fn hear_again(db: &PgPool) -> anyhow::Result<u64> {
    let (mut after, mut updated) = (0, 0);
    loop {
        let unheard = library::unheard(db, after, BATCH).await?;
        let Some(last) = unheard.last() else { return Ok(updated) };
        after = last.id;
        let mut roots: BTreeMap<Uuid, Vec<Unheard>> = BTreeMap::new();
        for file in unheard {
            roots.entry(file.root).or_default().push(file);
        }
        for (root, files) in roots {
            updated += of_root(db, root, files).await?;
        }
    }
}

async fn of_root(db: &PgPool, root: Uuid, files: Vec<Unheard>) -> anyhow::Result<u64> {
    let knowledge = super::knowledge();
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let path = files.first().map(|file| file.root_path.clone()).unwrap_or_default();
    let place = text::path(&path);
    let folder = place.clone();
    // Files of a folder that is away or whose disk is silent wait until it answers.
    if crate::patience::ask(&folder, move || place.is_dir()).await != Some(true) {
        return Ok(0);
    }
    let read = tokio::task::spawn_blocking(move || {
        let Some(first) = files.first() else { return Vec::new() };
        let place =
            Root { path: text::path(&first.root_path), kind: None, origin: Origin::Plain, shallow: first.shallow };
        read::all(&knowledge, &place, &there(&place, &files))
    })
    .await?;
    let batch = Batch { root, path, files: read, ..Batch::default() };
    let updated = keep(db, batch).await?.imported.updated;
    library::heard(db, &ids).await?;
    Ok(updated)
}

/// Those that lie there as they were.
fn there(root: &Root, files: &[Unheard]) -> Vec<ToRead> {
    let mut folders: BTreeMap<&str, Option<Folder>> = BTreeMap::new();
    let mut there = Vec::new();
    for file in files {
        let folder = folders.entry(&file.folder).or_insert_with(|| folder::again(root, &text::path(&file.folder)));
        let path: PathBuf = text::path(&file.folder).join(text::path(&file.name));
        let found = folder.as_ref().and_then(|folder| folder.models.iter().find(|found| found.path == path));
        if let Some(found) = found.filter(|found| is_untouched(file, found)) {
            there.push(ToRead {
                found: found.clone(),
                sha256: file.sha256.clone(),
                tensors_sha256: file.tensors_sha256.clone(),
            });
        }
    }
    there
}

fn is_untouched(file: &Unheard, found: &Found) -> bool {
    (file.size, file.modified, file.inode) == (read::whole(found.size), found.modified, read::whole(found.inode))
}
