//! The table of contents of a zip archive, as far as finding a pickle in it needs. PyTorch stores without packing, and
//! uses the large form (zip64) as soon as a model is.

use std::io::{Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use crate::not_read::NotRead;

/// A pickle in the archive.
pub struct Member {
    pub name: String,
    pub packed: u64,
    pub size: u64,
    offset: u64,
    method: u16,
}

const DAMAGED: NotRead = NotRead::Refused("zip-damaged");

/// The end record, and the longest comment behind it (bytes).
const LONGEST_END: u64 = 22 + 0xffff;

/// A table of 300 000 entries is shorter (64 MiB).
const LONGEST_TABLE: u64 = 64 << 20;

/// Says that a number stands in the entry's large form.
const ELSEWHERE: u64 = 0xffff_ffff;

/// The pickles of an archive of `size` bytes.
pub fn members(file: &mut (impl Read + Seek), size: u64) -> Result<Vec<Member>, NotRead> {
    let (at, length) = table(file, size)?;
    if length > LONGEST_TABLE || at.checked_add(length).is_none_or(|end| end > size) {
        return Err(DAMAGED);
    }
    let bytes = bytes_at(file, at, length)?;
    let mut rest = bytes.as_slice();
    let mut members = Vec::new();
    while let Some((member, after)) = entry(rest) {
        rest = after;
        if member.name.ends_with(".pkl") {
            members.push(member);
        }
    }
    Ok(members)
}

/// What a member holds, unpacked.
pub fn open<'a, R: Read + Seek>(file: &'a mut R, member: &Member) -> Result<Box<dyn Read + 'a>, NotRead> {
    let local = bytes_at(file, member.offset, 30)?;
    let lengths = (number::<2>(&local, 26), number::<2>(&local, 28));
    let (true, (Some(name), Some(extra))) = (local.starts_with(b"PK\x03\x04"), lengths) else { return Err(DAMAGED) };
    file.seek(SeekFrom::Current((name + extra) as i64))?;
    let packed = file.take(member.packed);
    match member.method {
        0 => Ok(Box::new(packed)),
        8 => Ok(Box::new(DeflateDecoder::new(packed))),
        _ => Err(DAMAGED),
    }
}

/// Where the table of contents begins, and its length.
fn table(file: &mut (impl Read + Seek), size: u64) -> Result<(u64, u64), NotRead> {
    let from = size.saturating_sub(LONGEST_END);
    let tail = bytes_at(file, from, size - from)?;
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06").ok_or(DAMAGED)?;
    let small = (number::<4>(&tail, end + 16), number::<4>(&tail, end + 12));
    let (Some(at), Some(length)) = small else { return Err(DAMAGED) };
    let locator = end.checked_sub(20).map(|start| &tail[start..end]).filter(|bytes| bytes.starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else { return Ok((at, length)) };
    let record = bytes_at(file, number::<8>(locator, 8).ok_or(DAMAGED)?, 56)?;
    let large = (number::<8>(&record, 48), number::<8>(&record, 40));
    match large {
        (Some(at), Some(length)) if record.starts_with(b"PK\x06\x06") => Ok((at, length)),
        _ => Err(DAMAGED),
    }
}

/// The first entry of a table, and what follows it.
fn entry(table: &[u8]) -> Option<(Member, &[u8])> {
    table.starts_with(b"PK\x01\x02").then_some(())?;
    let lengths = [number::<2>(table, 28)?, number::<2>(table, 30)?, number::<2>(table, 32)?];
    let [name, extra, comment] = lengths.map(|length| length as usize);
    let names_end = 46 + name;
    let mut large = large_form(table.get(names_end..names_end + extra)?);
    let mut or_large = |number: u64| if number == ELSEWHERE { large.next() } else { Some(number) };
    let size = or_large(number::<4>(table, 24)?)?;
    let packed = or_large(number::<4>(table, 20)?)?;
    let offset = or_large(number::<4>(table, 42)?)?;
    let name = String::from_utf8_lossy(&table[46..names_end]).into_owned();
    let member = Member { name, packed, size, offset, method: number::<2>(table, 10)? as u16 };
    Some((member, table.get(names_end + extra + comment..)?))
}

/// The numbers that were too large for the entry itself: unpacked size, packed size, offset.
fn large_form(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut found: &[u8] = &[];
    while let (Some(kind), Some(length)) = (number::<2>(extra, 0), number::<2>(extra, 2)) {
        let end = extra.len().min(4 + length as usize);
        if kind == 1 {
            found = &extra[4..end];
        }
        extra = &extra[end..];
    }
    found.chunks_exact(8).filter_map(|bytes| number::<8>(bytes, 0))
}

/// The little-endian number of `N` bytes at a place.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(N)?)?;
    Some(digits.iter().rev().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}

fn bytes_at(file: &mut (impl Read + Seek), at: u64, length: u64) -> Result<Vec<u8>, NotRead> {
    file.seek(SeekFrom::Start(at)).map_err(|_| DAMAGED)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
