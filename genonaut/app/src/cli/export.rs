//! `genonaut models export`

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use genonaut_db::{PgPool, checkpoint, lora};

use crate::export::{Delimiter, Format, Selection};

const EXAMPLES: &str = "Examples:
  genonaut models export lora > models_loras.csv
  genonaut models export checkpoint --bom --guard --output models_checkpoints.csv   for Excel
  genonaut seed --static-only --dir . --dry-run   say what a file here would change";

/// Write all models of a kind as CSV or TSV.
///
/// Without options the file holds every value as it is, for `genonaut seed` to read the same again. It does so with
/// these options too: a mark and an apostrophe that they add are taken off.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    #[arg(value_enum)]
    kind: Kind,
    /// File to write; stdout unless given. A name that ends in .tsv means tabs.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Tabs between the cells instead of commas.
    #[arg(long)]
    tsv: bool,
    /// Begin with UTF-8's byte order mark, by which Excel knows the encoding.
    #[arg(long)]
    bom: bool,
    /// Put an apostrophe before cells that a spreadsheet would take for formulas: those that begin with = + - @, a tab
    /// or a carriage return.
    #[arg(long)]
    guard: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Checkpoint,
    Lora,
}

pub async fn run(db: &PgPool, command: &Export) -> anyhow::Result<()> {
    let selection = match command.kind {
        Kind::Checkpoint => Selection::Checkpoints(checkpoint::Filter::default()),
        Kind::Lora => Selection::Loras(lora::Filter::default()),
    };
    match &command.output {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("write {}", path.display()))?;
            write(db, &selection, command.format(), file).await.with_context(|| format!("write {}", path.display()))
        }
        None => write(db, &selection, command.format(), std::io::stdout()).await,
    }
}

async fn write(db: &PgPool, selection: &Selection, format: Format, mut out: impl Write) -> anyhow::Result<()> {
    out.write_all(&selection.head(format))?;
    let mut cursor = None;
    loop {
        let (rows, next) = selection.rows(db, cursor, format).await?;
        out.write_all(&rows)?;
        match next {
            Some(_) => cursor = next,
            None => return Ok(out.flush()?),
        }
    }
}

impl Export {
    fn format(&self) -> Format {
        let is_tsv = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
        let tabs = self.tsv || self.output.as_deref().is_some_and(is_tsv);
        let delimiter = if tabs { Delimiter::Tab } else { Delimiter::Comma };
        Format { delimiter, bom: self.bom, guard: self.guard }
    }
}
