//! Which disk a file lies on: two readers on one spinning disk are slower than one.

use std::path::Path;

/// A whole disk, whatever its partitions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Disk {
    /// `major:minor`, as Linux numbers it.
    pub number: String,
    pub rotational: bool,
}

/// Missing where Linux does not say: network, overlay and memory file systems.
#[cfg(target_os = "linux")]
pub fn of(path: &Path) -> Option<Disk> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    let device = fs::metadata(path).ok()?.dev();
    let here = format!("/sys/dev/block/{}:{}", nix::sys::stat::major(device), nix::sys::stat::minor(device));
    // A partition has no queue of its own: its disk is the folder above, once the link is followed.
    let disk = [here.clone(), format!("{here}/..")].into_iter().find(|disk| Path::new(disk).join("queue").exists())?;
    let rotational = fs::read_to_string(format!("{disk}/queue/rotational")).ok()?;
    let number = fs::read_to_string(format!("{disk}/dev")).ok()?;
    Some(Disk { number: number.trim().to_owned(), rotational: rotational.trim() == "1" })
}

/// Another system says it in another way.
#[cfg(not(target_os = "linux"))]
pub fn of(_: &Path) -> Option<Disk> {
    None
}
