//! `genonaut seed`

use std::path::{Path, PathBuf};

use clap::Args;
use genonaut_db::PgPool;
use genonaut_db::seed::{self, FieldConflict, FileReport, FileWins, Options, Report};
use genonaut_db::server::Server;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{json, plain, say};
use crate::config::Place;

const EXAMPLES: &str = "Examples:
  genonaut seed --static-only --dir ~/my-models --dry-run   show what those files would change
  genonaut seed --static-only --dir ~/my-models --file-wins --dry-run   list your edits that they overwrite
  genonaut seed --rows 100000                               seed files, then synthetic models
  genonaut seed --remove-synthetic                          remove the synthetic models";

/// A CSV or TSV file named like a table fills that table. Your edits are kept and listed. A file
/// with problems is not applied; all its problems are listed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Seed {
    /// Import the seed files only, without synthetic models.
    #[arg(long, conflicts_with_all = ["rows", "seed"])]
    static_only: bool,
    /// Folder of seed files; the built-in ones if omitted.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Number of synthetic models to generate.
    #[arg(long, default_value_t = 0)]
    rows: u64,
    /// Random seed: the same number generates the same models.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Remove all synthetic models, and do nothing else.
    #[arg(long, conflicts_with_all = ["rows", "seed", "static_only", "dir", "dry_run", "file_wins"])]
    remove_synthetic: bool,
    /// Show what would change, without changing anything.
    #[arg(long)]
    dry_run: bool,
    /// Let the files overwrite your edits, and list those first. Empty cells overwrite nothing, and `path` and
    /// `filename` follow the file on the disk. Rows that you deleted come back.
    #[arg(long)]
    file_wins: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(place: &Place, command: &Seed) -> anyhow::Result<()> {
    let server = place.server().await?;
    let db = genonaut_db::connect(server.options()).await?;
    let done = seed(&server, &db, command).await;
    db.close().await;
    server.stop().await?;
    done
}

async fn seed(server: &Server, db: &PgPool, command: &Seed) -> anyhow::Result<()> {
    super::ensure_current(server, db).await?;
    if command.remove_synthetic {
        let removed = seed::remove_synthetic(db).await?;
        return say(format!("removed {removed} synthetic models"));
    }
    static_files(db, command).await?;
    if !command.static_only && command.rows > 0 {
        synthetic(db, command).await?;
    }
    Ok(())
}

async fn static_files(db: &PgPool, command: &Seed) -> anyhow::Result<()> {
    let shipped = Shipped::new(command.dir.as_deref())?;
    let options = command.options();
    if command.file_wins && !command.dry_run && !command.json {
        let report = read(db, shipped.folder(), &Options { dry_run: true, ..options.clone() }).await?;
        report.files.iter().try_for_each(print_overwritten)?;
    }
    let report = read(db, shipped.folder(), &options).await?;
    if command.json {
        json(&report)?
    } else {
        print(&report, command.dry_run)?
    }
    let wrong = report.files.iter().filter(|file| !file.problems.is_empty()).count();
    anyhow::ensure!(wrong == 0, "{wrong} of {} files have problems and were not applied", report.files.len());
    Ok(())
}

async fn read(db: &PgPool, folder: &Path, options: &Options) -> anyhow::Result<Report> {
    let bar = ProgressBar::new_spinner();
    let show = |progress: seed::Progress| bar.set_message(format!("{}: {} rows", progress.file, progress.rows));
    let report = seed::from_folder(db, folder, options, show).await?;
    bar.finish_and_clear();
    Ok(report)
}

impl Seed {
    fn options(&self) -> Options {
        let file_wins = if self.file_wins { FileWins::Everywhere } else { FileWins::Nowhere };
        Options { dry_run: self.dry_run, file_wins }
    }
}

fn print(report: &Report, dry_run: bool) -> anyhow::Result<()> {
    for file in &report.files {
        print_file(file, dry_run)?;
    }
    for file in &report.strangers {
        say(format!("{}: ignored, no table has this name", plain(file)))?;
    }
    Ok(())
}

fn print_file(report: &FileReport, dry_run: bool) -> anyhow::Result<()> {
    let file = plain(&report.file);
    for problem in &report.problems {
        say(format!("{file}:{problem}"))?;
    }
    if !report.problems.is_empty() {
        return say(format!("{file}: not applied"));
    }
    if dry_run {
        print_overwritten(report)?;
    }
    let counts = &report.counts;
    let would = if dry_run { " (dry run: nothing changed)" } else { "" };
    let numbers = format!(
        "inserted {}, updated {}, unchanged {}, kept {}",
        counts.inserted, counts.updated, counts.unchanged, counts.kept
    );
    let edits = match counts.kept_fields {
        0 => String::new(),
        fields => format!("; {fields} edited fields kept"),
    };
    let deleted = match report.deleted {
        0 => String::new(),
        1 => "; 1 deleted row left out".to_owned(),
        rows => format!("; {rows} deleted rows left out"),
    };
    say(format!("{file} → {}: {numbers}{edits}{deleted}{would}", report.table))?;
    print_conflicts(&report.kept_list, counts.kept_fields, |field| {
        format!("stays {}, the file has {}", value(&field.current), value(&field.file))
    })
}

fn print_overwritten(report: &FileReport) -> anyhow::Result<()> {
    let count = report.counts.overwritten_fields;
    if count == 0 {
        return Ok(());
    }
    say(format!("{}: overwrites {count} edited fields", plain(&report.file)))?;
    print_conflicts(&report.overwritten_list, count, |field| {
        format!("{} becomes {}", value(&field.current), value(&field.file))
    })
}

fn print_conflicts(
    fields: &[FieldConflict],
    count: i64,
    outcome: impl Fn(&FieldConflict) -> String,
) -> anyhow::Result<()> {
    for field in fields {
        say(format!("  line {}, {}: {} {}", field.line, plain(&field.model), plain(&field.field), outcome(field)))?;
    }
    match count - fields.len() as i64 {
        ..=0 => Ok(()),
        more => say(format!("  and {more} more")),
    }
}

/// As JSON, on one line and not too long.
fn value(value: &serde_json::Value) -> String {
    const LONGEST: usize = 80;
    let text = if value.is_null() { "nothing".to_owned() } else { plain(&value.to_string()) };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

async fn synthetic(db: &PgPool, command: &Seed) -> anyhow::Result<()> {
    if command.dry_run {
        return say(format!("would generate {} synthetic models (dry run: nothing changed)", command.rows));
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} models, {per_sec}, {eta} left")?;
    let bar = ProgressBar::new(command.rows).with_style(style);
    let added = seed::add_synthetic(db, command.seed, command.rows, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    say(format!("generated {added} synthetic models ({} existed)", command.rows - added))
}

/// The seed files that come with the program, laid out in a folder while they are needed.
enum Shipped {
    Given(PathBuf),
    Unpacked(tempfile::TempDir),
}

impl Shipped {
    const FILES: [(&str, &str); 2] = [
        ("models_checkpoints.csv", include_str!("../../../db/demo/seed_data_static/models_checkpoints.csv")),
        ("models_loras.csv", include_str!("../../../db/demo/seed_data_static/models_loras.csv")),
    ];

    fn new(given: Option<&Path>) -> anyhow::Result<Self> {
        // In the repository its folder counts, so that a file added there is read without a new build.
        let repository = Path::new("genonaut/db/demo/seed_data_static");
        if let Some(folder) = given.or_else(|| repository.is_dir().then_some(repository)) {
            return Ok(Self::Given(folder.to_owned()));
        }
        let folder = tempfile::tempdir()?;
        for (name, text) in Self::FILES {
            std::fs::write(folder.path().join(name), text)?;
        }
        Ok(Self::Unpacked(folder))
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Given(folder) => folder,
            Self::Unpacked(folder) => folder.path(),
        }
    }
}
