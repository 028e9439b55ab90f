//! What the metadata claims about the architecture, in the spellings of all trainers.

use std::collections::HashMap;

use super::rules::{Architecture, KnownHashes};
use crate::architectures::normalise;
use crate::header::Metadata;
use crate::meaning::file_name::words;

/// Architectures by spelling.
type Spellings = HashMap<String, Vec<String>>;

pub struct Claims {
    modelspec: Spellings,
    trained_on: Spellings,
    aliases: Spellings,
    modules: Spellings,
    gguf: Spellings,
    known: KnownHashes,
}

/// Architectures that trainers call by their parent's name.
const CHILDREN: [(&str, &str, &str); 3] =
    [("flux1", "chroma", "chroma"), ("sdxl", "kolors", "kolors"), ("sdxl", "playground-v2.5", "playground")];

/// Trainers' modules that serve several architectures.
const SHARED_MODULES: [&str; 3] = ["networks.lora", "lora", "lycoris.kohya"];

impl Claims {
    pub fn new(architectures: &[Architecture], known: KnownHashes) -> Self {
        let spellings = |of: fn(&Architecture) -> &[String], normal: fn(&str) -> String| {
            let mut spellings = Spellings::new();
            for architecture in architectures {
                for spelling in of(architecture) {
                    let ids = spellings.entry(normal(spelling)).or_default();
                    if !ids.contains(&architecture.id) {
                        ids.push(architecture.id.clone());
                    }
                }
            }
            spellings
        };
        Self {
            modelspec: spellings(|it| &it.modelspec_ids, normalise),
            trained_on: spellings(|it| &it.ss_base_model_versions, normalise),
            aliases: spellings(|it| &it.aliases, normalise),
            modules: spellings(|it| &it.ss_network_modules, str::to_owned),
            gguf: spellings(|it| &it.gguf_architectures, str::to_owned),
            known,
        }
    }

    /// Architectures that the metadata claims, likeliest first.
    pub fn of<'a>(&'a self, metadata: &Metadata) -> Vec<&'a str> {
        let by_name = self.by_name(metadata);
        if !by_name.is_empty() {
            return by_name;
        }
        let known = self.by_base(metadata);
        known.map_or_else(|| self.by_trainer(metadata), |id| vec![id])
    }

    fn by_name(&self, metadata: &Metadata) -> Vec<&str> {
        let text = |key| normalise(metadata.get(key).unwrap_or_default());
        let full = text("modelspec.architecture");
        let base = full.split('/').next().unwrap_or_default();
        let trained_on = text("ss_base_model_version");
        let sources = [(full.as_str(), &self.modelspec), (base, &self.modelspec), (&trained_on, &self.trained_on)];
        let found =
            sources.iter().find_map(|(text, spellings)| spellings.get(*text).or_else(|| self.aliases.get(*text)));
        let mut ids: Vec<&str> = found.into_iter().flatten().map(String::as_str).collect();
        for (parent, child, name) in CHILDREN {
            if ids.contains(&parent) && !ids.contains(&child) && says(metadata, name) {
                ids.insert(0, child);
            }
        }
        ids
    }

    /// What the base that was trained on is known to be, by its number or hash.
    fn by_base(&self, metadata: &Metadata) -> Option<&str> {
        let number = metadata.get("ss_sd_model_name").and_then(|name| name.strip_suffix(".safetensors"));
        let numbers = &self.known.civitai_trainer_model_version_ids;
        let by_number = number.and_then(|number| numbers.get(number));
        let by_hash = || self.known.sha256.get(metadata.get("ss_new_sd_model_hash")?);
        let is_base = |id: &&str| !id.contains(':');
        by_number.or_else(by_hash).map(|(id, _)| id.as_str()).filter(is_base)
    }

    fn by_trainer(&self, metadata: &Metadata) -> Vec<&str> {
        let module = metadata.get("ss_network_module").unwrap_or_default().trim().to_lowercase();
        let by_module = self.modules.get(&module).filter(|_| !SHARED_MODULES.contains(&module.as_str()));
        let by_gguf = || self.gguf.get(metadata.get("general.architecture")?);
        if let Some(ids) = by_module.or_else(by_gguf) {
            return ids.iter().map(String::as_str).collect();
        }
        match metadata.get("ss_v2") {
            Some("True") => vec!["sd2"],
            Some("False") if module.starts_with("networks.lora") => vec!["sd1"],
            _ => Vec::new(),
        }
    }
}

/// Whether the checkpoint that was trained on is called so; what an adapter itself is called says what it shows.
fn says(metadata: &Metadata, word: &str) -> bool {
    let name = metadata.get("ss_sd_model_name").map(words).unwrap_or_default();
    name.split(' ').any(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()) == word)
}
