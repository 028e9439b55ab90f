//! The checksums of the migrations that have been made, in `SHA256SUMS` beside them: what databases have applied must
//! never change. `sha256sum -c SHA256SUMS` reads it too.

use std::path::Path;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

const SUMS: &str = "SHA256SUMS";

/// # Errors
/// When a migration is another than it was when it was made.
pub(super) fn verify(folder: &Path) -> anyhow::Result<()> {
    for (sum, name) in recorded(folder)? {
        let file = folder.join(&name);
        if file.exists() && checksum(&file)? != sum {
            bail!(
                "{name} was changed after it was generated, and databases may have it already; restore it, and change the declarations instead"
            );
        }
    }
    Ok(())
}

/// Adds a migration. One whose file is gone was never applied anywhere, and is forgotten.
pub(super) fn record(folder: &Path, name: &str) -> anyhow::Result<()> {
    let mut sums = recorded(folder)?;
    sums.retain(|(_, other)| other != name && folder.join(other).exists());
    sums.push((checksum(&folder.join(name))?, name.to_owned()));
    let lines: String = sums.iter().map(|(sum, name)| format!("{sum}  {name}\n")).collect();
    std::fs::write(folder.join(SUMS), lines).with_context(|| format!("failed to write {SUMS}"))
}

/// Checksums and names, in the order in which they were made.
fn recorded(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let file = folder.join(SUMS);
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    let pairs = text.lines().filter_map(|line| line.split_once("  "));
    Ok(pairs.map(|(sum, name)| (sum.to_owned(), name.to_owned())).collect())
}

fn checksum(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}
