//! A secret in a file, which only its owner (and a group that the owner has chosen) can read.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, ensure};

/// What may be open to others in no case, and to the group for reading alone.
const OPEN: u32 = 0o027;

/// Without the spaces and line ends around it.
///
/// # Errors
/// When it cannot be read, or others can read it.
pub fn read(file: &Path) -> anyhow::Result<String> {
    let failed = || format!("read the secret in {}", file.display());
    let mode = std::fs::metadata(file).with_context(failed)?.permissions().mode();
    ensure!(
        mode & OPEN == 0,
        "{} can be read or changed by other users of this machine (mode {:03o}); close it with `chmod 600 {}`, and use a new secret",
        file.display(),
        mode & 0o777,
        file.display()
    );
    Ok(std::fs::read_to_string(file).with_context(failed)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};

    use super::*;

    #[test]
    fn a_secret_that_others_can_read_or_change_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        write(&file, "secret\n").unwrap();
        for (mode, good) in
            [(0o600, true), (0o400, true), (0o640, true), (0o666, false), (0o644, false), (0o660, false)]
        {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let found = read(&file);
            assert_eq!(found.is_ok(), good, "{mode:o}");
            if let Err(refused) = found {
                assert!(refused.to_string().contains("chmod 600"), "{refused}");
            }
        }
        assert!(read(&folder.path().join("none")).is_err());
    }
}
