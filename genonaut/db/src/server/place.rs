//! Where a private server keeps its files: below the data folder, where its account can reach them.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::account::Account;

/// What root's data folder is, and where clusters go that their account could not reach.
const SYSTEM: &str = "/var/lib/genonaut";

/// The longest socket path is about 104 bytes on every system; this leaves room for the socket's own name.
const LONGEST_FOLDER: usize = 85;

/// Where data is kept unless `--data` says otherwise.
pub fn default_data() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return SYSTEM.into();
    }
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = folder("HOME").unwrap_or_else(|| "/tmp".into());
    if cfg!(target_os = "macos") {
        return home.join("Library/Application Support/genonaut");
    }
    folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")).join("genonaut")
}

/// Folder of the cluster: `data` itself, or one of its own when `account` cannot get there.
pub(super) fn home(data: &Path, account: Option<&Account>) -> PathBuf {
    match account {
        Some(account) if !reaches(account, data) => Path::new(SYSTEM).join("elsewhere").join(fingerprint(data)),
        _ => data.to_owned(),
    }
}

/// Folder of the socket. Where the path would be too long, root has a place of its own; others have the temporary folder,
/// where a folder that somebody else has made is refused.
pub(super) fn sockets(home: &Path) -> PathBuf {
    let (near, user) = (home.join("run"), nix::unistd::geteuid());
    if near.as_os_str().len() <= LONGEST_FOLDER {
        near
    } else if user.is_root() {
        Path::new(SYSTEM).join("run").join(fingerprint(home))
    } else {
        std::env::temp_dir().join(format!("genonaut-{user}-{}", fingerprint(home)))
    }
}

fn reaches(account: &Account, folder: &Path) -> bool {
    folder.ancestors().filter_map(|parent| parent.metadata().ok()).all(|parent| {
        let mode = parent.mode();
        mode & 0o001 != 0
            || (parent.uid() == account.uid && mode & 0o100 != 0)
            || (parent.gid() == account.gid && mode & 0o010 != 0)
    })
}

/// Sixteen letters that stand for a path.
fn fingerprint(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
