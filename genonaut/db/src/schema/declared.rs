//! Everything that is declared, in the order it can be created.

use sqlx::{PgConnection, raw_sql};

use crate::checkpoint::Checkpoint;
use crate::lora::Lora;
use crate::model::Model;
use crate::{accounts, drafts, engines, examples, feedback, grids, images, jobs, library, scans, sources, write};

const PARTS: [&str; 18] = [
    include_str!("prelude.sql"),
    include_str!("search.sql"),
    sources::DDL,
    Checkpoint::DDL,
    Lora::DDL,
    library::DDL,
    library::HASHING,
    library::CONTENTS,
    scans::DDL,
    accounts::DDL,
    write::DDL,
    jobs::DDL,
    images::DDL,
    grids::DDL,
    feedback::DDL,
    drafts::DDL,
    engines::DDL,
    examples::DDL,
];

/// Runs the declarations in an empty database.
pub(crate) async fn create(connection: &mut PgConnection) -> sqlx::Result<()> {
    for part in PARTS {
        raw_sql(part).execute(&mut *connection).await?;
    }
    Ok(())
}
