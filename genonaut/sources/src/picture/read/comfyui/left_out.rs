//! What a graph does that no recipe here does.

use serde_json::{Map, Value};

use super::super::Made;
use super::{class, inputs};
use crate::picture::report::{Feature, Reason};
use crate::picture::values::float;

/// Features that a node's class names by how it begins.
const BY_CLASS: [Feature; 9] = [
    Feature::ControlNet,
    Feature::IpAdapter,
    Feature::Detailer,
    Feature::FaceRestoration,
    Feature::Upscaling,
    Feature::Inpainting,
    Feature::Refiner,
    Feature::Guidance,
    Feature::RegionalPrompts,
];
/// Others whose classes begin with something else.
const CLASSES: [(&str, Feature); 8] = [
    ("ImageUpscaleWithModel", Feature::Upscaling),
    ("LatentUpscale", Feature::HiresFix),
    ("InpaintModelConditioning", Feature::Inpainting),
    ("VAEEncodeForInpaint", Feature::Inpainting),
    ("ConditioningSetArea", Feature::RegionalPrompts),
    ("ConditioningSetMask", Feature::RegionalPrompts),
    ("HypernetworkLoader", Feature::Hypernetwork),
    ("StyleModelApply", Feature::IpAdapter),
];

/// Reports what was taken from the sampler, and the nodes whose work is left out.
pub fn report(graph: &Map<String, Value>, sampler: &Value, made: &mut Made) {
    let count = |value: Option<u32>| value.map(|value| value.to_string());
    let taken = [
        ("steps", count(made.steps)),
        ("cfg", made.cfg.map(|cfg| cfg.to_string())),
        ("seed", made.seed.map(|seed| seed.to_string())),
        ("width", count(made.width)),
        ("height", count(made.height)),
        ("clip_skip", count(made.clip_skip)),
        ("checkpoint", made.checkpoint.as_ref().map(|model| model.name.clone())),
    ];
    for (field, value) in taken {
        value.into_iter().for_each(|value| made.report.take(field, &value));
    }
    for lora in &made.loras {
        made.report.take("lora", &format!("{} {}", lora.model.name, lora.weight));
    }
    if let Some(denoise) = inputs(sampler).get("denoise").and_then(float).filter(|denoise| *denoise < 1.0) {
        made.report.leave_out("denoise", &denoise.to_string(), Reason::Feature(Feature::ImageToImage));
    }
    for node in graph.values() {
        if let Some(feature) = feature(class(node)) {
            made.report.leave_out("node", class(node), Reason::Feature(feature));
        }
    }
}

fn feature(class: &str) -> Option<Feature> {
    let listed = CLASSES.iter().find(|(begin, _)| class.starts_with(begin)).map(|(_, feature)| *feature);
    let loads = class.ends_with("Loader") || class.ends_with("Preprocessor");
    listed.or_else(|| Feature::of(class).filter(|feature| !loads && BY_CLASS.contains(feature)))
}
