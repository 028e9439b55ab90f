//! The `__metadata__` of a header. The format wants texts; whatever else stands there is kept as JSON text.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::header::Header;
use crate::text;

/// Deeper lists and objects (serde_json's own limit) are an attack.
const DEEPEST: usize = 128;

/// Reads metadata into a header; where keys repeat, the last one holds.
pub struct Reading<'a> {
    pub header: &'a mut Header,
    /// Where in the header's metadata a key stands.
    pub places: &'a mut HashMap<String, usize>,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            self.add(key, value.get()).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn add(&mut self, mut key: String, json: &str) -> serde_json::Result<()> {
        if text::strip_nul(&mut key) {
            self.header.note("nul-stripped");
        }
        if text::cut_name(&mut key) {
            self.header.warn("oversized-key");
        }
        if let Some(text) = self.text(&key, json)? {
            self.put(key, text);
        }
        Ok(())
    }

    /// `None` for what is not kept.
    fn text(&mut self, key: &str, json: &str) -> serde_json::Result<Option<String>> {
        if text::is_picture(key, json.strip_prefix('"').unwrap_or(json)) {
            self.header.note("thumbnail-not-stored");
            return Ok(None);
        }
        if json.len() > text::LONGEST_TEXT {
            self.header.warn("oversized-metadata");
            return Ok(None);
        }
        if !json.starts_with('"') {
            self.header.warn("metadata-not-string");
            let shallow = depth(json) <= DEEPEST;
            return if shallow { Ok(Some(json.to_owned())) } else { Err(Error::custom("nested too deeply")) };
        }
        let mut text: String = serde_json::from_str(json)?;
        if text::strip_nul(&mut text) {
            self.header.note("nul-stripped");
        }
        Ok(Some(text))
    }

    fn put(&mut self, key: String, text: String) {
        let kept = &mut self.header.metadata.0;
        if let Some(place) = self.places.get(&key) {
            kept[*place].1 = text;
            self.header.warn("duplicate-key");
        } else if kept.len() == text::MOST_KEYS {
            self.header.warn("oversized-metadata");
        } else {
            self.places.insert(key.clone(), kept.len());
            kept.push((key, text));
        }
    }
}

/// How deeply lists and objects are nested in sound JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
