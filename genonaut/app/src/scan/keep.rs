//! A batch on its way into the catalogue. What the database refuses is found by halves, so that one odd file never stops
//! the others.

use genonaut_db::library::{self, Batch, Imported, RowProblem};
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
    let mut waiting = vec![batch];
    while let Some(batch) = waiting.pop() {
        let presence = presence(library::candidates(db, &batch).await?).await;
        match library::import(db, &batch, &presence).await {
            Ok((imported, problems)) => {
                kept.imported.add(&imported);
                kept.problems.extend(problems);
            }
            // The folder has been forgotten meanwhile.
            Err(error) if genonaut_db::is_orphan(&error) => return Err(error),
            Err(error) if genonaut_db::is_refused(&error) => match halves(batch) {
                Ok(halves) => waiting.extend(halves),
                Err(Some(path)) => {
                    tracing::debug!("{path} is not kept: {error}");
                    let reason = "the catalogue cannot keep what it says; the file is left out".to_owned();
                    kept.problems.push(RowProblem { path, reason });
                }
                Err(None) => return Err(error),
            },
            Err(error) => return Err(error),
        }
    }
    Ok(kept)
}

/// Two batches with half of the files each; the path of the one file of a batch that has no halves. Nothing of a batch in
/// halves says that its folders were read whole: the next scan looks at them again.
fn halves(mut batch: Batch) -> Result<[Batch; 2], Option<String>> {
    if batch.files.len() < 2 {
        return Err(batch.files.pop().map(|file| {
            let parts = [batch.path.as_str(), &file.folder, &file.name];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
        }));
    }
    let files = batch.files.split_off(batch.files.len() / 2);
    let unchanged = std::mem::take(&mut batch.unchanged);
    let rest = Batch { files, unchanged, root: batch.root, path: batch.path.clone(), folders: Vec::new() };
    Ok([Batch { folders: Vec::new(), ..batch }, rest])
}
