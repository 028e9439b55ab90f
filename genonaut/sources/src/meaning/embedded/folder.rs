//! What one folder of training pictures taught a model, by its name and its tags.

use serde_json::Value;

use super::super::text::{at_most, key};
use super::super::{file_name, generic};

/// One folder of training pictures.
pub struct Folder<'a> {
    /// What the folder is called, behind kohya's number of repeats.
    concept: &'a str,
    /// `10_hero`: kohya trains on the rest of the name where a picture has no caption.
    numbered: bool,
    /// In the order in which the captions have them.
    tags: Vec<Tag<'a>>,
    pictures: f64,
}

struct Tag<'a> {
    text: &'a str,
    /// What all its spellings share.
    key: String,
    /// Pictures that have it.
    count: f64,
}

impl<'a> Folder<'a> {
    /// From its name, its tags with how often each is used, and how many pictures it holds as far as known.
    pub fn new(name: &'a str, frequency: Option<&'a Value>, pictures: Option<f64>) -> Self {
        let counted = frequency.into_iter().flat_map(tags);
        let tags: Vec<_> = counted.map(|(text, count)| Tag { text, key: key(text), count }).collect();
        let pictures = tags.iter().map(|tag| tag.count).fold(pictures.unwrap_or(0.0), f64::max);
        let after = name.split_once('_').filter(|(repeats, rest)| {
            !repeats.is_empty() && repeats.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty()
        });
        let concept = after.map_or(name, |(_, rest)| rest).trim();
        Self { concept, numbered: after.is_some(), tags, pictures }
    }

    /// Words and how each was found. `hint` are the words of the model's name.
    pub fn words(&self, hint: &[String]) -> Vec<(&'a str, &'static str)> {
        if self.tags.is_empty() {
            // Without captions the folder's name was the caption.
            let trained_on = self.numbered && !self.is_generic();
            return trained_on.then_some((self.concept, "folder")).into_iter().collect();
        }
        if self.is_captioned() {
            return Vec::new();
        }
        if let Some(tag) = self.concept_among_tags() {
            return vec![(if self.numbered { self.concept } else { tag }, "folder+tag")];
        }
        let near = self.sharing_words(hint);
        if !near.is_empty() {
            return near.into_iter().map(|tag| (tag, "tag~name")).collect();
        }
        // Of three pictures every other tag is on all.
        let top = if self.pictures >= 4.0 { self.most_frequent(0.9, 3, |_| true) } else { Vec::new() };
        top.into_iter().map(|tag| (tag, "tag>=90%")).collect()
    }

    /// Whether the name tells where the pictures lie and not what is on them.
    fn is_generic(&self) -> bool {
        let number = self.concept.chars().all(|c| matches!(c, '0'..='9' | '_' | '-'));
        let hash = self.concept.len() >= 16 && self.concept.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        let concept = key(self.concept);
        let unnumbered = !self.numbered && !self.tags.iter().any(|tag| tag.key == concept);
        generic::is_folder(self.concept) || number || hash || unnumbered
    }

    /// Whole sentences are each on a picture or two; tags are short and come again.
    fn is_captioned(&self) -> bool {
        let count = self.tags.len() as f64;
        let letters: usize = self.tags.iter().map(|tag| tag.text.chars().count()).sum();
        let rare = self.tags.iter().filter(|tag| tag.count <= 2.0).count();
        letters as f64 / count >= 16.0 && rare as f64 >= 0.7 * count
    }

    fn concept_among_tags(&self) -> Option<&'a str> {
        let concept = key(self.concept);
        let tag = self.telling(0.3).find(|tag| tag.key == concept);
        tag.map(|tag| tag.text).filter(|_| !self.is_generic())
    }

    fn sharing_words(&self, hint: &[String]) -> Vec<&'a str> {
        let mut near = hint.to_vec();
        if !self.is_generic() {
            near.extend(tokens(self.concept));
        }
        self.most_frequent(0.3, 2, |tag| tokens(tag).iter().any(|token| near.contains(token)))
    }

    /// The most frequent of the telling tags that fit; of equals the first recorded.
    fn most_frequent(&self, share: f64, most: usize, fits: impl Fn(&str) -> bool) -> Vec<&'a str> {
        let mut found: Vec<_> = self.telling(share).filter(|tag| fits(tag.text)).collect();
        found.sort_by(|a, b| b.count.total_cmp(&a.count));
        found.into_iter().take(most).map(|tag| tag.text).collect()
    }

    /// Tags on at least `share` of the pictures that are not on pictures of all the world.
    fn telling(&self, share: f64) -> impl Iterator<Item = &Tag<'a>> {
        let frequent = self.tags.iter().filter(move |tag| tag.count >= share * self.pictures);
        frequent.filter(|tag| !generic::is_tag(&tag.key))
    }
}

/// Tags of one folder and on how many pictures each is.
pub fn tags(frequency: &Value) -> impl Iterator<Item = (&str, f64)> {
    let counts = frequency.as_object().into_iter().flatten();
    counts.filter_map(|(tag, count)| Some((tag.trim(), count.as_f64()?))).filter(|(tag, _)| !tag.is_empty())
}

/// The words of a name that tell one model from another.
pub fn tokens(name: &str) -> Vec<String> {
    // Longer names are none, and would be compared with every tag.
    let name = key(at_most(name, 200));
    let parts = name.split(|c: char| !matches!(c, '0'..='9' | 'a'..='z' | '\u{c0}'..='\u{ffff}'));
    parts.filter(|part| part.chars().count() >= 3 && !file_name::is_technical(part)).map(str::to_owned).collect()
}
