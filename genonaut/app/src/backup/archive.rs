//! Files one after another, each with its size and checksum.

use std::io::{self, ErrorKind, Read, Write};

use sha2::{Digest, Sha256};

use super::manifest::Entry;
use super::tar;

/// Adds a file of exactly this size.
pub fn add(out: &mut impl Write, name: &str, size: u64, content: impl Read) -> io::Result<Entry> {
    tar::write_header(out, name, size)?;
    let (written, sha256) = copy(content.take(size), out)?;
    if written != size {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "it became shorter while it was read"));
    }
    out.write_all(&vec![0; tar::padding(size)])?;
    Ok(Entry { name: name.to_owned(), size, sha256 })
}

/// Gives every file to `keep`, which may leave some of it.
pub fn each<R: Read>(
    input: &mut R,
    mut keep: impl FnMut(&str, u64, &mut io::Take<&mut R>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    while let Some((name, size)) = tar::read_header(input)? {
        let mut content = input.by_ref().take(size);
        keep(&name, size, &mut content)?;
        let rest = content.limit() + tar::padding(size) as u64;
        let skipped = io::copy(&mut input.by_ref().take(rest), &mut io::sink())?;
        anyhow::ensure!(skipped == rest, "the file ends too early");
    }
    Ok(())
}

/// Copies, and returns how much and its checksum.
pub fn copy(mut from: impl Read, into: &mut impl Write) -> io::Result<(u64, String)> {
    let (mut digest, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0_u8; 1 << 17]);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read?,
        };
        digest.update(&buffer[..read]);
        into.write_all(&buffer[..read])?;
        size += read as u64;
    }
    let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((size, sha256))
}
