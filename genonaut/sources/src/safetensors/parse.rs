//! The header's JSON, in one pass that keeps its order and sees keys that repeat.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::{dtype, entry, mend, metadata};
use crate::header::{Header, Tensor};
use crate::text;

/// Larger offsets lose digits in most JSON readers, and no disk holds such a file.
const LARGEST_OFFSET: u64 = 1 << 53;

/// Where a tensor's data begins and ends, counted from the end of the header.
pub type Offsets = (u64, u64);

/// The tensors with their offsets, and the metadata.
pub fn parse(json: &str) -> Result<(Header, Vec<Offsets>), &'static str> {
    parse_once(json).or_else(|code| {
        let mended = mend::surrogates(json).ok_or(code)?;
        let (mut header, offsets) = parse_once(&mended)?;
        header.warn("bad-unicode-escape");
        Ok((header, offsets))
    })
}

fn parse_once(json: &str) -> Result<(Header, Vec<Offsets>), &'static str> {
    let mut found = Found::default();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let parsed = deserializer.deserialize_map(&mut found).and_then(|()| deserializer.end());
    match parsed {
        Ok(()) => Ok(found.finish()),
        Err(error) if error.is_data() => Err(found.refused.unwrap_or("header-not-json")),
        Err(_) => Err("header-not-json"),
    }
}

#[derive(Default)]
struct Found {
    header: Header,
    offsets: Vec<Offsets>,
    places: HashMap<String, usize>,
    has_metadata: bool,
    /// Why parsing was given up, where the JSON itself is sound.
    refused: Option<&'static str>,
}

impl<'de> Visitor<'de> for &mut Found {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                self.see_metadata();
                map.next_value_seed(metadata::Reading { header: &mut self.header, places: &mut self.places })?;
                continue;
            }
            self.refused = Some("bad-entry");
            let entry = map.next_value_seed(entry::Reading(&mut self.refused))?;
            if let Err(code) = self.add(name, entry) {
                self.refused = Some(code);
                return Err(A::Error::custom(code));
            }
        }
        Ok(())
    }
}

impl Found {
    fn see_metadata(&mut self) {
        if std::mem::replace(&mut self.has_metadata, true) {
            self.header.warn("duplicate-key");
        }
    }

    fn add(&mut self, mut name: String, entry: entry::Entry) -> Result<(), &'static str> {
        if self.offsets.len() == text::MOST_TENSORS {
            return Err("too-many-tensors");
        }
        if text::strip_nul(&mut name) {
            self.header.note("nul-stripped");
        }
        if text::cut_name(&mut name) {
            self.header.warn("oversized-key");
        }
        let (tensor, offsets) = self.tensor(name, entry)?;
        self.header.tensors.push(tensor);
        self.offsets.push(offsets);
        Ok(())
    }

    fn tensor(&mut self, name: String, entry: entry::Entry) -> Result<(Tensor, Offsets), &'static str> {
        let (Some(dtype), Some(shape), Some((begin, end))) = (entry.dtype, entry.shape, entry.offsets) else {
            return Err("bad-entry");
        };
        if begin > end || end > LARGEST_OFFSET {
            return Err("bad-offsets");
        }
        let bytes = end - begin;
        match dtype::bits(&dtype) {
            None => self.header.warn("unknown-dtype"),
            Some(bits) if dtype::bytes(&shape, bits).ok_or("shape-overflow")? == bytes => {}
            Some(_) => self.header.warn("shape-size-mismatch"),
        }
        Ok((Tensor { name, dtype, shape: Some(shape), bytes }, (begin, end)))
    }

    /// The first of equal names stays.
    fn finish(mut self) -> (Header, Vec<Offsets>) {
        let mut seen = HashSet::with_capacity(self.header.tensors.len());
        let first: Vec<bool> = self.header.tensors.iter().map(|tensor| seen.insert(tensor.name.as_str())).collect();
        if first.contains(&false) {
            let mut stays = first.iter();
            self.header.tensors.retain(|_| stays.next() == Some(&true));
            let mut stays = first.iter();
            self.offsets.retain(|_| stays.next() == Some(&true));
            self.header.warn("duplicate-key");
        }
        if self.header.tensors.is_empty() {
            self.header.warn("no-tensors");
        }
        (self.header, self.offsets)
    }
}
