//! `genonaut models scan`, and what it has found.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use genonaut_db::{PgPool, architecture, library, scans};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::output::{complain, json, plain, say};
use crate::scan::{self, Done, Options, Report};

const EXAMPLES: &str = "Examples:
  genonaut models scan ~/ComfyUI                 all model folders in it, and those of its extra_model_paths.yaml
  genonaut models scan /disk/loras --dry-run     read and count, without changes
  genonaut models scan                           all library folders; unchanged files are not opened
  genonaut models scan --report                  list skipped and other files, with the reason";

/// Import folders of models into the catalogue. No file is written, moved or deleted. Your edits are kept; a model
/// without its file is marked as missing until the file is restored.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Scan {
    /// Folders, programs' folders (ComfyUI, A1111, Forge, SwarmUI, StabilityMatrix, InvokeAI), or extra_model_paths.yaml
    /// files; all library folders if omitted.
    paths: Vec<PathBuf>,
    /// Read and count files without changing anything.
    #[arg(long)]
    dry_run: bool,
    /// Read all files again, even unchanged ones.
    #[arg(long)]
    anew: bool,
    /// List files that are neither checkpoint nor LoRA, without scanning.
    #[arg(long, conflicts_with_all = ["paths", "dry_run", "anew"])]
    report: bool,
    /// Hash the files afterwards; `serve` does that in the background.
    #[arg(long, conflicts_with_all = ["dry_run", "report"])]
    hash: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(db: &PgPool, command: &Scan) -> anyhow::Result<()> {
    if command.report {
        return others(db, command.json).await;
    }
    let stopped = until_interrupted();
    let done = scanned(db, command, &stopped).await?;
    if command.json {
        json(&done.report)?
    } else {
        print(&done.report, command.dry_run)?
    }
    if command.hash && !done.cancelled {
        super::hash::run(db, &stopped).await?;
    }
    anyhow::ensure!(!done.cancelled, "stopped; imported files are kept, and the next scan continues from there");
    Ok(())
}

/// Ctrl+C stops after the batch at hand, which is kept.
fn until_interrupted() -> Arc<AtomicBool> {
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = stopped.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
    });
    stopped
}

async fn scanned(db: &PgPool, command: &Scan, stopped: &AtomicBool) -> anyhow::Result<Done> {
    let bar = bar();
    let tell = |report: &Report| {
        show(&bar, report);
        scan::unless(stopped.load(Ordering::Relaxed))
    };
    let options = Options { dry_run: command.dry_run, anew: command.anew, ..Options::default() };
    let done = if command.dry_run || command.anew {
        scan::scan(db, &command.paths, options, tell).await
    } else {
        let names: Vec<_> = command.paths.iter().map(|path| path.display().to_string()).collect();
        let begun = scans::begin(db, &names).await?;
        scan::follow(db, begun.id, &command.paths, tell).await
    };
    bar.finish_and_clear();
    done.map_err(|error| anyhow::anyhow!(scan::in_words(&error)))
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} files  {per_sec}  {eta} left  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

fn show(bar: &ProgressBar, report: &Report) {
    bar.set_length(report.expected.unwrap_or(report.files).max(report.files));
    bar.set_position(report.unchanged + report.read);
    bar.set_message(plain(report.current.as_deref().unwrap_or_default()));
}

fn print(report: &Report, dry_run: bool) -> anyhow::Result<()> {
    for trouble in &report.trouble_list {
        complain(&format!("{}: {} ({})", plain(&trouble.path), plain(&trouble.reason), plain(&trouble.code)));
    }
    if report.troubles > report.trouble_list.len() as u64 {
        complain(&format!("… and {} more", report.troubles - report.trouble_list.len() as u64));
    }
    let kinds: Vec<_> =
        report.kinds.iter().map(|(kind, files)| format!("{files} {}", kind.replace('_', " "))).collect();
    let Report { files, folders, unchanged, read, seconds, .. } = report;
    say(format!("{files} files in {folders} folders: {unchanged} unchanged, {read} read ({})", kinds.join(", ")))?;
    let found = &report.imported;
    let counts = [
        (found.added, "new"),
        (found.adopted, "matched to seed models"),
        (found.updated, "changed"),
        (found.moved, "moved"),
        (found.copies, "copies"),
        (found.back, "restored"),
        (found.missing, "missing"),
    ];
    let counts: Vec<_> =
        counts.iter().filter(|count| count.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let counts = if counts.is_empty() { "nothing new".to_owned() } else { counts.join(", ") };
    say(format!("{}{counts}; {seconds:.1} s", if dry_run { "nothing changed; " } else { "" }))
}

/// Files that are there and are neither checkpoint nor LoRA.
async fn others(db: &PgPool, as_json: bool) -> anyhow::Result<()> {
    let kinds = library::kinds(db).await?;
    let mut listed = Vec::new();
    loop {
        let after = listed.last().map_or(String::new(), |file: &library::FileProblem| file.path.clone());
        let page = library::problems(db, &after, 1000).await?;
        let last = page.len() < 1000;
        listed.extend(page);
        if last {
            break;
        }
    }
    if as_json {
        return json(&json!({ "kinds": kinds, "files": listed }));
    }
    for kind in kinds {
        say(format!(
            "{:>8}  {}{}",
            kind.files,
            kind.kind,
            if kind.missing > 0 { format!(" ({} missing)", kind.missing) } else { String::new() }
        ))?;
    }
    listed.iter().try_for_each(|file| {
        let fits = file.fits.iter().take(2).map(|id| architecture::label(id)).collect::<Vec<_>>().join(" or ");
        let role = file.role.as_deref().filter(|role| *role != file.kind && *role != "unknown");
        let what =
            [Some(file.kind.as_str()), role, Some(fits.as_str())].into_iter().flatten().filter(|word| !word.is_empty());
        let what = file.reason.clone().unwrap_or_else(|| what.collect::<Vec<_>>().join(", "));
        say(format!("{}: {}", plain(&file.path), plain(&what)))
    })
}
