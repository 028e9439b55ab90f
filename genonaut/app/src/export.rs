//! Models as a table in the seed files' own form: reading it again gives the same rows.

mod columns;
mod format;

use genonaut_db::page::{Cursor, Page, PageRequest, Sort};
use genonaut_db::{DbError, PgPool, checkpoint, lora};

use columns::{CHECKPOINT, Column, LORA};
pub use format::{Delimiter, Format};

/// Rows that are in memory at once.
const ROWS: u16 = 500;

/// Which models.
#[derive(Debug, Clone)]
pub enum Selection {
    Checkpoints(checkpoint::Filter),
    Loras(lora::Filter),
}

impl Selection {
    /// Seeding knows the table by the file's name.
    pub fn file_name(&self, format: Format) -> String {
        let table = match self {
            Self::Checkpoints(_) => "models_checkpoints",
            Self::Loras(_) => "models_loras",
        };
        format!("{table}.{}", format.delimiter.extension())
    }

    /// The line that names the columns.
    pub fn head(&self, format: Format) -> Vec<u8> {
        match self {
            Self::Checkpoints(_) => format.head(names(CHECKPOINT)),
            Self::Loras(_) => format.head(names(LORA)),
        }
    }

    /// The rows behind a cursor, and where the next are: in the one order that no edit changes, so that no row is met twice
    /// or left out.
    pub async fn rows(
        &self,
        db: &PgPool,
        cursor: Option<Cursor>,
        format: Format,
    ) -> Result<(Vec<u8>, Option<Cursor>), DbError> {
        let request = PageRequest { sort: Sort::Newest, limit: ROWS, cursor, ..PageRequest::default() };
        Ok(match self {
            Self::Checkpoints(filter) => lines(checkpoint::list(db, filter, &request).await?, CHECKPOINT, format),
            Self::Loras(filter) => lines(lora::list(db, filter, &request).await?, LORA, format),
        })
    }
}

fn names<T>(columns: &[Column<T>]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(|column| column.0)
}

fn lines<T>(page: Page<T>, columns: &[Column<T>], format: Format) -> (Vec<u8>, Option<Cursor>) {
    let mut lines = Vec::new();
    for model in &page.items {
        format.line(&mut lines, columns.iter().map(|column| column.1(model)));
    }
    (lines, page.next)
}
