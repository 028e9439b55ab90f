//! The room on a disk, and its name: where it is mounted.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Bytes that we may still write below this path; `None` where the system does not say.
#[allow(clippy::useless_conversion, reason = "these numbers are narrower on other systems")]
pub fn free(path: &Path) -> Option<u64> {
    let found = nix::sys::statvfs::statvfs(path).ok()?;
    Some(u64::from(found.blocks_available()) * u64::from(found.fragment_size()))
}

/// For people: the path, the disk that it is on, and how much room is left there.
pub fn describe(path: &Path) -> String {
    let mount = mount_point(path);
    let free = free(path).map_or_else(String::new, |free| format!(", {} MiB free", free >> 20));
    if mount == path {
        format!("{}{free}", path.display())
    } else {
        format!("{} on {}{free}", path.display(), mount.display())
    }
}

/// The highest folder above that is on the same device.
fn mount_point(path: &Path) -> &Path {
    let device = |path: &Path| path.metadata().ok().map(|found| found.dev());
    let own = device(path);
    path.ancestors().take_while(|folder| device(folder) == own).last().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_called_by_where_it_is_mounted() {
        assert!(free(Path::new("/")).is_some() && free(Path::new("/no/such/folder")).is_none());
        assert_eq!(mount_point(Path::new("/proc/self")), Path::new("/proc"));
        assert!(describe(Path::new("/proc/self")).starts_with("/proc/self on /proc, "));
    }
}
