//! Folders and files that nobody else may enter, made so that no link or folder that somebody else has put there before
//! leads us elsewhere.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use nix::fcntl::OFlag;
use nix::unistd::geteuid;

use super::account::Account;
use super::place;

/// A folder for the server's account alone.
pub(super) fn make(path: &Path, account: Option<&Account>) -> anyhow::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => made.with_context(|| format!("make the folder {}", path.display()))?,
    }
    let folder = open_folder(path, account)?;
    if let Some(account) = account {
        let given = fchown(&folder, Some(account.uid), Some(account.gid));
        given.with_context(|| format!("give {} to the account of PostgreSQL", path.display()))?;
    }
    close(&folder, path, 0o700)
}

/// The data folder. One that is new or has been ours is closed to others; only the server's account may pass through it.
pub(super) fn make_data(path: &Path, account: Option<&Account>) -> anyhow::Result<()> {
    if !path.exists() {
        return make_new_data(path, account);
    }
    let found = path.metadata().with_context(|| format!("look at the folder {}", path.display()))?;
    let is_ours = path.join("postgres").exists() || path == place::default_data();
    // What others may write into, such as the temporary folder, is no folder of ours alone.
    let is_shared = found.mode() & 0o1002 != 0;
    // A folder that its owner has closed stays closed; the cluster has another place then.
    let is_closed = account.is_some() && found.mode() & 0o011 == 0;
    if !is_ours || is_shared || is_closed || found.uid() != geteuid().as_raw() {
        return Ok(());
    }
    close_data(path, account)
}

/// Nobody sees it before it is closed: another process would take it for one that PostgreSQL cannot reach.
fn make_new_data(path: &Path, account: Option<&Account>) -> anyhow::Result<()> {
    let failed = || format!("make the folder {}", path.display());
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_passage(parent)?;
    }
    // Without a slash at its end.
    let mut new = path.components().collect::<PathBuf>().into_os_string();
    new.push(format!(".new-{}", std::process::id()));
    DirBuilder::new().recursive(true).mode(0o700).create(&new).with_context(failed)?;
    close_data(Path::new(&new), account)?;
    if let Err(error) = fs::rename(&new, path) {
        // Another process was faster.
        fs::remove_dir(&new).ok();
        ensure!(path.is_dir(), "{}: {error}", failed());
    }
    Ok(())
}

fn close_data(path: &Path, account: Option<&Account>) -> anyhow::Result<()> {
    let folder = File::open(path).with_context(|| format!("open the folder {}", path.display()))?;
    let Some(account) = account else { return close(&folder, path, 0o700) };
    fchown(&folder, None, Some(account.gid)).with_context(|| format!("open {} to PostgreSQL", path.display()))?;
    close(&folder, path, 0o710)
}

/// Makes a folder that is not there, and those above it, for everybody to pass through: what is private lies below.
pub(super) fn make_passage(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_passage(parent)?;
    }
    let made = || format!("make the folder {}", path.display());
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        new => {
            new.with_context(made)?;
            fs::set_permissions(path, Permissions::from_mode(0o755)).with_context(made)
        }
    }
}

/// A file for our own processes, made if it is not there.
pub(super) fn file(path: &Path) -> anyhow::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
    let file = options.open(path).with_context(|| format!("open {}", path.display()))?;
    let found = file.metadata().with_context(|| format!("look at {}", path.display()))?;
    ensure!(
        found.uid() == geteuid().as_raw() || geteuid().is_root(),
        "{} belongs to another user, who could keep us waiting for ever; remove it, or name another --data",
        path.display()
    );
    close(&file, path, 0o600).map(|()| file)
}

fn open_folder(path: &Path, account: Option<&Account>) -> anyhow::Result<File> {
    let mut options = File::options();
    options.read(true).custom_flags((OFlag::O_NOFOLLOW | OFlag::O_DIRECTORY).bits());
    let strange =
        || format!("{} is a link or belongs to another user; look at who put it there, and remove it", path.display());
    let folder = options.open(path).with_context(strange)?;
    let owner = folder.metadata().with_context(strange)?.uid();
    ensure!(owner == geteuid().as_raw() || account.is_some_and(|account| account.uid == owner), strange());
    Ok(folder)
}

fn close(file: &File, path: &Path, mode: u32) -> anyhow::Result<()> {
    let closed = file.set_permissions(Permissions::from_mode(mode));
    closed.with_context(|| format!("close {} to others", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o777
    }

    #[test]
    fn a_folder_that_is_made_is_closed_to_others() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("a");
        make(&folder, None).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        make(&folder, None).unwrap();
        assert_eq!(mode(&folder), 0o700);
        let data = temporary.path().join("b/c/data");
        make_data(&data, None).unwrap();
        assert_eq!((mode(&data), mode(data.parent().unwrap())), (0o700, 0o755));
    }

    /// Somebody has put it into the temporary folder, to have us give them what it leads to.
    #[test]
    fn a_link_in_place_of_a_folder_or_file_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let (target, link) = (temporary.path().join("target"), temporary.path().join("link"));
        fs::create_dir(&target).unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let refused = format!("{:#}", make(&link, None).unwrap_err());
        assert!(refused.contains("is a link"), "{refused}");
        assert_eq!(mode(&target), 0o755);
        std::os::unix::fs::symlink("/dev/null", temporary.path().join("lock")).unwrap();
        assert!(file(&temporary.path().join("lock")).is_err());
    }

    #[test]
    fn a_lock_file_is_closed_to_others_even_if_it_was_open() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("starting.lock");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        file(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    /// It may be the home of somebody, or the temporary folder.
    #[test]
    fn a_folder_that_was_there_and_is_not_ours_is_left_as_it_is() {
        let temporary = tempfile::tempdir().unwrap();
        fs::set_permissions(temporary.path(), Permissions::from_mode(0o755)).unwrap();
        make_data(temporary.path(), None).unwrap();
        assert_eq!(mode(temporary.path()), 0o755);
        fs::create_dir(temporary.path().join("postgres")).unwrap();
        make_data(temporary.path(), None).unwrap();
        assert_eq!(mode(temporary.path()), 0o700);
    }
}
