//! Headers of tar files as POSIX and GNU have them: plain files with names and sizes of any length.

use std::io::{self, ErrorKind, Read, Write};

pub const BLOCK: usize = 512;
const FILE: u8 = b'0';
/// The content of such an entry is the name of the next one.
const LONG_NAME: u8 = b'L';
/// Longer names are no names of ours.
const LONGEST_NAME: u64 = 8192;

/// What stands before the content of a file. The content is filled up to a whole block.
pub fn write_header(out: &mut impl Write, name: &str, size: u64) -> io::Result<()> {
    if name.len() > 100 {
        // With the zero that ends it.
        let size = name.len() as u64 + 1;
        out.write_all(&header("././@LongLink", size, LONG_NAME))?;
        out.write_all(name.as_bytes())?;
        out.write_all(&vec![0; 1 + padding(size)])?;
    }
    out.write_all(&header(name, size, FILE))
}

/// The next file's name and size; `None` at the end.
pub fn read_header(input: &mut impl Read) -> io::Result<Option<(String, u64)>> {
    let mut long = None;
    loop {
        let mut block = [0; BLOCK];
        input.read_exact(&mut block)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let (name, size, kind) = parse(&block)?;
        match kind {
            FILE | 0 => return Ok(Some((long.unwrap_or(name), size))),
            LONG_NAME if size <= LONGEST_NAME => {
                let mut bytes = Vec::new();
                input.by_ref().take(size).read_to_end(&mut bytes)?;
                io::copy(&mut input.by_ref().take(padding(size) as u64), &mut io::sink())?;
                long = Some(text(&bytes));
            }
            _ => return Err(broken("it has something else than files in it")),
        }
    }
}

/// Two empty blocks end a file.
pub fn write_end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

/// Bytes after a content of this size.
pub const fn padding(size: u64) -> usize {
    ((BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64) as usize
}

fn header(name: &str, size: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let short = &name.as_bytes()[..name.len().min(100)];
    block[..short.len()].copy_from_slice(short);
    block[100..108].copy_from_slice(b"0000600\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    write_size(&mut block[124..136], size);
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar  \0");
    let sum = format!("{:06o}\0 ", checksum(&block));
    block[148..156].copy_from_slice(sum.as_bytes());
    block
}

/// Octal digits, or from 8 GiB on the number itself behind a mark.
fn write_size(field: &mut [u8], size: u64) {
    if size < 1 << 33 {
        field.copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
    }
}

fn parse(block: &[u8; BLOCK]) -> io::Result<(String, u64, u8)> {
    if number(&block[148..156])? != checksum(block) {
        return Err(broken("a header in it is damaged"));
    }
    Ok((text(&block[..100]), number(&block[124..136])?, block[156]))
}

/// Of all bytes, with blanks where it stands itself.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum()
}

fn number(field: &[u8]) -> io::Result<u64> {
    if field[0] & 0x80 != 0 {
        return Ok(field[field.len() - 8..].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)));
    }
    let digits = text(field);
    u64::from_str_radix(digits.trim(), 8).map_err(|_| broken("a header in it is damaged"))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    // A long name may be cut within a letter; the whole one comes from the entry before.
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn broken(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_of_any_length_are_read_as_they_were_written() {
        let long = format!("wildcards/{}.txt", "ä".repeat(120));
        for (name, size) in [("a", 0), (long.as_str(), 513), ("images/b.png", (1 << 33) - 1), ("c", 1 << 40)] {
            let mut file = Vec::new();
            write_header(&mut file, name, size).unwrap();
            assert_eq!(file.len() % BLOCK, 0);
            assert_eq!(read_header(&mut file.as_slice()).unwrap(), Some((name.to_owned(), size)));
        }
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
    }

    #[test]
    fn a_damaged_or_cut_header_is_an_error() {
        let mut file = Vec::new();
        write_header(&mut file, "a", 5).unwrap();
        file[3] = b'x';
        assert!(read_header(&mut file.as_slice()).is_err());
        assert!(read_header(&mut &file[..100]).is_err());
        assert!(read_header(&mut [0_u8; BLOCK].as_slice()).unwrap().is_none());
    }

    /// Anybody can look into a backup with what every system has.
    #[test]
    fn the_systems_own_tar_reads_it() {
        let long = format!("images/{}.png", "b".repeat(150));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        let mut file = std::fs::File::create(&path).unwrap();
        for (name, content) in [("about.json", "{}"), (long.as_str(), "b")] {
            write_header(&mut file, name, content.len() as u64).unwrap();
            file.write_all(content.as_bytes()).unwrap();
            file.write_all(&vec![0; padding(content.len() as u64)]).unwrap();
        }
        write_end(&mut file).unwrap();
        let listed = std::process::Command::new("tar").arg("-tf").arg(&path).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&listed.stdout), format!("about.json\n{long}\n"));
    }
}
