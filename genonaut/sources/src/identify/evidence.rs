//! Whether the conditions of a rule about adapters hold.

use super::File;
use super::modules::Module;
use super::rules::{AdapterCondition, AdapterRule, Rules};
use crate::meaning::file_name::words;

/// What the conditions are asked of.
pub struct Evidence<'a> {
    rules: &'a Rules,
    file: &'a File<'a>,
    modules: &'a [Module],
    /// For each pattern, which modules of the diffusion model match it.
    matching: Vec<Vec<usize>>,
    /// Which patterns the metadata matches, and which the adapter's own names.
    in_metadata: Vec<usize>,
    in_names: Vec<usize>,
}

/// Keys that say, in words, what an adapter was trained on.
const TELLING: [&str; 4] = ["modelspec.architecture", "ss_base_model_version", "ss_network_module", "ss_sd_model_name"];

impl<'a> Evidence<'a> {
    pub fn new(rules: &'a Rules, file: &'a File, modules: &'a [Module]) -> Self {
        let mut matching = vec![Vec::new(); rules.in_modules.len()];
        for (place, module) in modules.iter().enumerate().filter(|(_, module)| module.target == "unet") {
            rules.in_modules.matches(&module.path).for_each(|pattern| matching[pattern].push(place));
        }
        let text = |key: &&str| file.header.metadata.get(key).unwrap_or_default();
        let find = |texts: Vec<&str>| rules.in_metadata.matches(&words(&texts.join(" "))).collect();
        let in_metadata = find(TELLING.iter().map(text).collect());
        let in_names = find(vec![text(&"modelspec.title"), file.stem]);
        Self { rules, file, modules, matching, in_metadata, in_names }
    }

    /// Whether nothing but what the adapter is called speaks for a rule: that may be what it shows.
    pub fn only_names(&self, rule: &AdapterRule) -> bool {
        rule.patterns().any(|meta| !self.in_metadata.contains(&self.rules.in_metadata.place(meta)))
    }

    pub fn satisfies(&self, rule: &AdapterRule) -> bool {
        rule.all.iter().all(|condition| self.holds(condition))
    }

    fn holds(&self, condition: &AdapterCondition) -> bool {
        use AdapterCondition::*;
        match condition {
            Module { m, r#in, out } => {
                self.matching(m).any(|module| fits(module.input, r#in) && fits(module.output, out))
            }
            NoModule { nm } => self.matching(nm).next().is_none(),
            TextEncoders { te } => te.iter().all(|(target, widths)| self.has_text_encoder(target, widths)),
            NoWidth { nowidth } => *nowidth == self.has_no_widths(),
            Prefix { prefix } => self.file.names.any(|name| name.starts_with(prefix)),
            Metadata { meta } => {
                let place = self.rules.in_metadata.place(meta);
                self.in_metadata.contains(&place) || self.in_names.contains(&place)
            }
            Cloneofsimo { cloneofsimo } => self.is_cloneofsimo(*cloneofsimo),
        }
    }

    fn matching(&self, pattern: &str) -> impl Iterator<Item = &Module> {
        let places = self.matching.get(self.rules.in_modules.place(pattern));
        places.into_iter().flatten().map(|place| &self.modules[*place])
    }

    fn has_text_encoder(&self, target: &str, widths: &[u64]) -> bool {
        let of_width =
            |module: &&Module| module.target == target && module.input.is_some_and(|width| widths.contains(&width));
        self.modules.iter().filter(of_width).any(|module| is_clip(&module.path))
    }

    fn has_no_widths(&self) -> bool {
        let mut unet = self.modules.iter().filter(|module| module.target == "unet").peekable();
        unet.peek().is_some() && unet.all(|module| module.input.is_none_or(|width| width == 0))
    }

    fn is_cloneofsimo(&self, width: u64) -> bool {
        let is_down = |name: &str| name.starts_with("text_encoder:") && name.ends_with(":down");
        let of_width = |name: &str| self.file.names.shape(name).and_then(<[u64]>::last) == Some(&width);
        self.file.names.any(|name| name.starts_with("unet:0:"))
            && self.file.names.any(|name| is_down(name) && of_width(name))
    }
}

/// A condition on a width that is unknown never holds.
fn fits(width: Option<u64>, allowed: &Option<Vec<u64>>) -> bool {
    allowed.as_ref().is_none_or(|allowed| width.is_some_and(|width| allowed.contains(&width)))
}

/// Whether a module is one that CLIP has: adapters of language models are as wide.
fn is_clip(path: &str) -> bool {
    let Some(at) = path.rfind("encoder_layers_").filter(|at| *at == 0 || path.as_bytes()[at - 1] == b'_') else {
        return false;
    };
    let layer = &path[at + "encoder_layers_".len()..];
    let part = layer.trim_start_matches(|c: char| c.is_ascii_digit());
    let parts = ["q", "k", "v", "out"].map(|name| format!("_self_attn_{name}_proj"));
    part.len() < layer.len() && (part == "_mlp_fc1" || parts.iter().any(|known| known == part))
}
