//! What can be said of any file: its number types, how they were packed, what it contains.

use std::collections::BTreeMap;

use super::{Identity, Kind};
use crate::header::{Header, Metadata, Tensor};

/// Fills in what does not depend on rules.
pub fn complete(identity: &mut Identity, header: &Header) {
    identity.tensors = header.tensors.len();
    for tensor in &header.tensors {
        if let Some(count) = identity.dtypes.get_mut(&tensor.dtype) {
            *count += 1;
        } else {
            identity.dtypes.insert(tensor.dtype.clone(), 1);
        }
    }
    identity.precision = precision(header);
    identity.quantization = quantization(header);
    let is_model = matches!(identity.kind, Kind::Checkpoint | Kind::DiffusionModel);
    if is_model {
        identity.components = components(header);
        identity.has_ema = has_prefix(header, EMA);
    }
    if is_model || identity.kind == Kind::Lora {
        identity.prediction_type = prediction_type(header);
        identity.zero_terminal_snr =
            has(header, "ztsnr") || header.metadata.get("ss_zero_terminal_snr") == Some("True");
    }
}

const EMA: &str = "model_ema.";

/// Prefixes in all-in-one checkpoints, and what stands below them.
const COMPONENTS: [(&str, &str); 7] = [
    ("first_stage_model.", "vae"),
    ("vae.", "vae"),
    ("cond_stage_model.transformer.", "clip_l"),
    ("cond_stage_model.model.", "clip_h"),
    ("conditioner.embedders.0.transformer.", "clip_l"),
    ("conditioner.embedders.0.model.", "clip_g"),
    ("conditioner.embedders.1.model.", "clip_g"),
];

/// No checkpoint has so many parts; a hostile header may name a part for each tensor.
const MOST_COMPONENTS: usize = 32;

/// Below it stand text encoders by their names.
const TEXT_ENCODERS: &str = "text_encoders.";

fn component(name: &str) -> Option<&str> {
    let known = COMPONENTS.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, component)| *component);
    known.or_else(|| name.strip_prefix(TEXT_ENCODERS)?.split('.').next())
}

fn components(header: &Header) -> Vec<String> {
    let mut components = vec!["unet".to_owned()];
    for component in header.tensors.iter().filter_map(|tensor| component(&tensor.name)) {
        if components.len() < MOST_COMPONENTS && !components.iter().any(|known| known == component) {
            components.push(component.to_owned());
        }
    }
    components
}

/// The type of most bytes, without VAE, text encoders and the averaged copy.
fn precision(header: &Header) -> Option<String> {
    let counts = |tensor: &&Tensor| component(&tensor.name).is_none() && !tensor.name.starts_with(EMA);
    let mut bytes: BTreeMap<&str, u128> = BTreeMap::new();
    for tensor in header.tensors.iter().filter(counts) {
        *bytes.entry(&tensor.dtype).or_default() += u128::from(tensor.bytes);
    }
    bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(dtype, _)| dtype.to_owned())
}

/// Endings of names that quantisers add.
const QUANTISERS: [(&str, &[&str]); 5] = [
    ("scaled-fp8", &[".scale_weight", ".weight_scale", "scaled_fp8"]),
    ("bnb-nf4", &[".quant_state.bitsandbytes__nf4"]),
    ("bnb-fp4", &[".quant_state.bitsandbytes__fp4"]),
    ("nunchaku", &[".wscales", ".wtscale", ".qweight"]),
    ("comfy", &["comfy_quant"]),
];

fn quantization(header: &Header) -> Vec<&'static str> {
    let mut found = [false; QUANTISERS.len()];
    for tensor in &header.tensors {
        for (found, (_, endings)) in found.iter_mut().zip(QUANTISERS) {
            *found |= endings.iter().any(|ending| tensor.name.ends_with(ending));
        }
    }
    QUANTISERS.iter().zip(found).filter(|(_, found)| *found).map(|((name, _), _)| *name).collect()
}

/// Marker tensors at the top level come first; then what the metadata says.
fn prediction_type(header: &Header) -> Option<&'static str> {
    match header {
        _ if has(header, "v_pred") => Some("v"),
        _ if has(header, "edm_vpred.sigma_max") => Some("edm-v"),
        _ if has(header, "edm_mean") && has(header, "edm_std") => Some("edm"),
        _ => claimed_prediction(&header.metadata),
    }
}

fn claimed_prediction(metadata: &Metadata) -> Option<&'static str> {
    match metadata.get("modelspec.prediction_type") {
        Some("v") => return Some("v"),
        Some("epsilon") => return Some("epsilon"),
        _ => {}
    }
    let is_v = metadata.get("modelspec.architecture").is_some_and(|text| text.contains("-768-v"))
        || metadata.get("ss_base_model_version").is_some_and(|text| text.ends_with("_v"));
    is_v.then_some("v")
}

fn has(header: &Header, name: &str) -> bool {
    header.tensors.iter().any(|tensor| tensor.name == name)
}

fn has_prefix(header: &Header, prefix: &str) -> bool {
    header.tensors.iter().any(|tensor| tensor.name.starts_with(prefix))
}
