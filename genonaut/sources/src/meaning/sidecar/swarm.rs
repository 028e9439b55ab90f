//! `<stem>.swarm.json` of SwarmUI: what its user edited, by the keys of a header.

use super::super::{Trust, embedded};
use super::{Fields, Found};
use crate::header::Metadata;

pub fn read(given: &Fields) -> Found {
    let texts = given.iter().filter_map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // A list is written as the header has it: as JSON.
        (!value.is_object() && !value.is_null()).then(|| (key.clone(), text))
    });
    let metadata = Metadata(texts.collect());
    if metadata.0.is_empty() {
        return Err("it has no keys of SwarmUI");
    }
    Ok(vec![(Trust::User, embedded::stated_by(&metadata))])
}
