//! One reading gives what every tool and store calls a file by.

use std::fs;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use genonaut_sources::disk;
use genonaut_sources::hash::{self, Error, Hashes, Options};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};

use crate::support::{cases, write_safetensors};
use crate::write;

fn on(progress: u64) -> ControlFlow<()> {
    assert!(progress > 0);
    ControlFlow::Continue(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes `count` bytes that look random as the one tensor of a file. Returns its path and where the data begins.
fn vector(count: u64) -> (TempDir, PathBuf, u64) {
    let data: Vec<u8> = (0..count).map(|i| ((i * 2_654_435_761) >> 24) as u8).collect();
    let claim = format!("0x{}", hexadecimal(&Sha256::digest(&data)));
    let home = tempdir().unwrap();
    let path = home.path().join("a.safetensors");
    let metadata = [("modelspec.hash_sha256", claim.as_str())];
    let size = write_safetensors(&path, &[("t", "U8", &[count])], Some(&metadata), &data);
    (home, path, size - count)
}

#[test]
fn known_files_have_the_hashes_that_stores_give_them() {
    let small = [
        "795a828604a35b7c55b590d4c724fa40ca0cd8b9cd1f840013673139042ad561",
        "c697ede595899e24c3152b09861c7f082948ad9e5cc3d384ff733880d1a5326f",
        "cd9de1ec",
        "51e945469a39",
    ];
    let middle = [
        "f0a5e6fc307731d685513d459082e153e1f85e3301dc5c88c3221cc731a46d84",
        "99f29c82f8abb32bdfbc13af8fb0a4e657c7cb4ec23fa922750f71cf345be0aa",
        "e157f0a5",
        "ee064ad5f034",
    ];
    let big = [
        "443ccfcd72913153d7641623a66a5e354a96d75373d406a80f6ebfec1bb1538b",
        "598e6d474fd79b9ffb38bb95589494dd455616411d86d52b869f3fda649a239e",
        "98471bd3",
        "ce60188c3064",
    ];
    for (count, autov1, [sha256, blake3, crc32, autov3]) in
        [(64, None, small), (1_080_000, Some("da7d97be"), middle), (1_300_000, Some("45c6de64"), big)]
    {
        let (_home, path, data) = vector(count);
        for threads in 1..=4 {
            let hashes = hash::file(&path, Options { tensors_at: Some(data), threads }, on).unwrap();
            assert_eq!(hashes.sha256, sha256);
            assert_eq!((hashes.autov1.as_deref(), hashes.autov2()), (autov1, &sha256[..10]));
            assert_eq!((&*hashes.blake3, &*hashes.crc32), (blake3, crc32));
            assert_eq!((hashes.autov3(), hashes.size), (Some(autov3), fs::metadata(&path).unwrap().len()));
            let claim = fs::read(&path).unwrap();
            let tensors = hashes.tensors.unwrap();
            assert!(claim.windows(64).any(|text| text == tensors.as_bytes()), "modelspec.hash_sha256 says the same");
        }
    }
}

/// Gives its bytes in the pieces that it is told, as a network file system does.
struct Pieces<'a>(&'a [u8], std::iter::Cycle<std::slice::Iter<'a, usize>>);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.next().copied().unwrap_or(1).clamp(1, buffer.len());
        (&self.0[..length.min(self.0.len())]).read(buffer).inspect(|read| self.0 = &self.0[*read..])
    }
}

fn in_one_go(bytes: &[u8], data: Option<usize>) -> Hashes {
    let sha = |bytes: &[u8]| (!bytes.is_empty()).then(|| hexadecimal(&Sha256::digest(bytes)));
    let cut = |at: usize| &bytes[at.min(bytes.len())..];
    let block = &cut(1 << 20)[..cut(1 << 20).len().min(1 << 16)];
    Hashes {
        size: bytes.len() as u64,
        sha256: sha(bytes).unwrap(),
        tensors: data.and_then(|at| sha(cut(at))),
        autov1: sha(block).map(|digits| digits[..8].to_owned()),
        blake3: blake3::hash(bytes).to_hex().to_string(),
        crc32: format!("{:08x}", crc32fast::hash(bytes)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(24), ..ProptestConfig::default() })]
    #[test]
    fn however_a_file_is_read_its_hashes_are_the_same(
        length in prop_oneof![1_usize..300, 1_048_000_usize..1_200_000, 2_097_100_usize..2_097_200],
        data in proptest::option::of(0_usize..1_300_000),
        pieces in proptest::collection::vec(prop_oneof![1_usize..9, 4000_usize..1_100_000], 1..6),
        threads in 0_usize..5,
    ) {
        // Pieces of some bytes each would take longer than all the rest.
        let pieces: Vec<_> = pieces.into_iter().chain([65_536]).collect();
        let bytes: Vec<u8> = (0..length).map(|i| ((i * i) >> 3) as u8).collect();
        let options = Options { tensors_at: data.map(|at| at as u64), threads };
        let hashes = hash::reader(Pieces(&bytes, pieces.iter().cycle()), options, on).unwrap();
        prop_assert_eq!(hashes, in_one_go(&bytes, data));
    }
}

const PLAIN: Options = Options { tensors_at: None, threads: 2 };

#[test]
fn a_file_that_changes_while_it_is_read_has_no_hashes() {
    let (home, path, _) = vector(3 << 20);
    let before = fs::read(&path).unwrap();
    let meanwhile = |change: &dyn Fn()| {
        write(&path, &before);
        let mut changed = false;
        hash::file(&path, PLAIN, |_| {
            if !std::mem::replace(&mut changed, true) {
                change();
            }
            ControlFlow::Continue(())
        })
    };
    let other = home.path().join("other");
    assert!(meanwhile(&|| ()).is_ok());
    assert!(matches!(meanwhile(&|| write(&path, &before[..2 << 20])), Err(Error::Changed)));
    assert!(matches!(meanwhile(&|| fs::remove_file(&path).unwrap()), Err(Error::Changed)));
    let replace = || {
        write(&other, &before);
        fs::rename(&other, &path).unwrap();
    };
    assert!(matches!(meanwhile(&replace), Err(Error::Changed)));
    let touch = || fs::File::open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(matches!(meanwhile(&touch), Err(Error::Changed)));
}

#[test]
fn hashing_stops_when_asked_and_says_why_there_is_nothing() {
    let (home, path, _) = vector(3 << 20);
    let mut heard = vec![];
    let stopped = hash::file(&path, PLAIN, |bytes| {
        heard.push(bytes);
        if heard.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Stopped)));
    assert_eq!(heard, [1 << 20, 2 << 20]);
    write(&home.path().join("empty"), b"");
    assert!(matches!(hash::file(&home.path().join("empty"), PLAIN, on), Err(Error::Empty)));
    for unreadable in [home.path(), Path::new("/no/such/file")] {
        assert!(matches!(hash::file(unreadable, PLAIN, on), Err(Error::Unreadable(_))));
    }
}

#[test]
fn files_of_one_folder_lie_on_one_disk() {
    let (home, path, _) = vector(1);
    assert_eq!(disk::of(home.path()), disk::of(&path));
    assert_eq!(disk::of(Path::new("/proc/self/stat")), None);
    assert_eq!(disk::of(Path::new("/no/such/file")), None);
}
