//! A batch on its way into the catalogue. What the database refuses is found by halves, so that one odd file never stops
//! the others.

use genonaut_db::library::{self, Batch, Imported, NewFile, RowProblem};
use genonaut_db::{DbError, PgPool};

use super::presence::presence;

/// What became of a batch.
#[derive(Default)]
pub(super) struct Kept {
    pub imported: Imported,
    pub problems: Vec<RowProblem>,
}

/// Imports it.
///
/// # Errors
/// When the database cannot be reached, or fails for a reason that is not in a file.
pub(super) async fn keep(db: &PgPool, batch: Batch) -> Result<Kept, DbError> {
    let mut kept = Kept::default();
    let mut rest: Option<Batch> = None;
    let mut waiting = vec![batch];
    while let Some(batch) = waiting.pop() {
        match import(db, &batch, &mut kept).await {
            Err(error) if is_in_a_file(&error) => {
                let rest = rest.get_or_insert_with(|| without_files(&batch));
                match halves(batch) {
                    Ok(halves) => waiting.extend(halves),
                    Err(Some(file)) => kept.problems.push(refused(rest, &file, &error)),
                    Err(None) => return Err(error),
                }
            }
            imported => imported?,
        }
    }
    match rest {
        Some(rest) => import(db, &rest, &mut kept).await.map(|()| kept),
        None => Ok(kept),
    }
}

async fn import(db: &PgPool, batch: &Batch, kept: &mut Kept) -> Result<(), DbError> {
    let presence = presence(library::candidates(db, batch).await?).await;
    let (imported, problems) = library::import(db, batch, &presence).await?;
    kept.imported.add(&imported);
    kept.problems.extend(problems);
    Ok(())
}

/// Not when the folder has been forgotten meanwhile.
fn is_in_a_file(error: &DbError) -> bool {
    genonaut_db::is_refused(error) && !genonaut_db::is_orphan(error)
}

/// What a batch says of its folders, for when each of its files is through.
fn without_files(batch: &Batch) -> Batch {
    let met = batch.files.iter().map(|file| (file.folder.clone(), file.name.clone())).collect();
    Batch { files: Vec::new(), met, ..batch.clone() }
}

/// Two batches of single files with half of the files each; the one file of a batch that has no halves.
fn halves(batch: Batch) -> Result<[Batch; 2], Option<Box<NewFile>>> {
    let (root, path, mut files) = (batch.root, batch.path, batch.files);
    if files.len() < 2 {
        return Err(files.pop().map(Box::new));
    }
    let half = |files, path| Batch { root, path, files, ..Batch::default() };
    let later = files.split_off(files.len() / 2);
    Ok([half(files, path.clone()), half(later, path)])
}

/// The next scan looks at its folder again.
fn refused(rest: &mut Batch, file: &NewFile, error: &DbError) -> RowProblem {
    for (_, digest) in rest.folders.iter_mut().filter(|(folder, _)| *folder == file.folder) {
        digest.clear();
    }
    let parts = [rest.path.as_str(), &file.folder, &file.name];
    let path = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    tracing::debug!("failed to store {path}: {error}");
    RowProblem { path, reason: "it cannot be stored in the catalogue and was skipped".to_owned() }
}
