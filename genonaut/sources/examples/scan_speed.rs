//! How fast folders are walked and files hashed, each beside the plainest way to do it: `scan_speed [FILES]`.
//! Ratios of times, taken in turns in one run, the best of each; below 1 is faster than the plain way.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use genonaut_sources::folder::{Origin, Root, walk};
use genonaut_sources::hash::{self, Options};
use sha2::{Digest, Sha256};

const TURNS: usize = 5;
const HEADER: usize = 4096;

fn main() -> io::Result<()> {
    let files = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let home = tempfile::tempdir()?;
    fill(home.path(), files)?;
    let root = Root { path: home.path().to_owned(), kind: None, origin: Origin::Plain, shallow: false };

    let [ours, plain] =
        best([&mut || _ = black_box(walk(&root).flatten().fold(0, |sum, folder| sum ^ folder.digest[0])), &mut || {
            drop(find(home.path()))
        }]);
    println!("walk / find -printf, {files} models: {:.2}", ratio(ours, plain));

    let [ours, plain] = best([
        &mut || {
            for found in walk(&root).flatten().flat_map(|folder| folder.models) {
                drop(black_box(header(&root.path.join(found.path))));
            }
        },
        &mut || _ = black_box(bare(home.path())),
    ]);
    println!("walk and read headers / bare loop that lists, looks and reads: {:.2}", ratio(ours, plain));
    hashes();
    Ok(())
}

/// Model files in folders of 100, a sidecar beside each second one. The files hold a header and nothing more.
fn fill(home: &Path, files: usize) -> io::Result<()> {
    let mut header = vec![b' '; HEADER];
    header[..8].copy_from_slice(&(HEADER as u64 - 8).to_le_bytes());
    for number in 0..files {
        let folder = home.join(format!("style {}/set {}", number / 10_000, number / 100));
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("some model of mine v{number}.safetensors"));
        File::create(&path)?.write_all(&header)?;
        if number % 2 == 0 {
            File::create(path.with_extension("civitai.info"))?;
        }
    }
    Ok(())
}

/// No order, no guard, no sidecars.
fn bare(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            bare(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "safetensors") {
            black_box((entry.metadata()?.len(), header(&path)?));
        }
    }
    Ok(())
}

fn find(home: &Path) -> io::Result<()> {
    Command::new("find").arg(home).args(["-printf", "%p %s %T@ %i\n"]).stdout(Stdio::null()).status().map(drop)
}

fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; 8];
    file.read_exact(&mut bytes)?;
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap_or_default()).min(1 << 20) as usize;
    bytes.resize(8 + length, 0);
    file.read_exact(&mut bytes[8..])?;
    Ok(bytes)
}

/// In memory, so that no disk takes part. Each hash alone runs in one thread.
fn hashes() {
    let bytes: Vec<u8> = (0..256_u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let pass = |tensors_at, threads| {
        let options = Options { tensors_at, threads };
        drop(black_box(hash::reader(&bytes[..], options, |_| ControlFlow::Continue(()))));
    };
    let times = best([
        &mut || _ = black_box(Sha256::digest(&bytes)),
        &mut || _ = black_box(blake3::hash(&bytes)),
        &mut || _ = black_box(crc32fast::hash(&bytes)),
        &mut || pass(Some(4096), 1),
        &mut || pass(Some(4096), 2),
        &mut || pass(Some(4096), 3),
        &mut || pass(None, 1),
        &mut || pass(None, 2),
    ]);
    let speed = |time: Duration| bytes.len() as f64 / time.as_secs_f64() / 1e9;
    println!("GB/s alone: SHA-256 {:.2}, BLAKE3 {:.2}, CRC32 {:.2}", speed(times[0]), speed(times[1]), speed(times[2]));
    for (time, pass) in times[3..].iter().zip(["1 thread", "2 threads", "3 threads", "1, no tensors", "2, no tensors"])
    {
        println!("SHA-256 alone / all hashes, {pass}: {:.2} ({:.2} GB/s)", ratio(times[0], *time), speed(*time));
    }
}

fn best<const N: usize>(mut ways: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..TURNS {
        for (best, way) in best.iter_mut().zip(&mut ways) {
            let start = Instant::now();
            way();
            *best = start.elapsed().min(*best);
        }
    }
    best
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
