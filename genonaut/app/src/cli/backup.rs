//! `genonaut backup`

use std::path::PathBuf;

use clap::Args;
use genonaut_db::server::Server;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{complain, plain, say};
use crate::backup::{self, Places, Progress, Written};
use crate::config::{Place, Prompts, Storage};

const EXAMPLES: &str = "Examples:
  genonaut backup ~/genonaut-2026-11-30.tar
  genonaut backup /mnt/usb/genonaut.tar --images s3://bucket/images
  genonaut restore ~/genonaut-2026-11-30.tar      bring it back";

/// Write the database, images, wildcards and settings into one file.
///
/// Servers and workers may go on meanwhile: the file holds what there was at one moment. It is a tar that only you can
/// read, with a checksum of everything in it. Model files are not part of it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Backup {
    /// File to write; it must not exist yet.
    file: PathBuf,
    #[command(flatten)]
    kept: Kept,
}

/// Where everything is but the database.
#[derive(Debug, Args)]
pub struct Kept {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    prompts: Prompts,
}

pub async fn run(place: &Place, command: &Backup) -> anyhow::Result<()> {
    let server = place.server().await?;
    let done = tokio::select! {
        done = write(place, &server, command) => done,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; no backup was written")),
    };
    server.stop().await?;
    done
}

async fn write(place: &Place, server: &Server, command: &Backup) -> anyhow::Result<()> {
    let bar = Bar::new();
    let written = backup::write(server, &command.kept.places(place)?, &command.file, &bar).await;
    bar.0.finish_and_clear();
    let Written { size, rows, files, left_out } = written?;
    for file in &left_out {
        complain(&format!("left out, because the file is gone: {}", plain(file)));
    }
    let left_out = match left_out.len() {
        0 => String::new(),
        number => format!(", {number} left out"),
    };
    say(format!(
        "wrote {}: {rows} rows, {files} files{left_out}, {} MiB",
        command.file.display(),
        size.div_ceil(1 << 20)
    ))
}

impl Kept {
    pub fn places(&self, place: &Place) -> anyhow::Result<Places> {
        let images = self.storage.pictures(place)?;
        Ok(Places { data: place.data.clone(), images, wildcards: self.prompts.folder(place) })
    }
}

/// Progress on the terminal, if it is one.
pub struct Bar(pub ProgressBar);

impl Bar {
    pub fn new() -> Self {
        let bar = ProgressBar::no_length();
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} files  {eta} left  {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self(bar)
    }
}

impl Progress for Bar {
    fn begin(&self, what: &'static str, files: u64) {
        self.0.reset();
        self.0.set_length(files);
        self.0.set_message(what);
    }

    fn step(&self) {
        self.0.inc(1);
    }
}
