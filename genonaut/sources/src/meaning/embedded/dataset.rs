//! The tables in which kohya records the training pictures: folders, captions, tags and how often each.

use serde_json::{Map, Value};

use super::super::generic;
use super::super::text::stated;
use super::super::words::Word;
use super::folder::{Folder, tags, tokens};
use crate::header::Metadata;

/// Bytes of a table; more is not read.
const LARGEST: usize = 8_000_000;

/// The tables that kohya writes as JSON.
#[derive(Default)]
pub struct Tables {
    datasets: Vec<Value>,
    directories: Map<String, Value>,
    /// Folder, tag, count.
    frequency: Map<String, Value>,
    /// Keys whose JSON is cut off or none.
    pub broken: Vec<&'static str>,
}

impl Tables {
    pub fn read(metadata: &Metadata) -> Self {
        let mut tables = Self::default();
        if let Some(Value::Array(datasets)) = tables.parse(metadata, "ss_datasets") {
            tables.datasets = datasets;
        }
        if let Some(Value::Object(directories)) = tables.parse(metadata, "ss_dataset_dirs") {
            tables.directories = directories;
        }
        if let Some(Value::Object(frequency)) = tables.parse(metadata, "ss_tag_frequency") {
            tables.frequency = frequency;
        }
        tables
    }

    /// Words as they are found, some twice; `hint` is what the model is called.
    pub fn words(&self, hint: &str) -> Vec<Word> {
        let hint = tokens(hint);
        let folders = self.folders().flat_map(|folder| folder.words(&hint));
        self.class_tokens().chain(folders).filter_map(|(text, source)| Word::trained(text, source)).collect()
    }

    /// The most frequent tags of all folders and on how many pictures each is.
    pub fn top_tags(&self, most: usize) -> Vec<(String, u64)> {
        let mut counts = Map::new();
        for (tag, count) in self.frequency.values().flat_map(tags) {
            let count = counts.get(tag).and_then(Value::as_u64).unwrap_or(0).saturating_add(count.max(0.0) as u64);
            counts.insert(tag.to_owned(), count.into());
        }
        let mut top: Vec<(String, u64)> =
            counts.into_iter().filter_map(|(tag, count)| Some((tag.replace('\0', ""), count.as_u64()?))).collect();
        top.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        top.truncate(most);
        top
    }

    fn parse(&mut self, metadata: &Metadata, key: &'static str) -> Option<Value> {
        let text = stated(metadata.get(key)?).filter(|text| text.len() <= LARGEST)?;
        let value = serde_json::from_str(text);
        if value.is_err() {
            self.broken.push(key);
        }
        value.ok()
    }

    fn class_tokens(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let subsets = self.datasets.iter().filter_map(|dataset| dataset.get("subsets")?.as_array()).flatten();
        let trained = subsets.filter(|subset| !truth(subset.get("is_reg")));
        let classes = trained.filter_map(|subset| stated(subset.get("class_tokens")?.as_str()?));
        classes.filter(|class| !generic::is_folder(class)).map(|class| (class, "ss_datasets.class_tokens"))
    }

    fn folders(&self) -> impl Iterator<Item = Folder<'_>> {
        let untagged = self.frequency.keys().filter(|name| !self.directories.contains_key(*name));
        self.directories.keys().chain(untagged).map(|name| {
            let pictures = self.directories.get(name).and_then(|info| info.get("img_count")?.as_f64());
            Folder::new(name, self.frequency.get(name), pictures)
        })
    }
}

/// As Python takes it: kohya writes `false`, others `0`.
fn truth(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool() == Some(true) || value.as_f64().is_some_and(|number| number != 0.0))
}
