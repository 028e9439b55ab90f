//! Which file of a batch is its model's primary file, where several files are that model: the first one that is there.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Batch, Placed};

/// Notes which files of a batch, whose rows are written, are primary: their row of the model is theirs.
pub(super) async fn choose(
    connection: &mut PgConnection,
    batch: &Batch,
    placed: &mut [Placed<'_>],
) -> sqlx::Result<()> {
    let models: Vec<Uuid> = placed.iter().map(|file| file.model).collect();
    let first: Vec<(Uuid, Uuid, String, String)> = sqlx::query_as(
        "SELECT DISTINCT ON (model) model, root, folder, name FROM files WHERE model = ANY($1)
         ORDER BY model, missing_since IS NOT NULL, id",
    )
    .bind(models)
    .fetch_all(connection)
    .await?;
    let first: HashMap<Uuid, (Uuid, String, String)> =
        first.into_iter().map(|(model, root, folder, name)| (model, (root, folder, name))).collect();
    for file in placed {
        let here = |(root, folder, name): &(Uuid, String, String)| {
            *root == batch.root && *folder == file.file.folder && *name == file.file.name
        };
        file.is_primary = first.get(&file.model).is_some_and(here);
    }
    Ok(())
}
