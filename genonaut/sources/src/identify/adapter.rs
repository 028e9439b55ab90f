//! LoRAs and their relatives.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::modules::{Module, modules};
use super::rules::{AdapterRule, Rules};
use super::settle::{Found, settle};
use super::{Confidence, File, Identity, Kind, Rank};

/// `None` unless at least half of the tensors are an adapter's.
pub fn identify(rules: &Rules, file: &File) -> Option<Identity> {
    if file.names.has("lora_controlnet") {
        return Some(Identity::of(Kind::ControlLora, settle(&Found::by_shape(&["sdxl"]), &file.claimed)));
    }
    let (modules, hits) = modules(file.header);
    let methods: BTreeSet<_> = modules.iter().map(|module| module.method).filter(|method| *method != "other").collect();
    let by_number = ranks_by_number(file);
    if by_number.is_none() && (methods.is_empty() || hits * 2 < file.header.tensors.len()) {
        return None;
    }
    let kind = if is_control(file) { Kind::ControlLora } else { Kind::Lora };
    let mut identity = Identity::of(kind, settle(&found(rules, file, &modules), &file.claimed));
    identity.adapter = Some(label(&methods, &modules));
    identity.rank = rank(&modules).or_else(|| by_number.and_then(|ranks| of_ranks(&ranks, &[])));
    identity.alpha = file.header.metadata.get("ss_network_alpha").and_then(number);
    let targets: BTreeSet<_> = modules.iter().map(|module| module.target).collect();
    identity.components = targets.into_iter().map(str::to_owned).collect();
    Some(identity)
}

/// The first rule that holds decides; later ones only say what else it might be. One that holds by the adapter's own name
/// alone chooses among what the tensors allow, and leaves all of it possible.
fn found<'a>(rules: &'a Rules, file: &File, modules: &[Module]) -> Found<'a> {
    let evidence = Evidence::new(rules, file, modules);
    let satisfied: Vec<_> = rules.adapters.iter().enumerate().filter(|(_, rule)| evidence.satisfies(rule)).collect();
    let by_tensors = satisfied.iter().map(|(_, rule)| *rule).find(|rule| rule.patterns().next().is_none());
    let stands = |rule: &AdapterRule| {
        !evidence.only_names(rule) || by_tensors.is_none_or(|by_tensors| rules.allow(by_tensors, &rule.architecture))
    };
    let mut standing = satisfied.into_iter().filter(|(_, rule)| stands(rule));
    let Some((place, first)) = standing.next() else { return Found::default() };
    let is_named = evidence.only_names(first);
    let open = by_tensors.filter(|_| is_named).into_iter().flat_map(AdapterRule::fits);
    let mut fits: Vec<&str> = Vec::new();
    for id in first.fits().chain(open) {
        if !fits.contains(&id) {
            fits.push(id);
        }
    }
    Found {
        fits,
        others: standing.map(|(_, rule)| rule.architecture.as_str()).collect(),
        confidence: Some(if is_named { Confidence::Low } else { first.confidence }),
        rule: Some(place),
    }
}

/// FLUX's Canny and Depth LoRAs widen the input, and come with norms.
fn is_control(file: &File) -> bool {
    file.names.has("img_in.lora_A.weight") && file.names.any(|name| name.ends_with("norm.key_norm.scale"))
}

fn label(methods: &BTreeSet<&str>, modules: &[Module]) -> String {
    let is_lora = methods.is_empty() || methods.contains("lora");
    let label = match methods.first() {
        _ if is_lora && modules.iter().any(|module| module.is_convolution) => "locon",
        Some(first) if !is_lora => first,
        _ => "lora",
    };
    match (modules.iter().any(|module| module.has_dora), label) {
        (false, _) => label.to_owned(),
        (true, "lora" | "locon") => "dora".to_owned(),
        (true, _) => format!("{label}+dora"),
    }
}

fn rank(modules: &[Module]) -> Option<Rank> {
    let ranks = |of_convolutions| {
        let of_kind = modules.iter().filter(move |module| module.is_convolution == of_convolutions);
        of_kind.filter_map(|module| module.rank).filter(|rank| *rank > 0).collect::<Vec<_>>()
    };
    of_ranks(&ranks(false), &ranks(true))
}

fn of_ranks(ranks: &[u64], convolutions: &[u64]) -> Option<Rank> {
    let (min, max) = (ranks.iter().min()?, ranks.iter().max()?);
    Some(Rank { mode: most_frequent(ranks)?, min: *min, max: *max, conv: most_frequent(convolutions) })
}

/// Of equally frequent ones, the smallest.
fn most_frequent(ranks: &[u64]) -> Option<u64> {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b).rev();
    runs.max_by_key(|run| run.len()).map(|run| run[0])
}

/// The oldest LoRAs (cloneofsimo's) number their modules: `unet:0:down`. Their ranks, if this is one.
fn ranks_by_number(file: &File) -> Option<Vec<u64>> {
    let is_numbered = |name: &str| {
        let mut parts = name.split(':');
        let target = matches!(parts.next(), Some("unet" | "text_encoder"));
        let number = parts.next().is_some_and(|number| number.parse::<u32>().is_ok());
        target && number && matches!(parts.next(), Some("up" | "down")) && parts.next().is_none()
    };
    let tensors = file.header.tensors.iter().filter(|tensor| is_numbered(&tensor.name));
    let mut tensors = tensors.peekable();
    tensors.peek()?;
    let down = tensors.filter(|tensor| tensor.name.ends_with(":down"));
    Some(down.filter_map(|tensor| tensor.shape.as_ref()?.first().copied()).collect())
}

/// Trainers write `8.0`, `None` and `Dynamic`.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
