//! Diffusion models, alone or with their VAE and text encoders.

use super::marks::{Mark, Marks};
use super::names::Names;
use super::rules::{Rules, TensorCondition, TensorRule};
use super::settle::{Found, settle};
use super::{Confidence, File, Identity, Kind};
use crate::gguf::VERSION_KEY;
use crate::header::Header;
use crate::meaning::file_name::words;

/// Fewer tensors make no diffusion model, unless the file has other proof of being one.
const FEWEST: usize = 20;

/// `None` unless a rule holds.
pub fn identify(rules: &Rules, file: &File, marks: &Marks) -> Option<Identity> {
    let is_full = marks.has(Mark::Component);
    let is_gguf = file.header.metadata.get(VERSION_KEY).is_some();
    if is_patch(file) {
        return None;
    }
    let Some((architecture, place, view)) = first_rule(rules, file) else {
        return is_gguf.then(|| by_claim(file)).flatten();
    };
    if view.keys < FEWEST && !is_full && !is_gguf {
        return None;
    }
    let fits = vec![architecture];
    let found = Found { fits, others: Vec::new(), confidence: Some(Confidence::High), rule: Some(place) };
    let kind = if is_full { Kind::Checkpoint } else { Kind::DiffusionModel };
    let mut identity = Identity::of(kind, settle(&found, &file.claimed));
    identity.variant = variant(rules, architecture, file.names, &view);
    Some(identity)
}

/// IC-Light comes as what to add to every number of a UNet, under the UNet's names: nothing can be made with it alone. Its
/// second kind takes more channels in than any UNet; of the first only the name tells.
fn is_patch(file: &File) -> bool {
    const FIRST: [&str; 4] = [
        "conv_in.weight",
        "unet.conv_in.weight",
        "diffusion_model.input_blocks.0.0.weight",
        "model.diffusion_model.input_blocks.0.0.weight",
    ];
    let named =
        || format!(" {} ", words(file.stem).trim()).contains(" iclight ") || words(file.stem).contains(" ic light ");
    match file.names.first_shape(&FIRST) {
        Some([320, 12, 3, 3]) => true,
        Some([320, 8, 3, 3]) => named(),
        _ => false,
    }
}

/// A quantised file may have renamed its tensors, and still say what it is.
fn by_claim(file: &File) -> Option<Identity> {
    let detection = settle(&Found::default(), &file.claimed);
    detection.architecture.is_some().then(|| Identity::of(Kind::DiffusionModel, detection))
}

/// The tensors below a prefix, named without it.
struct View<'a> {
    prefix: &'a str,
    keys: usize,
    /// Whether some name matches a pattern, by the pattern's place.
    matches: Vec<bool>,
}

fn views<'a>(rules: &'a Rules, header: &Header) -> Vec<View<'a>> {
    let prefixes = [""].into_iter().chain(rules.prefixes.iter().map(String::as_str));
    let mut views: Vec<View> = prefixes.map(|prefix| view(rules, header, prefix)).collect();
    views.retain(|view| view.keys > 0);
    views.sort_by_key(|view| std::cmp::Reverse(view.keys));
    views
}

fn view<'a>(rules: &Rules, header: &Header, prefix: &'a str) -> View<'a> {
    let mut view = View { prefix, keys: 0, matches: vec![false; rules.in_names.len()] };
    for name in header.tensors.iter().filter_map(|tensor| tensor.name.strip_prefix(prefix)) {
        view.keys += 1;
        rules.in_names.matches(name).for_each(|pattern| view.matches[pattern] = true);
    }
    view
}

/// Architecture, place of the rule among its own, and where it holds.
fn first_rule<'a>(rules: &'a Rules, file: &File) -> Option<(&'a str, usize, View<'a>)> {
    let mut views = views(rules, file.header);
    let holds =
        |rule: &TensorRule, view: &View| rule.all.iter().all(|condition| view.holds(rules, file.names, condition));
    for architecture in &rules.architectures {
        for (place, rule) in architecture.checkpoint_rules.iter().enumerate() {
            if let Some(at) = views.iter().position(|view| holds(rule, view)) {
                return Some((&architecture.id, place, views.swap_remove(at)));
            }
        }
    }
    None
}

impl View<'_> {
    fn holds(&self, rules: &Rules, names: &Names, condition: &TensorCondition) -> bool {
        match condition {
            TensorCondition::Key { k, d } if d.is_empty() => self.has(names, k),
            TensorCondition::Key { k, d } => d
                .iter()
                .all(|(axis, lengths)| self.axis(names, k, *axis).is_some_and(|length| lengths.contains(&length))),
            TensorCondition::NoKey { nk } => !self.has(names, nk),
            TensorCondition::NotOfAxes { na, axes } => {
                names.shape(&[self.prefix, na].concat()).is_none_or(|shape| shape.len() != *axes)
            }
            TensorCondition::Match { re } => self.matches(rules, re),
            TensorCondition::NoMatch { nre } => !self.matches(rules, nre),
            TensorCondition::Root { root } => names.has(root),
        }
    }

    fn matches(&self, rules: &Rules, pattern: &str) -> bool {
        self.matches.get(rules.in_names.place(pattern)) == Some(&true)
    }

    fn has(&self, names: &Names, key: &str) -> bool {
        names.has(&[self.prefix, key].concat())
    }

    fn axis(&self, names: &Names, key: &str, axis: usize) -> Option<u64> {
        names.shape(&[self.prefix, key].concat())?.get(axis).copied()
    }
}

/// Models of one architecture differ in what else their first layer takes in.
fn variant(rules: &Rules, architecture: &str, names: &Names, view: &View) -> Option<String> {
    let width = |keys: [&str; 2]| keys.iter().find_map(|key| view.axis(names, key, 1));
    if ["sd1", "sd2", "sdxl"].iter().any(|unet| architecture.starts_with(unet)) {
        return rules.variants.unet.get(&width(["input_blocks.0.0.weight", "conv_in.weight"])?).cloned();
    }
    if architecture.starts_with("wan-") {
        return wan(architecture, names, view).map(str::to_owned);
    }
    if architecture != "flux1" {
        return None;
    }
    let base =
        width(["img_in.weight", "x_embedder.weight"]).and_then(|width| rules.variants.flux1_img_in_dim1.get(&width));
    let guided = || if names.any(|name| name.contains("guidance")) { "dev" } else { "schnell" };
    Some(base.filter(|variant| *variant != "base").cloned().unwrap_or_else(|| guided().to_owned()))
}

fn wan(architecture: &str, names: &Names, view: &View) -> Option<&'static str> {
    let has = |key: &str| view.has(names, key);
    Some(match view.axis(names, "patch_embedding.weight", 1)? {
        _ if names.any(|name| name.contains("vace_blocks.")) => "vace",
        _ if has("img_emb.emb_pos") => "flf2v",
        16 => "t2v",
        32 => "camera",
        36 => "i2v",
        48 if architecture == "wan-5b" => "ti2v",
        48 => "fun-control",
        52 => "fun-inp",
        _ => return None,
    })
}
