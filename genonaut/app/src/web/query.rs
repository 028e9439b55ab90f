//! The page's state, which is its address: a recipe is a link.

mod fit;
mod packed;
mod pairs;
mod read;
mod row;
#[cfg(test)]
mod tests;

use form_urlencoded::Serializer;
use genonaut_db::page::Sort;
use uuid::Uuid;

pub use fit::{FitChoice, Place};
pub use pairs::{Body, Pairs};
pub use read::Asked;
pub use row::Row;

use crate::settings::Settings;

/// Bytes of an address that browsers, servers and chats pass on.
const LONGEST_ADDRESS: usize = 16_000;
/// Bytes of an address that our own server takes: with the request's headers 64 KiB, and what is beyond gets an empty page.
const LONGEST_LINK: usize = 60_000;

/// What the page shows: the recipe, and what is looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipe {
    /// None is the best rated one.
    pub checkpoint: Option<Uuid>,
    pub checkpoint_q: String,
    /// The order in which checkpoints are offered.
    pub checkpoint_sort: Sort,
    pub loras: Vec<Row>,
    /// Whether LoRAs have a strength of their own on the text encoder.
    pub separate_clip: bool,
    pub prompt: String,
    pub negative_prompt: String,
    /// What a person has set; the rest follows the checkpoint.
    pub settings: Settings,
    /// None is the checkpoint's usual one.
    pub vae: Option<String>,
    /// None is another one each time.
    pub seed: Option<i64>,
    /// How many images to make; none is one.
    pub images: Option<u32>,
    pub picker: Picker,
    /// The image that is looked at; None is the latest.
    pub image: Option<Uuid>,
    pub shown: ShownImages,
    /// The oldest image that the page shows already; never part of an address.
    pub since: Option<i64>,
    /// Whether the list of LoRAs is looked at, and so worth asking for; never part of an address.
    pub picking: bool,
}

/// What the list of LoRAs is narrowed to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picker {
    /// Whether it is open without JavaScript.
    pub open: bool,
    pub q: String,
    pub fit: FitChoice,
    pub tags: Vec<String>,
    pub bases: Vec<String>,
    pub min_rating: Option<f64>,
    pub sort: Sort,
    pub cursor: Option<Place>,
}

/// Which images the history lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ShownImages {
    #[default]
    All,
    Liked,
    Checkpoint,
}

impl ShownImages {
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Liked => "liked",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl Recipe {
    /// The address of this recipe, with nothing in it that goes without saying. It is never longer than a server takes:
    /// texts that would make it so are packed, and what only is looked at is left out.
    pub fn url(&self) -> String {
        let url = self.address(false);
        if url.len() <= LONGEST_ADDRESS {
            return url;
        }
        let url = self.address(true);
        if url.len() <= LONGEST_LINK { url } else { self.unlooked().address(true) }
    }

    /// The recipe alone, without filters and searches.
    fn unlooked(&self) -> Self {
        Self { picker: Picker::default(), checkpoint_q: String::new(), ..self.clone() }
    }

    /// What the browser shows as its address. Servers and chats cut long ones, so these are the draft's.
    pub fn place(&self) -> String {
        Some(self.address(false)).filter(|url| url.len() <= LONGEST_ADDRESS).unwrap_or_else(|| "/".to_owned())
    }

    fn address(&self, packed: bool) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(self.pairs_without_texts());
        match packed {
            true => pairs.extend_pairs([("packed", packed::write(&self.texts()))]),
            false => pairs.extend_pairs(self.texts()),
        };
        self.picker.write(&mut pairs);
        pairs.extend_pairs((!self.checkpoint_q.is_empty()).then_some(("checkpoint_q", &self.checkpoint_q)));
        let sort = Some(self.checkpoint_sort).filter(|sort| *sort != Sort::default());
        pairs.extend_pairs(sort.map(|sort| ("checkpoint_sort", sort.to_string())));
        pairs.extend_pairs(self.image.map(|id| ("image", id.to_string())));
        pairs.extend_pairs((self.shown != ShownImages::All).then(|| ("shown", self.shown.word())));
        address(&pairs.finish())
    }

    /// The recipe alone, as forms send it.
    pub fn draft(&self) -> String {
        Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The recipe alone, without what is looked at.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let texts = self.texts().into_iter().map(|(key, text)| (key, text.to_owned()));
        self.pairs_without_texts().into_iter().chain(texts).collect()
    }

    fn pairs_without_texts(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.checkpoint.map(|id| ("checkpoint", id.to_string())));
        pairs.extend(self.loras.iter().map(|row| ("lora", row.to_string())));
        pairs.extend(self.separate_clip.then(|| ("clip", "1".to_owned())));
        pairs.extend(self.settings.pairs());
        pairs.extend(self.seed.map(|seed| ("seed", seed.to_string())));
        pairs.extend(self.images.filter(|images| *images > 1).map(|images| ("images", images.to_string())));
        pairs
    }

    /// What may be of any script, where it is not empty.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let vae = self.vae.as_deref().unwrap_or_default();
        let all = [("vae", vae), ("prompt", self.prompt.as_str()), ("negative_prompt", self.negative_prompt.as_str())];
        all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }

    pub fn images(&self) -> u32 {
        self.images.unwrap_or(1)
    }

    pub fn has_lora(&self, id: Uuid) -> bool {
        self.loras.iter().any(|row| row.id == id)
    }
}

impl Picker {
    fn write(&self, pairs: &mut Serializer<'_, String>) {
        pairs.extend_pairs(self.open.then_some(("pick", "1")));
        pairs.extend_pairs((self.fit != FitChoice::Unset).then(|| ("fit", self.fit.word())));
        pairs.extend_pairs(self.tags.iter().map(|tag| ("tag", tag)));
        pairs.extend_pairs(self.bases.iter().map(|base| ("base", base)));
        pairs.extend_pairs(self.min_rating.map(|rating| ("minr", rating.to_string())));
        pairs.extend_pairs((self.sort != Sort::default()).then(|| ("sort", self.sort.to_string())));
        pairs.extend_pairs(self.cursor.as_ref().map(|place| ("cursor", place.to_string())));
        pairs.extend_pairs((!self.q.is_empty()).then_some(("q", &self.q)));
    }

    /// Names the list that the filters and the checkpoint make; a cursor of another list means its first page.
    pub fn list(&self, checkpoint: Option<Uuid>) -> u32 {
        let judged = checkpoint.filter(|_| !self.fit.grades().is_empty());
        let mut pairs = Serializer::new(String::new());
        Self { open: false, cursor: None, ..self.clone() }.write(&mut pairs);
        pairs.extend_pairs(judged.map(|id| ("checkpoint", id.to_string())));
        super::view::fingerprint(&pairs.finish())
    }
}

fn address(query: &str) -> String {
    if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
}
