//! How many files and connections this process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// More than any machine of one person needs; programs that we start walk through all that they may have.
const ENOUGH: u64 = 65_536;
/// Connections are cheap, and not for free.
const MOST_CONNECTIONS: u64 = 4096;
/// For the database, engines, model files, images.
const RESERVED: u64 = 256;

/// Takes what the system allows. Returns how many connections that leaves room for.
pub fn raise() -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return connections(RESERVED) };
    let wanted = hard.min(ENOUGH).max(soft);
    match setrlimit(Resource::RLIMIT_NOFILE, wanted, hard) {
        Ok(()) => connections(wanted),
        Err(_) => connections(soft),
    }
}

/// Where there are few, three of four.
fn connections(descriptors: u64) -> usize {
    let left = descriptors.saturating_sub(RESERVED.min(descriptors / 4));
    usize::try_from(left.min(MOST_CONNECTIONS)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!([256, 1024, 20_000].map(connections), [192, 768, 4096]);
    }
}
