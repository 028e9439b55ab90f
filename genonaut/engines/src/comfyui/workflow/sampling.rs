//! From words and noise to an image.

use super::SAMPLER;
use super::family::Family;
use super::graph::{Graph, Link};
use super::loading::Loaded;
use crate::Request;

/// What sampling starts from: nothing, or the uploaded picture at the request's size.
pub(super) fn latent(graph: &mut Graph, request: &Request, family: &Family, init: Option<&str>, vae: &Link) -> Link {
    let (width, height) = (request.width.into(), request.height.into());
    let Some(name) = init else {
        return graph.add("5", family.latent, [("width", width), ("height", height), ("batch_size", 1.into())]);
    };
    let picture = graph.add("16", "LoadImage", [("image", name.into())]);
    let scaled = graph.add(
        "17",
        "ImageScale",
        [
            ("image", picture.into()),
            ("upscale_method", "lanczos".into()),
            ("width", width),
            ("height", height),
            ("crop", "center".into()),
        ],
    );
    graph.add("5", "VAEEncode", [("pixels", scaled.into()), ("vae", vae.into())])
}

pub(super) fn image(graph: &mut Graph, request: &Request, family: &Family, loaded: &Loaded, latent: &Link) -> Link {
    let (positive, negative) = words(graph, request, family, &loaded.clip);
    let denoise = request.init.as_ref().map_or(1.0, |init| init.denoise);
    let sampled = graph.add(
        SAMPLER,
        "KSampler",
        [
            ("seed", request.seed.into()),
            ("steps", request.steps.into()),
            ("cfg", request.cfg.into()),
            ("sampler_name", request.sampler.as_str().into()),
            ("scheduler", request.scheduler.as_str().into()),
            ("denoise", denoise.into()),
            ("model", (&loaded.model).into()),
            ("positive", positive.into()),
            ("negative", negative.into()),
            ("latent_image", latent.into()),
        ],
    );
    graph.add("8", "VAEDecode", [("samples", sampled.into()), ("vae", (&loaded.vae).into())])
}

fn words(graph: &mut Graph, request: &Request, family: &Family, clip: &Link) -> (Link, Link) {
    let mut encode = |id, text: &str| graph.add(id, "CLIPTextEncode", [("text", text.into()), ("clip", clip.into())]);
    let positive = encode("6", &request.prompt);
    // At a scale of 1 the negative prompt has no say, and a language model takes long to read it.
    let negative = match request.cfg == 1.0 {
        true => graph.add("7", "ConditioningZeroOut", [("conditioning", (&positive).into())]),
        false => encode("7", &request.negative_prompt),
    };
    let Some(guidance) = request.guidance.filter(|_| family.guidance) else { return (positive, negative) };
    let inputs = [("conditioning", positive.into()), ("guidance", guidance.into())];
    (graph.add("15", "FluxGuidance", inputs), negative)
}
