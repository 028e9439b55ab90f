//! Reads what a PyTorch file (`.ckpt`, `.pt`, `.pth`, `.bin`) says about its tensors. Its pickle is a program that loading
//! runs; here it is only looked at, and refused if it names anything that no model needs.

mod allowed;
mod archive;
mod machine;
mod opcodes;
mod state;
mod value;

use std::io::{BufReader, Read, Seek, SeekFrom};

use crate::header::Header;
use crate::not_read::NotRead;
use crate::sniff::LEGACY_TORCH;
use machine::Machine;

/// The description of 200 000 tensors is shorter (64 MiB).
const LARGEST: u64 = 64 << 20;

/// Magic number, protocol, machine and tensors: what PyTorch wrote one behind the other before version 1.6.
const LEGACY_PICKLES: usize = 4;

/// Reads a file of `size` bytes: a zip archive with a `data.pkl`, or a bare pickle.
///
/// # Errors
/// Why this is no PyTorch file, or what loading it would run.
pub fn read(file: &mut (impl Read + Seek), size: u64) -> Result<Header, NotRead> {
    let mut start = [0; LEGACY_TORCH.len()];
    file.rewind()?;
    let length = file.by_ref().take(start.len() as u64).read(&mut start)?;
    file.rewind()?;
    match &start[..length] {
        [b'P', b'K', 3, 4, ..] => zipped(file, size),
        LEGACY_TORCH => bare(file, LEGACY_PICKLES).map(|mut header| {
            header.warn("legacy-torch-pickle");
            header
        }),
        [0x80, ..] => bare(file, 1),
        _ => Err(NotRead::Refused("unknown-format")),
    }
}

fn zipped(file: &mut (impl Read + Seek), size: u64) -> Result<Header, NotRead> {
    let members = archive::members(file, size)?;
    let is_data = |name: &str| name == "data.pkl" || name.ends_with("/data.pkl");
    let data = members.iter().find(|member| is_data(&member.name)).ok_or(NotRead::Refused("zip-without-data"))?;
    if data.packed.max(data.size) > LARGEST {
        return Err(NotRead::Refused("pickle-too-large"));
    }
    let mut machine = Machine::new(BufReader::new(archive::open(file, data)?), LARGEST);
    let root = machine.run()?;
    let mut header = state::header(&root, machine.dicts());
    if members.len() > 1 {
        header.warn("extra-pickle");
    }
    Ok(header)
}

/// Walks `most` pickles that stand one behind the other; the last one holds the tensors.
fn bare(file: &mut (impl Read + Seek), most: usize) -> Result<Header, NotRead> {
    file.seek(SeekFrom::Start(0))?;
    let mut machine = Machine::new(BufReader::new(file), LARGEST);
    let mut root = machine.run()?;
    for _ in 1..most {
        if machine.at_end()? {
            break;
        }
        root = machine.run()?;
    }
    Ok(state::header(&root, machine.dicts()))
}
