//! A batch's files with their models, before anything is written.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;
use uuid::Uuid;

use super::adopt::{NewModel, adopt};
use super::match_files::{BatchFile, FileRow, How, Match, Presence, match_files};
use super::{Batch, Content, Entry, NewFile, TABLES, Table, candidates};

/// A file with its model.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub file: &'a NewFile,
    pub entry: &'a Entry,
    pub model: Uuid,
    pub how: How,
    /// The row of `files` that was elsewhere.
    pub moved: Option<i64>,
    /// Whether the model's row follows it: the first file that is there.
    pub is_primary: bool,
    /// The path of the whole file.
    pub path: String,
    /// As the catalogue will have them; chosen so that no two models have the same.
    pub filename: Option<String>,
    pub name: Option<String>,
}

pub(super) async fn place<'a>(
    connection: &mut PgConnection,
    batch: &'a Batch,
    presence: &HashMap<i64, Presence>,
) -> sqlx::Result<Vec<Placed<'a>>> {
    let rows = candidates::rows(connection, batch, presence).await?;
    let past = candidates::past(connection, batch, &rows).await?;
    let here: HashSet<_> = batch.files.iter().map(NewFile::place).collect();
    let models: Vec<(&NewFile, &Entry)> =
        batch.files.iter().filter_map(|file| Some((file, file.entry.as_ref()?))).collect();
    let files: Vec<_> = models.iter().map(|(file, entry)| batch_file(file, entry, &rows)).collect();
    let matches = match_files(&files, &rows, &past, &here);
    let mut placed: Vec<_> =
        models.into_iter().zip(matches).map(|((file, entry), found)| placed(batch, file, entry, found)).collect();
    for table in TABLES {
        adopt_new(connection, table, &mut placed).await?;
    }
    Ok(placed)
}

impl NewFile {
    fn place(&self) -> (String, String) {
        (self.folder.clone(), self.name.clone())
    }
}

/// Hashes of a file that is as it was are those of its row.
fn batch_file(file: &NewFile, entry: &Entry, rows: &[FileRow]) -> BatchFile {
    let (place, stamp) = (file.place(), (file.size, file.modified, file.inode));
    let same = |row: &&FileRow| row.stamp == stamp && row.content.digest == file.digest;
    let row = rows.iter().find(|row| row.place.as_ref() == Some(&place)).filter(same);
    let content = Content {
        digest: file.digest.clone(),
        tensors_digest: file.tensors_digest.clone(),
        sha256: row.and_then(|row| row.content.sha256.clone()),
        tensors_sha256: row.and_then(|row| row.content.tensors_sha256.clone()),
    };
    BatchFile { place, table: entry.table, content, stamp }
}

fn placed<'a>(batch: &Batch, file: &'a NewFile, entry: &'a Entry, found: Match) -> Placed<'a> {
    let path = [&batch.path, &file.folder, &file.name].map(String::as_str);
    let path = path.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let Match { model, how, moved } = found;
    Placed { file, entry, model, how, moved, is_primary: false, path, filename: None, name: None }
}

/// Gives models that never had a file the new files that they mean.
async fn adopt_new(connection: &mut PgConnection, table: Table, placed: &mut [Placed<'_>]) -> sqlx::Result<()> {
    let new: Vec<_> = placed.iter().filter(|file| file.how == How::Added && file.entry.table == table).collect();
    if new.is_empty() {
        return Ok(());
    }
    let (paths, names): (Vec<_>, Vec<_>) = new.iter().map(|file| (&*file.path, &*file.file.name)).unzip();
    let fileless = candidates::fileless(connection, table, &paths, &names).await?;
    let new: Vec<_> = new
        .into_iter()
        .map(|file| NewModel {
            model: file.model,
            path: &file.path,
            name: &file.file.name,
            sha256: file.file.sha256.as_deref(),
        })
        .collect();
    let adopted = adopt(&new, &fileless);
    for file in placed {
        if let Some(model) = adopted.get(&file.model) {
            file.model = *model;
            if file.how == How::Added {
                file.how = How::Adopted;
            }
        }
    }
    Ok(())
}
